package jkvm.device.ide;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same commands to QEMU's drives and to these, with the same content. Two answers are not compared: QEMU's drive
 * tells one feature of GET CONFIGURATION where MMC wants three, and bytes of earlier answers in the page of audio.
 */
@Timeout(60)
class IdeJudgeTest {
    /** Commands of a disk without data: features, count, address, device, opcode. */
    private static final int[][] COMMANDS = {{0, 0, 0, 0xE0, 0xE7}, {0, 0, 0, 0xE0, 0xEA}, {0, 0, 0, 0xE0, 0xE5},
        {0, 1, 5, 0xE0, 0x40}, {0, 0, 0, 0xE0, 0x10}, {0, 0, 0, 0xE0, 0xF8}, {0, 0, 0, 0xE0, 0x27},
        {3, 0x42, 0, 0xE0, 0xEF}, {3, 0x22, 0, 0xE0, 0xEF}, {3, 0x0C, 0, 0xE0, 0xEF}, {0x82, 0, 0, 0xE0, 0xEF},
        {2, 0, 0, 0xE0, 0xEF}, {0x77, 0, 0, 0xE0, 0xEF}, {0, 16, 0, 0xE0, 0xC6}, {0, 7, 0, 0xE0, 0xC6},
        {0xD8, 0, 0xC24F00, 0xE0, 0xB0}, {0xDA, 0, 0xC24F00, 0xE0, 0xB0}, {0xDA, 0, 0, 0xE0, 0xB0},
        {0, 0, 0, 0xE0, 0xA1}, {0, 0, 0, 0xE0, 0xFF}, {0, 0, 0, 0xE0, 0x90}, {0, 0, 0, 0xE0, 0x08}};
    /** Packets with the room for their answers. */
    private static final List<String> PACKETS = List.of("00", "12 00 00 00 24", "12 00 00 00 60", "25",
            "43 00 00 00 00 00 00 00 40", "43 02 00 00 00 00 00 00 40", "43 00 00 00 00 00 aa 00 40",
            "43 00 00 00 00 00 00 00 0c 40", "4a 01 00 00 10 00 00 00 08", "4a 01 00 00 02 00 00 00 08",
            "4a 00 00 00 10 00 00 00 08", "51 00 00 00 00 00 00 00 22", "5a 00 01 00 00 00 00 00 40",
            "5a 00 2a 00 00 00 00 00 40", "5a 00 c1 00 00 00 00 00 40", "bd 00 00 00 00 00 00 00 00 08",
            "28 00 00 00 00 64 00 00 02", "a8 00 00 00 00 03 00 00 00 01", "be 00 00 00 00 01 00 00 01 10",
            "be 00 00 00 00 01 00 00 01 f8", "28 00 00 00 01 00 00 00 01", "ff", "1e 00 00 00 01", "1b 00 00 00 02",
            "1e", "1b 00 00 00 02", "00", "1b 00 00 00 03", "00", "bb", "2b 00 00 00 00 01");

    @TempDir
    private Path folder;

    private interface Driver {
        List<String> drive(IdePorts ports) throws IOException;
    }

    private void compare(Driver driver) throws IOException {
        assumeTrue(QemuIdePorts.isPresent(), "qemu-system-x86_64 is not installed");
        IdeFixture ours = new IdeFixture();
        try (QemuIdePorts qemu = new QemuIdePorts(folder, ours.disk.content, ours.disc.content)) {
            assertEquals(String.join("\n", driver.drive(qemu)), String.join("\n", driver.drive(ours)));
        }
    }

    /** Sixteen bytes a line. */
    private static void dump(List<String> lines, String title, byte[] bytes) {
        for (int i = 0; i < bytes.length; i += 16) {
            lines.add("%s %03x: %s".formatted(title, i,
                    HexFormat.of().formatHex(bytes, i, Math.min(bytes.length, i + 16))));
        }
    }

    @Test
    void shouldIdentifyAsQemusDrives() throws Exception {
        compare(ports -> {
            List<String> lines = new ArrayList<>();
            ports.command(IdePorts.PRIMARY, 0, 0, 0, 0xA0, 0xEC);
            dump(lines, "disk", ports.readBlocks(IdePorts.PRIMARY, 512, 512));
            ports.command(IdePorts.SECONDARY, 0, 0, 0, 0xA0, 0xA1);
            dump(lines, "CD", ports.readBlocks(IdePorts.SECONDARY, 512, 512));
            ports.command(IdePorts.SECONDARY, 0, 0, 0, 0xA0, 0xEC);
            lines.add(ports.registers(IdePorts.SECONDARY));
            ports.out(0x3F6, 1, 4);
            ports.out(0x3F6, 1, 0);
            ports.out(0x376, 1, 4);
            ports.out(0x376, 1, 0);
            lines.add(ports.registers(IdePorts.PRIMARY));
            lines.add(ports.registers(IdePorts.SECONDARY));
            ports.out(IdePorts.PRIMARY + 6, 1, 0xB0);
            lines.add("second: status %02x".formatted(ports.status(IdePorts.PRIMARY)));
            return lines;
        });
    }

    @Test
    void shouldEndCommandsAsQemusDisks() throws Exception {
        compare(ports -> {
            List<String> lines = new ArrayList<>();
            // QEMU forgets modes that were set before the first IDENTIFY.
            ports.command(IdePorts.PRIMARY, 0, 0, 0, 0xA0, 0xEC);
            ports.readBlocks(IdePorts.PRIMARY, 512, 512);
            for (int[] each : COMMANDS) {
                ports.command(IdePorts.PRIMARY, each[0], each[1], each[2], each[3], each[4]);
                int status = ports.status(IdePorts.PRIMARY);
                lines.add("%02x %02x: status %02x error %02x count %02x".formatted(each[4], each[0], status,
                        ports.in(IdePorts.PRIMARY + 1, 1), ports.in(IdePorts.PRIMARY + 2, 1)));
            }
            ports.command(IdePorts.PRIMARY, 0, 0, 0, 0xA0, 0xEC);
            dump(lines, "disk", ports.readBlocks(IdePorts.PRIMARY, 512, 512));
            return lines;
        });
    }

    @Test
    void shouldAnswerPacketsAsQemusCdRom() throws Exception {
        compare(ports -> {
            List<String> lines = new ArrayList<>();
            for (String packet : PACKETS) {
                int[] bytes = Arrays.stream(packet.split(" ")).mapToInt(b -> Integer.parseInt(b, 16)).toArray();
                ports.packet(0, 0xFFFE, bytes);
                byte[] answer = ports.readBlocks(IdePorts.SECONDARY, 2, 8192);
                dump(lines, packet, Arrays.copyOf(answer, Math.min(answer.length, 96)));
                lines.add("%s: %d bytes, status %02x error %02x reason %x".formatted(packet, answer.length,
                        ports.status(IdePorts.SECONDARY), ports.in(IdePorts.SECONDARY + 1, 1),
                        ports.in(IdePorts.SECONDARY + 2, 1) & 7));
                if ((ports.status(IdePorts.SECONDARY) & TaskFile.ERR) != 0) {
                    ports.packet(0, 18, 0x03, 0, 0, 0, 18);
                    dump(lines, "sense", ports.readBlocks(IdePorts.SECONDARY, 18, 18));
                }
            }
            return lines;
        });
    }
}

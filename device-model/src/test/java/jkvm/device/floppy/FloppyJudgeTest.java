package jkvm.device.floppy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import jkvm.host.disk.MemoryDisk;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same commands to QEMU's controller and to this one, with the same disk. */
class FloppyJudgeTest {
    private static final int RANDOM_TRANSFERS = 60;
    private static final int SECTOR = MemoryDisk.SECTOR_SIZE;

    /**
     * Commands whose answers are the same on both. QEMU's DUMPREG differs from the data sheet in SPECIFY's bytes, and
     * its commands to another drive select that.
     */
    private static final int[][] COMMANDS = {
        {0x08}, {0x10}, {0x18}, {0x14}, {0x94}, {0x14}, {0x03, 0xDF, 0x02}, {0x04, 0}, {0x04, 4}, {0x04, 1},
        {0x07, 0}, {0x08}, {0x0F, 0, 5}, {0x08}, {0x0F, 0, 100}, {0x08},
        {0x8F, 0, 1}, {0x08}, {0xCF, 0, 4}, {0x08}, {0xCF, 0, 0xFF}, {0x08}, {0x8F, 0, 0xFF}, {0x08},
        {0x00}, {0x1F}, {0x01}, {0x33, 1}, {0x12, 0x82}, {0x4A, 0}, {0x4A, 4}, {0x4A, 0},
        {0x46, 0, 0, 0, 19, 2, 19, 0x1B, 0xFF}, {0x46, 0, 81, 0, 1, 2, 18, 0x1B, 0xFF},
        {0x46, 0, 0, 0, 5, 2, 4, 0x1B, 0xFF}, {0x46, 0, 0, 0, 5, 0, 5, 0x1B, 0x20},
        {0x46, 0, 0, 0, 5, 1, 6, 0x1B, 0xFF}, {0x46, 0, 0, 0, 5, 3, 6, 0x1B, 0xFF},
        {0x42, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF}, {0x4C, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF},
        {0x49, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF}, {0x56, 0, 0, 0, 1, 2, 18, 0x1B, 0xFF},
        {0x46, 0, 0, 0, 5, 2, 3, 0x1B, 0xFF}, {0x46, 0, 0, 1, 3, 2, 18, 0x1B, 0xFF}};

    @TempDir
    private Path folder;

    @BeforeAll
    static void needsQemu() {
        assumeTrue(QemuFloppyPorts.isPresent(), "qemu-system-x86_64 is not installed");
    }

    private QemuFloppyPorts qemu(FloppyFixture ours) throws IOException {
        Path image = Files.write(folder.resolve("f.img"), ours.diskA.content);
        return new QemuFloppyPorts(folder, "-drive", "if=floppy,format=raw,file=" + image);
    }

    private static List<String> answers(FloppyPorts ports) throws IOException {
        List<String> answers = new ArrayList<>();
        ports.start();
        for (int[] command : COMMANDS) {
            ports.program(FloppyPorts.TO_MEMORY, 2 * SECTOR);
            answers.add("%02x: %s, dma %s, status %02x, changed %02x".formatted(command[0], ports.command(command),
                    ports.programmed(), ports.in(0x3F1), ports.in(FloppyPorts.CHANGE)));
            ports.out(FloppyPorts.OUTPUT, 0x1C);
        }
        return answers;
    }

    @Test
    void shouldAnswerCommandsAsQemu() throws Exception {
        FloppyFixture ours = new FloppyFixture();
        try (QemuFloppyPorts qemu = qemu(ours)) {
            assertEquals(String.join("\n", answers(qemu)), String.join("\n", answers(ours)));
        }
    }

    /** Reads and writes of random lengths at random places by a seeded generator. */
    private static List<String> transfers(FloppyPorts ports) throws IOException {
        Random random = new Random(42);
        List<String> answers = new ArrayList<>();
        ports.start();
        for (int i = 0; i < RANDOM_TRANSFERS; i++) {
            boolean writes = random.nextBoolean();
            int head = random.nextInt(2);
            ports.program(writes ? FloppyPorts.FROM_MEMORY : FloppyPorts.TO_MEMORY, 1 + random.nextInt(20_000));
            answers.add(ports.command((writes ? 0x45 : 0x46) | random.nextInt(2) << 7, head << 2, random.nextInt(79),
                    head, 1 + random.nextInt(18), 2, 1 + random.nextInt(18), 0x1B, 0xFF) + " " + ports.programmed());
        }
        return answers;
    }

    @Test
    void shouldReadAndWriteAsQemu() throws Exception {
        FloppyFixture ours = new FloppyFixture();
        try (QemuFloppyPorts qemu = qemu(ours)) {
            qemu.fill(FloppyPorts.BUFFER, 0x10000, 0x5A);
            ours.memory.fill(FloppyPorts.BUFFER, 0x10000, (byte) 0x5A);
            assertEquals(String.join("\n", transfers(qemu)), String.join("\n", transfers(ours)));
        }
        assertArrayEquals(Files.readAllBytes(folder.resolve("f.img")), ours.diskA.content);
    }
}

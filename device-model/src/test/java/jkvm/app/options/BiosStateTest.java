package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import jkvm.guest.GuestImages;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The built-in BIOS hands the machine to a boot sector as SeaBIOS 1.16.2 does under QEMU 7.2.22. */
@Timeout(60)
class BiosStateTest {
    private static final long DISK_SIZE = 64 << 20;
    /** The ticks since midnight. */
    private static final String TICKS = "(?<=0460( \\w\\w){12}) \\w\\w \\w\\w \\w\\w \\w\\w";
    /**
     * The same boot sector's text under SeaBIOS, but for what a terminal of 25 lines of 80 letters adds (at 449h, 44Ah,
     * 451h, 484h). Of the vectors, those to 1Ah.
     */
    private static final String SEABIOS = """
            0000 7C00 0000 0000 0000 6F04
            AA55 0000 0080 0000 0000 0000 0200 0010
            B8 8E 00 0C
            0400 00 00 00 00 00 00 00 00 00 00 00 00 00 00 C0 9F
            0410 06 00 00 7F 02 00 00 00 00 00 1E 00 1E 00 00 00
            0420 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            0430 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            0440 00 00 00 00 00 00 00 00 00 03 50 00 00 00 00 00
            0450 00 01 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            0460 00 00 00 00 00 00 00 00 00 00 00 00
            0470 00 00 00 00 00 01 C0 00 00 00 00 00 00 00 00 00
            0480 1E 00 3E 00 18 00 00 00 00 00 00 00 00 00 00 00
            0490 00 00 00 00 00 00 10 00 00 00 00 00 00 00 00 00
            04A0 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00 00
            FFFFFFFFFFFFFFFFFFFFFFFFFFF""";

    @TempDir
    private Path folder;

    @Test
    void shouldBeThatOfSeaBiosUnderQemu() throws Exception {
        List<String> words = List.of("-nodefaults", "-display", "none", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "isa-debugcon,iobase=0xea,chardev=machine",
                "-chardev", "null,id=machine", "-drive",
                "if=virtio,format=raw,file=" + disk());

        String state = OptionMachines.output(QemuOptions.parse(words, DeviceTypes.builtIn()).machine());

        assertEquals(SEABIOS, state.lines().map(String::strip).map(line -> line.replaceAll(TICKS, ""))
                .map(line -> line.startsWith("FF") ? line.substring(0, 0x1B) : line)
                .collect(Collectors.joining("\n")));
    }

    private Path disk() throws IOException {
        Path disk = folder.resolve("disk");
        Files.copy(GuestImages.folder("device-model", "src/test/resources/jkvm/bootsector").resolve("state.bin"), disk);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(DISK_SIZE);
        }
        return disk;
    }
}

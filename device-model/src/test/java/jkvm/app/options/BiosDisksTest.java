package jkvm.app.options;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.InputStream;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import jkvm.guest.GuestImages;
import jkvm.machine.config.DeviceTypes;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The answers of the built-in BIOS to 44 calls of INT 13h for each drive, beside those that SeaBIOS 1.16.2 gave under
 * QEMU 7.2.22 to the same boot program, with the same disks. Addresses of tables are the BIOS's own affair.
 */
@Timeout(60)
class BiosDisksTest {
    private static final String IMAGES = "src/test/resources/jkvm/bootsector";

    @TempDir
    private Path folder;

    private String disk(String name, long size) throws IOException {
        Path disk = folder.resolve(name);
        Files.copy(GuestImages.folder("device-model", IMAGES).resolve("disks.bin"), disk);
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(size);
        }
        return disk.toString();
    }

    private static String pinned(String name) throws IOException {
        try (InputStream in = BiosDisksTest.class.getResourceAsStream("/jkvm/biosdisks/" + name)) {
            return new String(in.readAllBytes(), StandardCharsets.US_ASCII).lines().map(String::strip)
                    .collect(Collectors.joining("\n"));
        }
    }

    /** The lines of some drives. */
    private static String answers(List<String> words, String drives) throws Exception {
        List<String> all = new ArrayList<>(List.of("-nodefaults", "-display", "none", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4", "-device", "isa-debugcon,iobase=0xea,chardev=machine",
                "-chardev", "null,id=machine"));
        all.addAll(words);
        return OptionMachines.output(QemuOptions.parse(all, DeviceTypes.builtIn()).machine()).lines()
                .filter(line -> line.matches(".{17}(" + drives + ") =.*")).map(String::strip)
                .collect(Collectors.joining("\n"));
    }

    @Test
    void shouldAnswerForVirtioDisksAsSeaBios() throws Exception {
        List<String> words = List.of("-drive", "if=virtio,format=raw,file=" + disk("small", 10 << 20), "-drive",
                "if=virtio,format=raw,file=" + disk("large", 9L << 30));

        assertEquals(pinned("virtio.txt"), answers(words, "80|81"));
    }
}

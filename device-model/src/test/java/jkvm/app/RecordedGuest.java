package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jkvm.guest.GuestImages;

/** The guest of {@code recorded.S}, each of whose steps is known, with its disk and its card. */
public final class RecordedGuest {
    /** The id of its disk. */
    public static final String DISK = "root";
    /** The id of its card. */
    public static final String CARD = "lan";
    private static final int SUCCESS = 1;
    private static final int DISK_SIZE = 1 << 20;
    private static final int SECTOR = 3 * 512;
    private static final int SECTOR_CONTENT = 0x12345678;

    private RecordedGuest() {
    }

    /** The options of a run; {@code folder} gets the disk. */
    public static List<String> options(String accelerator, Path folder) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(DISK_SIZE).order(ByteOrder.LITTLE_ENDIAN);
        content.putInt(SECTOR, SECTOR_CONTENT);
        Path disk = Files.write(folder.resolve("disk.raw"), content.array());
        Path image = GuestImages.folder("device-model", "src/test/resources/jkvm/multiboot").resolve("recorded.bin");
        return List.of("-accel", accelerator, "-m", "32", "-nodefaults", "-display", "none", "-serial",
                "file:" + folder.resolve("serial"),
                "-device", "isa-debug-exit,iobase=0xf4,iosize=4", "-kernel", image.toString(),
                "-drive", "file=" + disk + ",format=raw,if=none,id=drive",
                "-device", "virtio-blk-pci,id=" + DISK + ",drive=drive,addr=5,disable-legacy=on",
                "-netdev", "user,id=net",
                "-device", "virtio-net-pci,id=" + CARD + ",netdev=net,addr=6,disable-legacy=on");
    }

    /**
     * Runs it and records everything.
     *
     * @return the recording
     */
    public static Path record(String accelerator, Path folder) throws IOException {
        Path recording = folder.resolve(accelerator + ".jfr");
        List<String> words = new ArrayList<>(options(accelerator, folder));
        words.addAll(List.of("-trace", "jfr=" + recording + ",settings=jkvm-all"));
        ByteArrayOutputStream messages = new ByteArrayOutputStream();

        int status = Main.run(words, new PrintStream(OutputStream.nullOutputStream()), new PrintStream(messages, true));

        String text = messages.toString(StandardCharsets.UTF_8) + Files.readString(folder.resolve("serial"));
        assertEquals(SUCCESS, status, text);
        assertFalse(text.contains("warning"), text);
        return recording;
    }
}

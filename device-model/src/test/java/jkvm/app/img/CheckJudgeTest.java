package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.io.RandomAccessFile;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import jkvm.app.Main;
import jkvm.host.image.QemuImg;
import jkvm.json.StrictJson;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Damages images in one place after the other, and holds {@code check} with each way to repair against qemu-img's: exit
 * code, output, lines of text, and what a second check by qemu-img finds. {@code -Djkvm.long} damages many more places.
 */
class CheckJudgeTest {
    private static final int CLUSTER = 65536, TABLE = CLUSTER, BLOCK = 2 * CLUSTER, L1 = 3 * CLUSTER, L2 = 4 * CLUSTER;
    private static final long COPIED = 1L << 63;
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final List<List<String>> WAYS = List.of(List.of(), List.of("-r", "leaks"), List.of("-r", "all"),
            List.of("--output", "json"));

    @TempDir
    private Path folder;
    private final Map<String, byte[]> images = new LinkedHashMap<>();

    private record Outcome(int code, Object out, List<String> lines) {
    }

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
    }

    private Outcome theirs(List<String> way, Path image) throws IOException {
        List<String> command = new ArrayList<>(List.of("qemu-img", "check", "-f", "qcow2"));
        command.addAll(way);
        command.add(image.toString());
        Path lines = folder.resolve("lines");
        Process process = new ProcessBuilder(command).redirectError(lines.toFile()).start();
        String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        try {
            return new Outcome(process.waitFor(), parsed(out), comparable(Files.readString(lines)));
        } catch (InterruptedException e) {
            throw new IOException(e);
        }
    }

    private static Outcome ours(List<String> way, Path image) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        List<String> command = new ArrayList<>(List.of("img", "check", "-f", "qcow2"));
        command.addAll(way);
        command.add(image.toString());
        int code = Main.run(command, new PrintStream(out, false, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Outcome(code, parsed(out.toString(StandardCharsets.UTF_8)),
                comparable(err.toString(StandardCharsets.UTF_8)));
    }

    private static Object parsed(String out) {
        return out.startsWith("{") ? StrictJson.parse(out) : out;
    }

    /** The lines about the image's tables: a program's own last words may differ. */
    private static List<String> comparable(String text) {
        return Arrays.stream(text.split("\n")).filter(line -> !line.isEmpty() && !line.startsWith("qemu-img:")
                && !line.startsWith("jkvm:") && !line.startsWith("qcow2: ")).toList();
    }

    /** A way to damage an image: bytes to put at places. */
    private record Damage(String name, List<Patch> patches) {
        static Damage of(String name, Patch... patches) {
            return new Damage(name, List.of(patches));
        }
    }

    private record Patch(long offset, byte[] bytes) {
        static Patch entry(long offset, long value) {
            return new Patch(offset, ByteBuffer.allocate(8).putLong(value).array());
        }

        static Patch refcount(int cluster, int value) {
            return new Patch(BLOCK + 2L * cluster, ByteBuffer.allocate(2).putShort((short) value).array());
        }

        static Patch bytes(long offset, int... values) {
            byte[] bytes = new byte[values.length];
            for (int i = 0; i < values.length; i++) {
                bytes[i] = (byte) values[i];
            }
            return new Patch(offset, bytes);
        }
    }

    private static List<Damage> damages() {
        Patch leak = Patch.refcount(8, 3);
        List<Damage> damages = new ArrayList<>(List.of(
                Damage.of("nothing"),
                Damage.of("corrupt bit", Patch.bytes(79, 2)), Damage.of("dirty bit", Patch.bytes(79, 1)),
                Damage.of("both bits and a leak", Patch.bytes(79, 3), leak),
                Damage.of("L2 entry with reserved bits", Patch.bytes(L2, 0x82)),
                Damage.of("L2 entry with bit 1", Patch.bytes(L2 + 15, 2)),
                Damage.of("L1 entry with bit 0", Patch.bytes(L1 + 7, 1)),
                Damage.of("not copied", Patch.entry(L2 + 8, 0x60000)),
                Damage.of("not copied, and a leak", Patch.entry(L2 + 8, 0x60000), leak),
                Damage.of("table not copied", Patch.entry(L1, 0x40000)),
                Damage.of("refcount 0", Patch.refcount(5, 0)), Damage.of("refcount 2", Patch.refcount(5, 2)),
                Damage.of("refcount of the header", Patch.refcount(0, 0)),
                Damage.of("unaligned data", Patch.entry(L2 + 8, COPIED | 0x60200), leak),
                Damage.of("unaligned zeros", Patch.entry(L2 + 8, COPIED | 0x60201), leak),
                Damage.of("data past the end", Patch.entry(L2 + 8, COPIED | 0x6000000), leak),
                Damage.of("data far past the end", Patch.entry(L2 + 8, COPIED | 0x00fffffffffff000L), leak),
                Damage.of("table past the end", Patch.entry(L1, COPIED | 0x6000000), leak),
                Damage.of("unaligned table", Patch.entry(L1, COPIED | 0x40200)),
                Damage.of("data in two places", Patch.entry(L2 + 8, COPIED | 0x50000)),
                Damage.of("data on the header", Patch.entry(L2 + 8, COPIED | 0x10000)),
                Damage.of("reserved bits in the refcount table", Patch.entry(TABLE + 8, 1)),
                Damage.of("a block in two places", Patch.entry(TABLE + 8, BLOCK)),
                Damage.of("no block", Patch.entry(TABLE, 0)),
                Damage.of("compressed and copied", Patch.entry(L2 + 8, COPIED | 1L << 62 | 0x60000)),
                Damage.of("compressed", Patch.entry(L2 + 8, 1L << 62 | 0x60000)),
                Damage.of("compressed past the end", Patch.entry(L2 + 8, 1L << 62 | 0x6000000)),
                Damage.of("an L1 table that is too small", Patch.bytes(39, 0)),
                Damage.of("version 4", Patch.bytes(7, 4)), Damage.of("an unknown feature", Patch.bytes(72, 1))));
        for (int i = 0; i < (LONG ? 200 : 20); i++) {
            long at = List.of(L1, L2, L2 + 8, L2 + 64, L2 + 120, BLOCK, BLOCK + 32).get(i % 7);
            damages.add(Damage.of("byte of the tables " + i, Patch.bytes(at + i * 7919L % 8, 1 << i * 31 % 8),
                    Patch.refcount(5 + i % 16, i * 13 % 4)));
        }
        return damages;
    }

    @Test
    @DisplayName("a check finds and mends what qemu-img finds and mends")
    void shouldCheckAndRepairAsQemuImg() throws IOException {
        Path image = folder.resolve("k.qcow2");
        QemuImg.img("create", "-q", "-f", "qcow2", image, "16M");
        QemuImg.io(image, "write -P 5 0 1M");
        byte[] good = Files.readAllBytes(image);
        List<String> differences = new ArrayList<>();
        for (Damage damage : damages()) {
            byte[] bad = good.clone();
            damage.patches.forEach(patch -> System.arraycopy(patch.bytes, 0, bad, (int) patch.offset,
                    patch.bytes.length));
            for (List<String> way : WAYS) {
                Files.write(image, bad);
                Outcome theirs = theirs(way, image);
                Outcome theirAgain = theirs(List.of(), image);
                Files.write(image, bad);
                Outcome ours = ours(way, image);
                Outcome ourAgain = theirs(List.of(), image);
                compare(damage.name + " " + way, theirs, ours, differences);
                compare(damage.name + " " + way + ", then a check by qemu-img", theirAgain, ourAgain, differences);
            }
        }
        assertEquals(List.of(), differences, () -> String.join("\n", differences));
    }

    @Test
    @DisplayName("clusters of bitmaps are in use: no repair gives them up")
    void shouldCountTheClustersOfBitmaps() throws IOException {
        Path image = folder.resolve("b.qcow2");
        QemuImg.img("create", "-q", "-f", "qcow2", image, "16M");
        QemuImg.img("bitmap", "--add", image, "b0");
        QemuImg.img("bitmap", "--add", "-g", "4k", image, "b1");
        QemuImg.io(image, "write -P 5 0 1M");
        byte[] good = Files.readAllBytes(image);
        for (List<String> way : WAYS) {
            Outcome theirs = theirs(way, image);
            Files.write(image, good);
            assertEquals(theirs, ours(way, image), way::toString);
            assertArrayEquals(good, Files.readAllBytes(image));
        }
        String before = QemuImg.img("info", image);
        try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
            // Marked as not closed.
            file.seek(79);
            file.write(1);
        }
        assertEquals(0, ours(List.of("-r", "all"), image).code());
        assertEquals(before, QemuImg.img("info", image));
        QemuImg.assertClean(image);
    }

    private static void compare(String what, Outcome theirs, Outcome ours, List<String> differences) {
        if (!theirs.equals(ours)) {
            differences.add(what + ":\n  qemu-img " + theirs + "\n  jkvm     " + ours);
        }
    }
}

package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.function.IntPredicate;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.Preallocation;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Changes of whole images in memory, ended at any write, and on hosts that fail. */
class Qcow2EditorTest {
    private static final int SIZE = 120_000 & -512, CLUSTER = 512;
    private static final String OLD_NAME = "o".repeat(600), NEW_NAME = "n".repeat(700);
    /** At most so many changes of each edit are failed. */
    private static final int FAULTS = 60;
    private static final Instant DATE = Instant.ofEpochSecond(1_700_000_000);

    @FunctionalInterface
    private interface Change {
        void on(ImageEditor editor) throws IOException;
    }

    private static void edit(MemoryFile file, Change change) throws IOException {
        change.on(new Qcow2Driver().editor(file, (name, format) -> {
            assertNull(name, "no backing file here");
            return null;
        }));
    }

    private static byte[] contentOf(MemoryFile file) throws IOException {
        return TestDisks.readAll(TestDisks.open(new MemoryFile(file.content()), null, true));
    }

    private static void scribble(MemoryFile file, int seed) throws IOException {
        try (DiskImage image = TestDisks.open(file)) {
            RandomRequests requests = new RandomRequests(image, TestDisks.readAll(image), seed, SIZE / 8);
            for (int i = 0; i < 30; i++) {
                requests.step();
            }
        }
        file.reopen();
    }

    /** An image with a snapshot "1st" of other content than the disk's. */
    private static MemoryFile withSnapshot(int version, int clusterSize) throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, clusterSize, version, false));
        scribble(file, 1);
        edit(file, editor -> editor.createSnapshot("1st", DATE));
        scribble(file, 2);
        return file;
    }

    private static Change change(String what) {
        return switch (what) {
            case "create" -> editor -> editor.createSnapshot("2nd", DATE);
            case "apply" -> editor -> editor.applySnapshot("1st");
            case "delete" -> editor -> editor.deleteSnapshot("1st");
            case "grow" -> editor -> editor.resize(40L * SIZE, Preallocation.OFF);
            case "grow-full" -> editor -> editor.resize(3L * SIZE, Preallocation.FULL);
            case "upgrade" -> amend("compat", "v3");
            case "downgrade" -> amend("compat", "v2");
            case "widen" -> amend("refcount_bits", "64");
            case "narrow" -> amend("refcount_bits", "2");
            case "lazy" -> amend("lazy_refcounts", "on");
            case "rebase" -> editor -> editor.setBacking(Optional.of(NEW_NAME), Optional.of("qcow2"));
            case "flatten" -> editor -> editor.setBacking(Optional.empty(), Optional.empty());
            case "add-bitmap" -> editor -> editor.addBitmap("b", 0);
            case "remove-bitmap" -> editor -> editor.removeBitmap("a");
            case "clear-bitmap" -> editor -> editor.clearBitmap("a");
            default -> editor -> editor.resize(SIZE / 3 & -512, Preallocation.OFF);
        };
    }

    private static Change amend(String name, String value) {
        return editor -> editor.amend(CreateValues.none().with(name, value), false, percent -> { });
    }

    /** The image that a change begins with. */
    private static MemoryFile startOf(String what, int version) throws IOException {
        MemoryFile file = switch (what) {
            case "grow", "shrink", "grow-full" -> TestDisks.create(TestDisks.options(SIZE, CLUSTER, version, false));
            case "rebase", "flatten", "add-bitmap", "remove-bitmap", "clear-bitmap" -> withSnapshot(version, 4096);
            default -> withSnapshot(version, CLUSTER);
        };
        if (what.endsWith("bitmap")) {
            edit(file, editor -> editor.addBitmap("a", 0));
        }
        scribble(file, 7);
        if (what.equals("rebase") || what.equals("flatten")) {
            edit(file, editor -> editor.setBacking(Optional.of(OLD_NAME), Optional.of("raw")));
        }
        return new MemoryFile(file.content());
    }

    @ParameterizedTest(name = "version {0}")
    @CsvSource({"2", "3"})
    void shouldKeepApplyAndDeleteSnapshots(int version) throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, CLUSTER, version, false));
        scribble(file, 1);
        byte[] first = contentOf(file);
        edit(file, editor -> editor.createSnapshot("a", DATE));
        TestDisks.assertClean(file);
        scribble(file, 2);
        byte[] second = contentOf(file);
        edit(file, editor -> editor.createSnapshot("b", DATE));
        scribble(file, 3);
        TestDisks.assertClean(file);

        edit(file, editor -> editor.applySnapshot("a"));
        TestDisks.assertClean(file);
        assertArrayEquals(first, contentOf(file));
        scribble(file, 4);
        edit(file, editor -> editor.applySnapshot("2"));
        assertArrayEquals(second, contentOf(file));
        List<InternalSnapshot> snapshots = new SnapshotTable(file, Qcow2Header.read(file)).read();
        assertEquals(List.of("1 a", "2 b"), snapshots.stream().map(each -> each.id() + " " + each.name()).toList());
        assertEquals(DATE, snapshots.getFirst().date());

        edit(file, editor -> editor.deleteSnapshot("a"));
        edit(file, editor -> editor.deleteSnapshot("b"));
        TestDisks.assertClean(file);
        assertArrayEquals(second, contentOf(file));
        assertThrows(IOException.class, () -> edit(file, editor -> editor.deleteSnapshot("a")));
        assertThrows(IOException.class, () -> edit(file, editor -> editor.applySnapshot("a")));
    }

    @Test
    void shouldRefuseASnapshotThatItsRefcountsCannotCount() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, CLUSTER, 3, 1, false));
        scribble(file, 1);
        byte[] before = file.content();
        assertThrows(IOException.class, () -> edit(file, editor -> editor.createSnapshot("a", DATE)));
        assertArrayEquals(before, file.content());
    }

    @Test
    void shouldGrowWithZerosAndShrink() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, CLUSTER, 3, false));
        scribble(file, 1);
        byte[] content = contentOf(file);
        edit(file, editor -> editor.resize(SIZE / 2 & -512, Preallocation.OFF));
        TestDisks.assertClean(file);
        assertArrayEquals(Arrays.copyOf(content, SIZE / 2 & -512), contentOf(file));

        edit(file, editor -> editor.resize(30L * SIZE, Preallocation.OFF));
        TestDisks.assertClean(file);
        assertArrayEquals(Arrays.copyOf(Arrays.copyOf(content, SIZE / 2 & -512), 30 * SIZE), contentOf(file));
    }

    @ParameterizedTest(name = "{0}, version {1}")
    @DisplayName("a kill at any write or a power loss at any barrier leaves the image as it was or as it shall be")
    @CsvSource({"create,3", "apply,3", "delete,3", "grow,3", "shrink,3", "create,2", "apply,2", "delete,2", "upgrade,2",
        "downgrade,3", "widen,3", "narrow,3", "lazy,3", "rebase,3", "flatten,3", "rebase,2", "grow-full,3",
        "add-bitmap,3", "remove-bitmap,3", "clear-bitmap,3"})
    void shouldSurviveAnEndAtAnyWrite(String what, int version) throws IOException {
        MemoryFile start = startOf(what, version);
        byte[] before = contentOf(start);
        MemoryFile live = new MemoryFile(start.content());
        edit(live, change(what));
        byte[] after = contentOf(live);
        boolean isHeader = List.of("upgrade", "lazy", "rebase", "flatten").contains(what);
        assertTrue(live.log().size() > (isHeader ? 2 : 5), "the log is too short to be cut");
        Random random = new Random(1);
        for (int cut = 0; cut <= live.log().size(); cut++) {
            for (boolean power : new boolean[] {false, true}) {
                MemoryFile left = new MemoryFile(start.content());
                int durable = 0;
                for (int i = 0; i < cut; i++) {
                    durable = live.log().get(i).kind() == MemoryFile.Kind.FLUSH ? i : durable;
                }
                int chance = random.nextInt(11);
                for (int i = 0; i < cut; i++) {
                    boolean lossy = power && i > durable;
                    IntPredicate kept = sector -> !lossy || random.nextInt(10) < chance;
                    left.apply(live.log().get(i), kept);
                }
                assertGood(left, version, before, after, what + (power ? ": power lost" : ": killed") + " at " + cut);
            }
        }
    }

    @ParameterizedTest(name = "{0}, version {1}")
    @DisplayName("a host that fails at any change leaves the image as it was or as it shall be")
    @CsvSource({"create,3", "apply,3", "delete,2", "grow,3", "shrink,3", "upgrade,2", "downgrade,3", "widen,3",
        "narrow,3", "rebase,3", "grow-full,3", "add-bitmap,3", "remove-bitmap,3", "clear-bitmap,3"})
    void shouldSurviveFaults(String what, int version) throws IOException {
        MemoryFile start = startOf(what, version);
        byte[] before = contentOf(start);
        MemoryFile whole = new MemoryFile(start.content());
        edit(whole, change(what));
        byte[] after = contentOf(whole);
        int changes = whole.log().size();
        for (int i = 0; i < Math.min(changes, FAULTS); i++) {
            int nth = 1 + (int) ((long) i * changes / Math.min(changes, FAULTS));
            NthChange fault = new NthChange(nth, i % 2 == 0, i % 3 == 0 ? "ENOSPC" : "EIO");
            MemoryFile file = new MemoryFile(start.content());
            file.failOn(fault);
            try {
                edit(file, change(what));
            } catch (NthChange.Injected _) {
                // The image is what matters.
            }
            assertTrue(fault.wasReached(), what);
            fault.end();
            assertGood(new MemoryFile(file.content()), version, before, after, what + ": change " + nth + " failed");
        }
    }

    private static void assertGood(MemoryFile left, int version, byte[] before, byte[] after, String how)
            throws IOException {
        List<String> lines = new ArrayList<>();
        if (!TestDisks.isDirty(left)) {
            TestDisks.check(left, lines);
            lines.removeIf(line -> line.startsWith("Leaked") || version < 3 && line.contains("OFLAG_COPIED"));
            assertEquals(List.of(), lines, how);
        }
        byte[] content = contentOf(left);
        assertTrue(Arrays.equals(content, before) || Arrays.equals(content, after), how);
        String name = Qcow2Header.read(left).backingFile();
        assertTrue(name == null || name.equals(OLD_NAME) || name.equals(NEW_NAME), how);
        edit(left, ImageEditor::bitmaps);
        MemoryFile used = new MemoryFile(left.content());
        try (DiskImage image = TestDisks.open(used)) {
            RandomRequests requests = new RandomRequests(image, content, 5, SIZE / 8);
            for (int i = 0; i < 5; i++) {
                requests.step();
            }
            requests.verify();
        }
        if (version >= 3) {
            TestDisks.assertNotCorrupt(used);
        }
        for (InternalSnapshot snapshot : new SnapshotTable(used, Qcow2Header.read(used)).read()) {
            assertEquals(SIZE, snapshot.diskSize(), how);
        }
    }
}

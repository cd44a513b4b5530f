package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.zip.Deflater;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CorruptImageException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.Repair;
import jkvm.host.disk.SnapshotChoice;
import org.junit.jupiter.api.Assertions;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that were made to do harm: refused when they are opened, or when a request meets what is wrong. */
class HostileImageTest {
    private static final int CLUSTER = 4096, SIZE = 1 << 20;
    /** Where the tables of a new image are. */
    private static final int REFCOUNT_TABLE = CLUSTER, REFCOUNT_BLOCK = 2 * CLUSTER, L1 = 3 * CLUSTER;
    private static final long COPIED = L2Entry.COPIED_BIT;
    /** More with {@code -Djkvm.kills=}, as for the other long tests. */
    private static final int ROUNDS = 500 + 50 * Integer.getInteger("jkvm.kills", 0);

    /** An image whose first clusters hold data: the L2 table is cluster 4, the data begins at cluster 5. */
    private static MemoryFile written(int version) throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, CLUSTER, version, false));
        try (DiskImage image = TestDisks.open(file)) {
            TestDisks.write(image, 0, TestDisks.randomBytes(1, 10 * CLUSTER));
        }
        return new MemoryFile(file.content());
    }

    private static MemoryFile patched(MemoryFile file, long offset, int size, long value) {
        byte[] content = file.content();
        for (int i = 0; i < size; i++) {
            content[(int) offset + i] = (byte) (value >> 8 * (size - 1 - i));
        }
        return new MemoryFile(content);
    }

    private static long entryAt(MemoryFile file, long offset) {
        return Bytes.getLong(MemorySegment.ofArray(file.content()), offset);
    }

    private static long l2Of(MemoryFile file) {
        return L2Entry.offset(entryAt(file, L1));
    }

    private static String refusal(MemoryFile file, boolean readOnly) {
        byte[] before = file.content();
        IOException e = assertThrows(IOException.class, () -> TestDisks.open(file, null, readOnly));
        assertArrayEquals(before, file.content(), "an image that is refused is not written to");
        return e.getMessage();
    }

    @ParameterizedTest(name = "field at {0}, {1} bytes, value {2}: {3}")
    @DisplayName("header fields that are too large or misaligned are refused")
    @CsvSource(delimiter = '|', value = {
        "100 | 4 | 0xffffffff | header has an invalid length", "100 | 4 | 8 | header has an invalid length",
        "100 | 4 | 0x2000 | header has an invalid length", "48 | 8 | 0x7fffffffffff0000 | refcount table lies past",
        "48 | 8 | 0x1001 | refcount table's offset is not at a cluster",
        "48 | 8 | 0 | refcount table lies on the header",
        "56 | 4 | 0xffffffff | refcount table is too large", "56 | 4 | 0 | no refcount table",
        "60 | 4 | 0xffffffff | too many snapshots", "36 | 4 | 0xffffffff | L1 table is too large",
        "36 | 4 | 0x400000 | L1 table lies past the end", "36 | 4 | 0 | L1 table is too small",
        "40 | 8 | 0x3008 | L1 table's offset is not at a cluster", "40 | 8 | 0xffffffffffff0000 | L1 table lies on the",
        "96 | 4 | 7 | width of refcounts", "24 | 8 | 0x8000000000000000 | size is invalid",
        "8 | 8 | 0xfff0000000 | backing file's name lies outside", "108 | 4 | 0 | ", "32 | 4 | 1 | encrypted"})
    void shouldRefuseHeaderFields(int offset, int size, String value, String message) throws IOException {
        MemoryFile file = patched(written(3), offset, size, Long.parseUnsignedLong(value.replace("0x", ""),
                value.startsWith("0x") ? 16 : 10));
        if (message == null) {
            TestDisks.open(file).close();
            return;
        }
        assertTrue(refusal(file, false).contains(message), () -> refusal(file, false));
        assertTrue(refusal(file, true).contains(message), () -> refusal(file, true));
    }

    @Test
    @DisplayName("a header extension that reaches past the first cluster is refused")
    void shouldRefuseALongExtension() throws IOException {
        assertTrue(refusal(patched(written(3), 116, 4, 0xfffffff0L), true).contains("header extension"));
    }

    @Test
    @DisplayName("an L2 table over the L1 table, a refcount block or the refcount table is refused")
    void shouldRefuseTablesThatOverlap() throws IOException {
        MemoryFile file = written(3);
        for (long place : new long[] {L1, REFCOUNT_BLOCK, REFCOUNT_TABLE}) {
            MemoryFile bad = patched(file, L1, 8, place | COPIED);
            assertTrue(refusal(bad, false).contains("overlaps another table"));
        }
    }

    @Test
    @DisplayName("data on a table is not written, the image is marked, the rest stays readable")
    void shouldNotWriteDataOverTables() throws IOException {
        MemoryFile file = written(3);
        for (long place : new long[] {0x1000, REFCOUNT_BLOCK, L1, l2Of(file)}) {
            MemoryFile bad = patched(file, l2Of(file), 8, place | COPIED);
            byte[] before = bad.content();
            DiskImage image = TestDisks.open(bad);

            assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 100, (byte) 1));
            IOException second = assertThrows(IOException.class, () -> TestDisks.write(image, SIZE - 1, (byte) 1));
            assertTrue(second.getMessage().contains("corrupt"), second.getMessage());
            assertEquals(10 * CLUSTER - CLUSTER, TestDisks.read(image, CLUSTER, 9 * CLUSTER).length);
            image.close();

            assertTrue(Qcow2Header.read(bad).isCorrupt());
            assertArrayEquals(before, patched(bad, 72, 8, 0).content(), "only the mark was written");
            assertTrue(refusal(bad, false).contains("marked as corrupt"));
            TestDisks.open(bad, null, true).close();
        }
    }

    @Test
    @DisplayName("an image with lazy refcounts that is marked as corrupt stays marked as not closed")
    void shouldKeepTheDirtyBitOfACorruptImage() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, CLUSTER, 3, true));
        try (DiskImage image = TestDisks.open(file)) {
            TestDisks.write(image, 0, new byte[CLUSTER]);
        }
        MemoryFile bad = patched(file, l2Of(file), 8, L1 | COPIED);
        DiskImage image = TestDisks.open(bad);
        TestDisks.write(image, CLUSTER, (byte) 1);
        image.flush();
        assertTrue(Qcow2Header.read(bad).isDirty());
        assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 0, (byte) 1));
        image.close();
        assertTrue(Qcow2Header.read(bad).isCorrupt() && Qcow2Header.read(bad).isDirty());
    }

    @Test
    @DisplayName("a discard of data that is also a table frees nothing")
    void shouldNotFreeTables() throws IOException {
        MemoryFile file = written(3);
        MemoryFile bad = patched(file, l2Of(file), 8, L1 | COPIED);
        DiskImage image = TestDisks.open(bad);
        assertThrows(CorruptImageException.class, () -> image.discard(0, CLUSTER));
        image.close();
        assertEquals(entryAt(file, REFCOUNT_BLOCK), entryAt(bad, REFCOUNT_BLOCK));
    }

    @Test
    @DisplayName("a refcount block at 0 or outside the file and an L2 table past the end are refused")
    void shouldRefuseTablesOutsideTheFile() throws IOException {
        MemoryFile file = written(3);
        // Block 0 means that there is none: then all clusters count as free, and none may be given out.
        DiskImage image = TestDisks.open(patched(file, REFCOUNT_TABLE, 8, 0));
        assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 500_000, (byte) 1));
        assertTrue(refusal(patched(file, REFCOUNT_TABLE, 8, 1L << 50), false).contains("not at a cluster of the file"));
        assertTrue(refusal(patched(file, REFCOUNT_TABLE, 8, 0x200), false).contains("not at a cluster of the file"));

        MemoryFile past = patched(file, L1, 8, 1L << 50 | COPIED);
        assertTrue(refusal(past, false).contains("not at a cluster of the file"));
        DiskImage reader = TestDisks.open(past, null, true);
        assertThrows(IOException.class, () -> TestDisks.read(reader, 0, 1));
        assertThrows(IOException.class, () -> TestDisks.read(TestDisks.open(patched(file, L1, 8, 0x200), null, true),
                0, 1));
    }

    @Test
    @DisplayName("data past the end of the file or between clusters is an error, not zeros")
    void shouldRefuseDataOutsideTheFile() throws IOException {
        MemoryFile file = written(3);
        for (long place : new long[] {1L << 50, file.content().length + CLUSTER, 5 * CLUSTER + 512}) {
            DiskImage image = TestDisks.open(patched(file, l2Of(file), 8, place | COPIED));
            assertThrows(IOException.class, () -> TestDisks.read(image, 0, CLUSTER));
            assertThrows(IOException.class, () -> TestDisks.write(image, 0, (byte) 1));
        }
    }

    @ParameterizedTest(name = "bit {0}: {1}")
    @DisplayName("unknown incompatible features are refused by name")
    @CsvSource({"2,external file and does not name it", "3,compressed in an unknown", "4,clusters of 16 KiB",
            "5,incompatible bit 5", "63,incompatible bit 63"})
    void shouldRefuseUnknownFeatures(int bit, String message) throws IOException {
        String text = refusal(patched(written(3), 72, 8, 1L << bit), true);
        assertTrue(text.contains(message), text);
    }

    @Test
    @DisplayName("an unknown compression, and features that the image names, are refused by name")
    void shouldNameFeatures() throws IOException {
        String unknown = refusal(patched(patched(written(3), 72, 8, 8), 104, 1, 2), true);
        assertTrue(unknown.contains("type 2"), unknown);
        String unmarked = refusal(patched(written(3), 104, 1, 1), true);
        assertTrue(unmarked.contains("type 1"), unmarked);
        MemoryFile named = patched(patched(written(3), 72, 8, 1 << 7), 120 + 1, 1, 7);
        assertTrue(refusal(named, true).contains("unknown feature: dirty bit"), refusal(named, true));
    }

    @Test
    @DisplayName("a subcluster that counts as data and as zeros, or as data without a cluster, is an error")
    void shouldRefuseSubclustersThatContradictEachOther() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(SIZE, "extended_l2=on,cluster_size=16k"));
        try (DiskImage image = TestDisks.open(file)) {
            TestDisks.write(image, 0, TestDisks.randomBytes(1, 1000));
        }
        long l2 = L2Entry.offset(entryAt(file, 3 << 14));
        assertEquals(3, entryAt(file, l2 + 8), "two subclusters of 512 bytes have data");
        for (MemoryFile bad : List.of(patched(file, l2 + 8, 8, 3 | 1L << 32), patched(file, l2, 8, 0))) {
            DiskImage image = TestDisks.open(bad);
            assertThrows(CorruptImageException.class, () -> TestDisks.read(image, 0, 512));
            assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 0, (byte) 1));
        }
    }

    @ParameterizedTest(name = "cluster bits {0}, version {1}")
    @DisplayName("cluster sizes below 512 bytes or above 2 MiB and unknown versions are refused")
    @CsvSource({"8,3", "22,3", "0,3", "-1,3", "12,1", "12,4"})
    void shouldRefuseClusterSizesAndVersions(int bits, int version) throws IOException {
        MemoryFile file = patched(patched(written(3), 20, 4, bits), 4, 4, version);
        assertTrue(refusal(file, true).startsWith("unsupported"));
    }

    @Test
    @DisplayName("a tiny file that claims to be a petabyte costs no memory")
    void shouldRefuseATinyPetabyteImage() throws IOException {
        MemoryFile file = patched(patched(written(3), 24, 8, 1L << 50), 36, 4, 0x7fffffff);
        assertTrue(refusal(file, true).contains("L1 table is too large"));
        MemoryFile allowed = patched(patched(written(3), 24, 8, 1L << 40), 36, 4, 1 << 21);
        assertTrue(refusal(allowed, true).contains("past the end"));
    }

    @Test
    @DisplayName("a petabyte disk that is empty is read and described at once")
    void shouldHandleAPetabyteDisk() throws IOException {
        MemoryFile file = TestDisks.create(TestDisks.options(1L << 50, 2 << 20, 3, false));
        Assertions.assertTimeout(Duration.ofSeconds(5), () -> {
            try (DiskImage image = TestDisks.open(file)) {
                assertEquals(new Extent(1L << 50, true), image.extent(0, 1L << 50));
                image.discard(0, 1L << 50);
                TestDisks.write(image, (1L << 50) - 1, (byte) 5);
                assertEquals(5, TestDisks.read(image, (1L << 50) - 1, 1)[0]);
            }
        });
    }

    @Test
    @DisplayName("snapshots whose L1 tables are too large together are refused")
    void shouldBoundTheTablesOfSnapshots() throws IOException {
        MemoryFile file = written(3);
        int table = file.content().length;
        int snapshots = 33;
        file.write(table, MemorySegment.ofArray(new byte[snapshots * 40]));
        for (int i = 0; i < snapshots; i++) {
            file = patched(file, table + 40 * i + 8, 4, Qcow2Header.MAX_L1_BYTES / 8);
        }
        MemoryFile bad = patched(patched(file, 60, 4, snapshots), 64, 8, table);
        assertTrue(refusal(bad, false).contains("snapshots' tables are too large"), () -> refusal(bad, false));
        assertThrows(IOException.class, () -> new Qcow2Driver().info(bad, TestDisks::noFile));
    }

    @Test
    @DisplayName("compressed data that inflates to less than a cluster or is damaged is an error, more is left out")
    void shouldBoundCompressedClusters() throws IOException {
        MemoryFile file = written(3);
        long place = file.content().length;
        for (int size : new int[] {64 * CLUSTER, CLUSTER - 1}) {
            MemoryFile bomb = patched(file, l2Of(file), 8, L2Entry.COMPRESSED_BIT | place);
            bomb.write(place, MemorySegment.ofArray(deflated(new byte[size])));
            DiskImage image = TestDisks.open(bomb, null, true);
            if (size > CLUSTER) {
                assertArrayEquals(new byte[CLUSTER], TestDisks.read(image, 0, CLUSTER));
            } else {
                assertThrows(IOException.class, () -> TestDisks.read(image, 0, CLUSTER));
            }
        }
        DiskImage junk = TestDisks.open(patched(file, l2Of(file), 8, L2Entry.COMPRESSED_BIT | 5 * CLUSTER), null, true);
        assertThrows(IOException.class, () -> TestDisks.read(junk, 0, CLUSTER));
        DiskImage far = TestDisks.open(patched(file, l2Of(file), 8, L2Entry.COMPRESSED_BIT | 1L << 53), null, true);
        assertThrows(IOException.class, () -> TestDisks.read(far, 0, CLUSTER));
    }

    @Test
    @DisplayName("a live cluster that counts as free is not given out")
    void shouldNotGiveOutLiveClusters() throws IOException {
        MemoryFile file = written(3);
        long victim = L2Entry.offset(entryAt(file, l2Of(file) + 8));
        MemoryFile bad = patched(file, REFCOUNT_BLOCK + 2 * (victim / CLUSTER), 2, 0);
        byte[] live = TestDisks.read(TestDisks.open(bad, null, true), CLUSTER, CLUSTER);
        DiskImage image = TestDisks.open(bad);

        assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 500_000, (byte) 1));

        assertArrayEquals(live, TestDisks.read(image, CLUSTER, CLUSTER));
        DiskImage again = TestDisks.open(patched(file, REFCOUNT_BLOCK + 2 * (victim / CLUSTER), 2, 0));
        assertThrows(CorruptImageException.class, () -> TestDisks.write(again, CLUSTER, (byte) 1));
    }

    @Test
    @DisplayName("a cluster that only a snapshot refers to and that counts as free is not given out")
    void shouldNotGiveOutClustersOfSnapshots() throws IOException {
        MemoryFile file = withSnapshot();
        long victim = L2Entry.offset(entryAt(file, l2Of(file) + 8)) / CLUSTER;
        try (DiskImage image = TestDisks.open(file)) {
            TestDisks.write(image, CLUSTER, (byte) 1);
        }
        // The repair that made the image good has put the refcounts elsewhere.
        long refcount = entryAt(file, Qcow2Header.read(file).refcountOffset()) + 2 * victim;
        assertEquals(1, entryAt(file, refcount) >>> 48);
        DiskImage image = TestDisks.open(patched(file, refcount, 2, 0));
        assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 500_000, (byte) 1));
    }

    @Test
    @DisplayName("a table that counts as free is not given out")
    void shouldNotGiveOutTables() throws IOException {
        MemoryFile file = written(3);
        for (int table : new int[] {0, REFCOUNT_TABLE, REFCOUNT_BLOCK, L1, (int) l2Of(file)}) {
            DiskImage image = TestDisks.open(patched(file, REFCOUNT_BLOCK + 2 * (table / CLUSTER), 2, 0));
            assertThrows(CorruptImageException.class, () -> TestDisks.write(image, 500_000, (byte) 1));
        }
    }

    /** A written image with an internal snapshot, and a cluster that is compressed. */
    private static MemoryFile withSnapshot() throws IOException {
        MemoryFile file = written(3);
        int end = file.content().length;
        file.write(end, MemorySegment.ofArray(Arrays.copyOfRange(file.content(), L1, L1 + CLUSTER)));
        file = patched(file, end + CLUSTER - 1, 1, 0);
        file.write(end + CLUSTER, MemorySegment.ofArray(new byte[CLUSTER]));
        file = patched(patched(file, end + CLUSTER, 8, end), end + CLUSTER + 8, 4, Qcow2Header.read(file).l1Size());
        file = patched(patched(file, end + CLUSTER + 12, 4, 0x00010001), end + CLUSTER + 40, 2, '1' << 8 | 'a');
        file = patched(patched(file, 60, 4, 1), 64, 8, end + CLUSTER);
        file.write(end + 2 * CLUSTER, MemorySegment.ofArray(deflated(new byte[CLUSTER])));
        file = patched(file, l2Of(file) + 3 * 8, 8, L2Entry.COMPRESSED_BIT | end + 2 * CLUSTER);
        assertEquals(0, Qcow2Check.check(file, Qcow2Header.read(file), Repair.ALL, line -> { }).corruptions());
        try (DiskImage snapshot = Qcow2Image.openSnapshot(Qcow2Files.of(file, null), Qcow2Header.read(file),
                SnapshotChoice.idOrName("a"))) {
            assertArrayEquals(Arrays.copyOf(TestDisks.randomBytes(1, 10 * CLUSTER), 3 * CLUSTER),
                    TestDisks.read(snapshot, 0, 3 * CLUSTER));
            assertArrayEquals(new byte[CLUSTER], TestDisks.read(snapshot, 3 * CLUSTER, CLUSTER));
        }
        return new MemoryFile(file.content());
    }

    private static byte[] deflated(byte[] bytes) {
        try (Deflater deflater = new Deflater(9, true)) {
            deflater.setInput(bytes);
            deflater.finish();
            byte[] packed = new byte[512];
            assertTrue(deflater.deflate(packed) < packed.length);
            return packed;
        }
    }

    @ParameterizedTest
    @CsvSource({"2,false", "3,false", "3,true"})
    void shouldSurviveAnyDamage(int version, boolean snapshot) throws IOException {
        MemoryFile whole = snapshot ? withSnapshot() : written(version);
        long tables = snapshot ? Qcow2Header.read(whole).snapshotsOffset() - CLUSTER : 5 * CLUSTER;
        Random random = new Random(1);
        for (int round = 0; round < ROUNDS; round++) {
            MemoryFile file = whole;
            for (int i = 0; i < 1 + random.nextInt(4); i++) {
                long place = random.nextInt(3) == 0 ? random.nextInt(256) : random.nextInt(5 * CLUSTER) & ~7;
                place = random.nextInt(4) == 0 ? tables + random.nextInt(2 * CLUSTER) : place;
                file = patched(file, Math.min(place, file.size() - 8), random.nextInt(8) + 1, random.nextBoolean()
                        ? random.nextLong() : (long) random.nextInt(20) << 12 | COPIED);
            }
            use(file, random);
        }
    }

    /** Does all that can be done with an image; it may fail only with an exception that has a text. */
    private static void use(MemoryFile file, Random random) {
        try (DiskImage image = TestDisks.open(new MemoryFile(file.content()))) {
            int size = (int) Math.min(image.capacity(), 10 * CLUSTER);
            TestDisks.write(image, 0, new byte[size / 2]);
            image.discard(0, size);
            TestDisks.read(image, 0, size);
        } catch (IOException e) {
            assertFalse(e.getMessage().isEmpty());
        }
        try {
            Qcow2Header header = Qcow2Header.read(file);
            try (DiskImage snapshot = Qcow2Image.openSnapshot(Qcow2Files.of(file, null), header,
                    SnapshotChoice.idOrName("1"))) {
                TestDisks.read(snapshot, 0, (int) Math.min(snapshot.capacity(), 10 * CLUSTER));
            }
        } catch (IOException e) {
            assertFalse(e.getMessage().isEmpty());
        }
        try {
            MemoryFile copy = new MemoryFile(file.content());
            Qcow2Check.check(copy, Qcow2Header.read(copy), Repair.values()[random.nextInt(3)],
                    line -> assertFalse(line.isEmpty()));
        } catch (IOException e) {
            assertFalse(e.getMessage().isEmpty());
        }
    }

    @Test
    @DisplayName("a file that another process truncates gives errors, not wrong data")
    void shouldReportTruncation() throws IOException {
        MemoryFile file = written(3);
        DiskImage image = TestDisks.open(file, null, true);
        DiskImage raw = TestDisks.raw(file);
        long size = file.size();
        file.truncate(6 * CLUSTER);
        assertThrows(IOException.class, () -> TestDisks.read(image, 5 * CLUSTER, CLUSTER));
        IOException e = assertThrows(IOException.class, () -> TestDisks.read(raw, size - 512, 512));
        assertTrue(e.getMessage().contains("truncated"), e.getMessage());
    }

    @Test
    void shouldRefuseWhatIsNoQcow2Image() throws IOException {
        assertEquals("not a qcow2 image", refusal(new MemoryFile(new byte[100]), true));
        assertEquals("not a qcow2 image", refusal(new MemoryFile("hello".getBytes(StandardCharsets.UTF_8)), true));
        assertEquals("not a qcow2 image", refusal(new MemoryFile(new byte[0]), true));
    }
}

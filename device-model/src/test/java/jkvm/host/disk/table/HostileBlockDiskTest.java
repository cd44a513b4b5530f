package jkvm.host.disk.table;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.time.Duration;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32C;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.TestDisks;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images that were made to do harm: refused when they are opened, or when a request meets what is wrong. */
class HostileBlockDiskTest {
    private static final int ROUNDS = 200 + 50 * Integer.getInteger("jkvm.kills", 0);
    private static final long LARGEST_FILE = 64 << 20;

    private static byte[] written(String format) throws IOException {
        MemoryFile file = NewDisks.create(format);
        try (DiskImage image = NewDisks.open(format, file, false)) {
            TestDisks.write(image, 0, TestDisks.randomBytes(1, 100_000));
            TestDisks.write(image, 3 << 20, TestDisks.randomBytes(2, 100_000));
        }
        return file.content();
    }

    private static void put(byte[] content, int offset, int size, long value, boolean little) {
        for (int i = 0; i < size; i++) {
            content[offset + i] = (byte) (value >> 8 * (little ? i : size - 1 - i));
        }
    }

    /** A file that does not become so large that it would take the test's memory. */
    private static MemoryFile bounded(byte[] content) {
        MemoryFile file = new MemoryFile(content);
        file.failOn(change -> {
            if (change.position() < 0 || change.position() + change.length() > LARGEST_FILE) {
                throw new IOException("file too large");
            }
        });
        return file;
    }

    @ParameterizedTest(name = "{0}: field at {1}, {2} bytes, value {3}: {4}")
    @DisplayName("header fields that are too large or misaligned are refused, and nothing is written")
    @CsvSource(delimiter = '|', value = {
        "vdi | 0x44 | 4 | 0x10000 | version", "vdi | 0x154 | 4 | 0x208 | invalid offset",
        "vdi | 0x154 | 4 | 0xfffffe00 | invalid offset", "vdi | 0x158 | 4 | 0x200 | invalid offset",
        "vdi | 0x178 | 4 | 0x200000 | block size", "vdi | 0x180 | 4 | 0xffffffff | size is invalid",
        "vdi | 0x180 | 4 | 1 | size is invalid", "vdi | 0x170 | 8 | 0x8000000000000000 | size is invalid",
        "vdi | 0x1b8 | 4 | 1 | parent",
        "vmdk | 4 | 4 | 9 | version", "vmdk | 12 | 8 | 0x7fffffffffffffff | size is invalid",
        "vmdk | 12 | 8 | 0x3ffffffffffff | directory is too large", "vmdk | 20 | 8 | 0 | size of a grain",
        "vmdk | 20 | 8 | 0x8000000000000000 | size of a grain", "vmdk | 20 | 8 | 3 | size of a grain",
        "vmdk | 44 | 4 | 0xffffffff | invalid size", "vmdk | 44 | 4 | 1024 | invalid size",
        "vmdk | 56 | 8 | 0x7fffffffffffffff | past the end", "vmdk | 56 | 8 | 0xffffffffffffffff | footer",
        "vmdk | 64 | 8 | 0x7fffffff | truncated", "vmdk | 28 | 8 | 0x7fffffffffffff | past the end",
        "qcow | 32 | 1 | 63 | Cluster size", "qcow | 33 | 1 | 40 | L2 table size", "qcow | 24 | 8 | 1 | too small",
        "qcow | 24 | 8 | 0x7fffffffffffffff | too large", "qcow | 40 | 8 | 0x7ffffffffffffff0 | past the end",
        "qcow | 16 | 4 | 0xffffffff | ", "qcow | 36 | 4 | 1 | encrypted"})
    void shouldRefuseHeaderFields(String format, String offset, int size, String value, String message)
            throws IOException {
        byte[] content = written(format);
        long number = value.startsWith("0x") ? Long.parseUnsignedLong(value.substring(2), 16) : Long.parseLong(value);
        put(content, Integer.decode(offset), size, number, !format.equals("qcow"));
        for (boolean readOnly : new boolean[] {true, false}) {
            MemoryFile file = bounded(content);
            if (message == null) {
                NewDisks.open(format, file, readOnly).close();
                continue;
            }
            IOException e = assertThrows(IOException.class, () -> NewDisks.open(format, file, readOnly));
            assertTrue(e.getMessage().contains(message), e.getMessage());
            assertArrayEquals(content, file.content(), "an image that is refused is not written to");
        }
    }

    /** The sum that a VHD's headers have: the complement of all their other bytes' sum. */
    private static void sumVpc(byte[] content, int from, int length, int field) {
        put(content, from + field, 4, 0, false);
        int sum = 0;
        for (int i = from; i < from + length; i++) {
            sum += Byte.toUnsignedInt(content[i]);
        }
        put(content, from + field, 4, ~sum, false);
    }

    @ParameterizedTest(name = "field at {0}, {1} bytes, value {2}: {3}")
    @CsvSource(delimiter = '|', value = {"16 | 8 | -1 | invalid offset", "16 | 8 | 0x7ffffffffffff | past the end",
        "60 | 4 | 4 | differencing", "56 | 4 | 0xffff10fe | too small", "528 | 8 | 0x7fffffffffffff00 | invalid offset",
        "528 | 8 | 0x600000000 | ends before", "540 | 4 | 0xffffffff | too large", "540 | 4 | 1 | too small",
        "544 | 4 | 0x80000000 | size of a block", "544 | 4 | 100 | size of a block"})
    void shouldRefuseFieldsOfVirtualPcImages(int offset, int size, String value, String message) throws IOException {
        byte[] content = written("vpc");
        put(content, offset, size, Long.decode(value), false);
        sumVpc(content, 0, 512, 64);

        IOException e = assertThrows(IOException.class, () -> NewDisks.open("vpc", bounded(content), true));

        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    /** The sum of a VHDX structure. */
    private static void sumVhdx(byte[] content, int from, int length) {
        put(content, from + 4, 4, 0, true);
        CRC32C crc = new CRC32C();
        crc.update(content, from, length);
        put(content, from + 4, 4, crc.getValue(), true);
    }

    @ParameterizedTest(name = "region {0}, field at {1}, {2} bytes, value {3}: {4}")
    @CsvSource(delimiter = '|', value = {"0x30000 | 8 | 4 | 0xffffffff | entries",
        "0x30000 | 0x20 | 8 | 0x300000 | overlaps", "0x30000 | 0x20 | 8 | 0x200001 | invalid place",
        "0x30000 | 0x20 | 8 | 0x7ffffffffff00000 | invalid place", "0x30000 | 0x10 | 4 | 7 | unknown kind",
        "0x310000 | 0 | 4 | 3 | size of a block", "0x310000 | 0 | 4 | 0x80000000 | size of a block",
        "0x310000 | 4 | 4 | 2 | differencing", "0x310000 | 8 | 8 | 0x7fffffffffffffff | size is invalid",
        "0x310000 | 8 | 8 | 0x300000000000 | too small", "0x310000 | 32 | 4 | 0 | size of a sector",
        "0x200000 | 0 | 8 | 0x6 | overlaps", "0x200000 | 0 | 8 | 0x7ffffffffff00006 | end of file"})
    void shouldRefuseFieldsOfHyperVImages(String region, String field, int size, String value, String message)
            throws IOException {
        byte[] content = written("vhdx");
        put(content, Integer.decode(region) + Integer.decode(field), size, Long.decode(value), true);
        sumVhdx(content, 0x30000, 0x10000);

        IOException e = assertThrows(IOException.class, () -> NewDisks.open("vhdx", bounded(content), true));

        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @ParameterizedTest(name = "{0}: the entry at {1} becomes {2}")
    @DisplayName("data is not written over tables, and the rest stays readable")
    @CsvSource({"vpc,1536,4,0", "vpc,1536,4,2", "vmdk,0x3600,4,21", "vdi,512,4,99", "qcow,48,8,8"})
    void shouldNotWriteDataOverTables(String format, String offset, int size, long value) throws IOException {
        byte[] content = written(format);
        put(content, Integer.decode(offset), size, value, format.equals("vmdk") || format.equals("vdi"));
        MemoryFile file = bounded(content);
        assertThrows(IOException.class, () -> {
            try (DiskImage image = NewDisks.open(format, file, false)) {
                TestDisks.write(image, 100, (byte) 1);
            }
        });
        if (format.equals("vmdk")) {
            // The content id has changed.
            return;
        }
        assertArrayEquals(content, file.content());
    }

    @ParameterizedTest
    @DisplayName("random damage to tables ends in an IOException, or in other content, soon")
    @CsvSource({"vdi,1024", "vpc,2048", "vmdk,65536", "vhdx,0x320000", "qcow,4608"})
    void shouldBearRandomDamage(String format, String tables) throws IOException {
        byte[] content = written(format);
        Random random = new Random(1);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] bad = content.clone();
                for (int i = 0; i < 1 + random.nextInt(4); i++) {
                    bad[place(content, Integer.decode(tables), random)] = (byte) random.nextInt();
                }
                use(format, bounded(bad), round % 2 == 0);
            }
        });
    }

    /** Where there is something, in most cases: much of the tables is empty. */
    private static int place(byte[] content, int tables, Random random) {
        for (int tries = 0; tries < 2000; tries++) {
            int at = random.nextInt(tables);
            if (content[at] != 0) {
                return at;
            }
        }
        return random.nextInt(tables);
    }

    private static void use(String format, BlockFile file, boolean readOnly) {
        try (DiskImage image = NewDisks.open(format, file, readOnly)) {
            int size = (int) Math.min(image.capacity(), 1 << 20);
            for (long offset : new long[] {0, Math.max(0, image.capacity() - size), Math.min(3 << 20, image.capacity()
                    - size)}) {
                image.read(offset, MemorySegment.ofArray(new byte[size]));
                image.extent(offset, Math.max(size, 1));
                if (!readOnly) {
                    image.write(offset, MemorySegment.ofArray(new byte[Math.min(size, 70_000)]));
                }
            }
        } catch (IOException | IndexOutOfBoundsException e) {
            assertTrue(e instanceof IOException || e.getMessage().contains("length"), e.toString());
        }
    }

    /** A log with one entry that writes a sector of the table of blocks, as another program leaves it. */
    private static byte[] withLog(byte[] content, byte[] sector, long offset) {
        int log = 1 << 20;
        byte[] id = TestDisks.randomBytes(9, 16);
        System.arraycopy(id, 0, content, log + 32, 16);
        put(content, log, 4, 0x65676f6c, true);
        put(content, log + 8, 4, 8192, true);
        put(content, log + 16, 8, 5, true);
        put(content, log + 24, 4, 1, true);
        put(content, log + 48, 8, content.length, true);
        put(content, log + 56, 8, content.length, true);
        put(content, log + 64, 4, 0x63736564, true);
        System.arraycopy(sector, 4092, content, log + 68, 4);
        System.arraycopy(sector, 0, content, log + 72, 8);
        put(content, log + 80, 8, offset, true);
        put(content, log + 88, 8, 5, true);
        put(content, log + 4096, 4, 0x61746164, true);
        System.arraycopy(sector, 8, content, log + 4104, 4084);
        put(content, log + 8188, 4, 5, true);
        sumVhdx(content, log, 8192);
        for (int header : new int[] {0x10000, 0x20000}) {
            System.arraycopy(id, 0, content, header + 48, 16);
            sumVhdx(content, header, 4096);
        }
        return content;
    }

    @Test
    @DisplayName("a log is replayed by a writable opening, and refuses a read-only one")
    void shouldReplayTheLogOfAHyperVImage() throws IOException {
        byte[] whole = written("vhdx");
        byte[] sector = Arrays.copyOfRange(whole, 0x200000, 0x201000);
        byte[] content = whole.clone();
        Arrays.fill(content, 0x200000, 0x201000, (byte) 0);
        MemoryFile file = bounded(withLog(content, sector, 0x200000));
        byte[] before = file.content();

        IOException e = assertThrows(IOException.class, () -> NewDisks.open("vhdx", file, true));
        assertTrue(e.getMessage().contains("log that needs to be replayed"), e.getMessage());
        assertArrayEquals(before, file.content(), "a read-only opening does not write");

        byte[] expected;
        try (DiskImage image = NewDisks.open("vhdx", bounded(whole), true)) {
            expected = TestDisks.readAll(image);
        }
        try (DiskImage image = NewDisks.open("vhdx", file, false)) {
            assertArrayEquals(expected, TestDisks.readAll(image));
        }
        try (DiskImage image = NewDisks.open("vhdx", file, true)) {
            assertArrayEquals(expected, TestDisks.readAll(image));
        }
    }

    @Test
    @DisplayName("a damaged log ends in an IOException or is ignored, soon")
    void shouldBearADamagedLog() throws IOException {
        byte[] whole = written("vhdx");
        byte[] content = withLog(whole, Arrays.copyOfRange(whole, 0x200000, 0x201000), 0x200000);
        Random random = new Random(1);
        assertTimeoutPreemptively(Duration.ofSeconds(60), () -> {
            for (int round = 0; round < ROUNDS; round++) {
                byte[] bad = content.clone();
                bad[(1 << 20) + random.nextInt(96)] = (byte) random.nextInt();
                sumVhdx(bad, 1 << 20, 8192);
                use("vhdx", bounded(bad), false);
            }
        });
    }
}

package jkvm.host.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Random;

/** Small qcow2 images in memory. */
final class TestDisks {
    private TestDisks() {
    }

    static CreateOptions options(long size, int clusterSize, int version, boolean lazy) {
        return new CreateOptions(size, clusterSize, version, 16, lazy, null, null);
    }

    static CreateOptions options(long size, int clusterSize, int version, int refcountBits, boolean lazy) {
        return new CreateOptions(size, clusterSize, version, refcountBits, lazy, null, null);
    }

    static MemoryFile create(CreateOptions options) throws IOException {
        MemoryFile file = new MemoryFile();
        Qcow2Creator.create(file, options);
        return file;
    }

    static Qcow2Image open(BlockFile file, DiskImage backing, boolean readOnly) throws IOException {
        return Qcow2Image.open(file, Qcow2Header.read(file), backing,
                ImageOptions.WRITABLE.withReadOnly(readOnly).withUnmap(true));
    }

    static Qcow2Image open(BlockFile file) throws IOException {
        return open(file, null, false);
    }

    /** A raw image of {@code content}, to be a backing image. */
    static RawImage raw(byte[] content) throws IOException {
        return new RawImage(new MemoryFile(content), true, false);
    }

    static byte[] randomBytes(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static byte[] readAll(DiskImage image) throws IOException {
        byte[] bytes = new byte[(int) image.capacity()];
        image.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    static byte[] read(DiskImage image, long offset, int size) throws IOException {
        byte[] bytes = new byte[size];
        image.read(offset, MemorySegment.ofArray(bytes));
        return bytes;
    }

    static void write(DiskImage image, long offset, byte... bytes) throws IOException {
        image.write(offset, MemorySegment.ofArray(bytes));
    }

    static CheckResult check(BlockFile file) throws IOException {
        return Qcow2Check.check(file, Qcow2Header.read(file), Qcow2Check.Repair.NOTHING);
    }

    static void assertClean(BlockFile file) throws IOException {
        CheckResult result = check(file);
        assertEquals(0, result.corruptions(), () -> result.messages().toString());
        assertEquals(0, result.leaks(), () -> result.messages().toString());
    }

    static void assertNotCorrupt(BlockFile file) throws IOException {
        CheckResult result = check(file);
        assertEquals(0, result.corruptions(), () -> result.messages().toString());
    }
}

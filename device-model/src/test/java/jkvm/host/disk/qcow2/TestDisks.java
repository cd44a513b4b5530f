package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CheckResult;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Repair;
import jkvm.host.disk.raw.RawDriver;

/** Small qcow2 images in memory. */
public final class TestDisks {
    private TestDisks() {
    }

    public static CreateValues options(long size, int clusterSize, int version, boolean lazy) {
        return options(size, clusterSize, version, 16, lazy);
    }

    public static CreateValues options(long size, int clusterSize, int version, int refcountBits, boolean lazy) {
        return CreateValues.ofSize(size).with("cluster_size", Integer.toString(clusterSize))
                .with("compat", "v" + version).with("refcount_bits", Integer.toString(refcountBits))
                .with("lazy_refcounts", lazy ? "on" : "off");
    }

    /** A disk with options as {@code -o} takes them: {@code extended_l2=on,cluster_size=16k}. */
    public static CreateValues options(long size, String text) {
        CreateValues values = CreateValues.ofSize(size);
        for (String each : text.split(",")) {
            String[] parts = each.split("=");
            values = values.with(parts[0], parts[1]);
        }
        return values;
    }

    public static MemoryFile create(CreateValues options) throws IOException {
        MemoryFile file = new MemoryFile();
        create(file, options);
        return file;
    }

    static void create(BlockFile file, CreateValues options) throws IOException {
        new Qcow2Driver().create(file, options, TestDisks::noFile);
    }

    static DiskImage noFile(String name, Optional<String> format) throws IOException {
        throw new IOException("no file " + name);
    }

    public static DiskImage open(BlockFile file, DiskImage backing, boolean readOnly) throws IOException {
        return Qcow2Image.open(Qcow2Files.of(file, backing), Qcow2Header.read(file),
                ImageOptions.WRITABLE.withReadOnly(readOnly).withUnmap(true));
    }

    public static DiskImage open(BlockFile file) throws IOException {
        return open(file, null, false);
    }

    /** A raw image of {@code content}, to be a backing image. */
    public static DiskImage raw(byte[] content) throws IOException {
        return raw(new MemoryFile(content));
    }

    static DiskImage raw(BlockFile file) throws IOException {
        return new RawDriver().open(file, ImageOptions.READ_ONLY, TestDisks::noFile);
    }

    public static byte[] randomBytes(long seed, int size) {
        byte[] bytes = new byte[size];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    public static byte[] readAll(DiskImage image) throws IOException {
        byte[] bytes = new byte[(int) image.capacity()];
        image.read(0, MemorySegment.ofArray(bytes));
        return bytes;
    }

    public static byte[] read(DiskImage image, long offset, int size) throws IOException {
        byte[] bytes = new byte[size];
        image.read(offset, MemorySegment.ofArray(bytes));
        return bytes;
    }

    public static void write(DiskImage image, long offset, byte... bytes) throws IOException {
        image.write(offset, MemorySegment.ofArray(bytes));
    }

    /** Checks an image, and adds what is wrong to {@code lines}. */
    public static CheckResult check(BlockFile file, List<String> lines) throws IOException {
        return Qcow2Check.check(file, Qcow2Header.readUnchecked(file), Repair.NOTHING, lines::add);
    }

    /** True if the image was not closed well. */
    public static boolean isDirty(BlockFile file) throws IOException {
        return new Qcow2Driver().info(file, TestDisks::noFile).dirty();
    }

    public static void assertClean(BlockFile file) throws IOException {
        List<String> lines = new ArrayList<>();
        CheckResult result = check(file, lines);
        assertEquals(0, result.corruptions() + result.checkErrors(), lines::toString);
        assertEquals(0, result.leaks(), lines::toString);
    }

    public static void assertNotCorrupt(BlockFile file) throws IOException {
        List<String> lines = new ArrayList<>();
        CheckResult result = check(file, lines);
        assertEquals(0, result.corruptions() + result.checkErrors(), lines::toString);
    }
}

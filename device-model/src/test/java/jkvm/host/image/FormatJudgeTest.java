package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Images of other programs' formats go from qemu-img to us and back. */
class FormatJudgeTest {
    private static final int SIZE = (5 << 20) + 3 * 512;
    private static final ImageOptions UNMAP = ImageOptions.WRITABLE.withUnmap(true);
    private static final int NO_CHECKS = 63;

    @TempDir
    private Path folder;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @BeforeAll
    static void needsQemuImg() {
        QemuImg.assumePresent();
    }

    private static ImageFormat format(String name) {
        return ImageFormat.of(name).orElseThrow();
    }

    /** Random bytes with long stretches of zeros. */
    private static byte[] content() {
        byte[] content = TestDisks.randomBytes(1, SIZE);
        Arrays.fill(content, 100_000, 1_500_000, (byte) 0);
        Arrays.fill(content, 3 << 20, 4 << 20, (byte) 0);
        return content;
    }

    /** qemu-img finds no errors, if it checks the format, and the disk holds {@code content} and then zeros. */
    private void assertHolds(String format, Path image, byte[] content) throws IOException {
        QemuImg.Outcome check = QemuImg.run("qemu-img", "check", "-f", format, image.toString());
        assertTrue(check.code() == 0 || check.code() == NO_CHECKS, check.text());
        Path raw = Files.write(folder.resolve("twin.raw"), content);
        QemuImg.Outcome same = QemuImg.run("qemu-img", "compare", "-f", format, "-F", "raw", image.toString(),
                raw.toString());
        assertEquals(0, same.code(), same.text());
    }

    private byte[] changeAtRandom(DiskImage image, byte[] content, int steps) throws IOException {
        RandomRequests requests = new RandomRequests(image, Arrays.copyOf(content, (int) image.capacity()), 1, 300_000);
        for (int i = 0; i < steps; i++) {
            requests.step();
            if (i % 20 == 0) {
                image.flush();
            }
        }
        return requests.twin();
    }

    @ParameterizedTest(name = "{0} {1}")
    @CsvSource({"vdi,static=off", "vdi,static=on", "vpc,subformat=dynamic", "vpc,subformat=fixed",
            "vpc,'subformat=dynamic,force_size=on'",
            "vmdk,subformat=monolithicSparse", "vmdk,subformat=monolithicFlat", "vmdk,subformat=twoGbMaxExtentSparse",
            "vmdk,subformat=twoGbMaxExtentFlat", "vmdk,zeroed_grain=on",
            "vhdx,subformat=dynamic", "vhdx,subformat=fixed", "vhdx,'block_size=1M,block_state_zero=off'",
            "qcow,size=5244416"})
    void shouldReadAndGoOnWithImagesOfQemuImg(String format, String options) throws IOException {
        byte[] content = content();
        Path raw = Files.write(folder.resolve("a.raw"), content);
        Path image = folder.resolve("a.img");
        QemuImg.img("convert", "-f", "raw", "-O", format, "-o", options, raw, image);

        try (DiskImage ours = images.open(image, ImageOptions.READ_ONLY.withFormat(format(format)))) {
            byte[] read = TestDisks.readAll(ours);
            assertArrayEquals(Arrays.copyOf(content, read.length), read);
        }
        try (DiskImage ours = images.open(image, UNMAP.withFormat(format(format)))) {
            content = changeAtRandom(ours, content, 100);
        }
        assertHolds(format, image, content);

        QemuImg.ioAs(format, image, "write -P 7 10000 300000", "write -P 8 3500000 70000", "write -z 0 65536");
        Arrays.fill(content, 10_000, 310_000, (byte) 7);
        Arrays.fill(content, 3_500_000, 3_570_000, (byte) 8);
        Arrays.fill(content, 0, 65_536, (byte) 0);
        try (DiskImage ours = images.open(image, ImageOptions.READ_ONLY.withFormat(format(format)))) {
            assertArrayEquals(content, TestDisks.readAll(ours));
        }
    }

    @ParameterizedTest(name = "{0} {1}={2}")
    @CsvSource({"vdi,static,off", "vdi,static,on", "vpc,subformat,dynamic", "vpc,subformat,fixed", "vpc,force_size,on",
            "vmdk,subformat,monolithicSparse", "vmdk,subformat,monolithicFlat", "vmdk,subformat,twoGbMaxExtentSparse",
            "vmdk,subformat,twoGbMaxExtentFlat", "vmdk,zeroed_grain,on",
            "vhdx,subformat,dynamic", "vhdx,subformat,fixed", "vhdx,block_size,1M", "vhdx,block_state_zero,off",
            "qcow,size,5244416"})
    void shouldMakeImagesThatQemuImgReadsAndGoesOnWith(String format, String option, String value)
            throws IOException {
        Path image = folder.resolve("a.img");
        images.create(image, format(format), CreateValues.ofSize(SIZE).with(option, value));
        assertHolds(format, image, new byte[SIZE]);
        byte[] content;
        try (DiskImage ours = images.open(image, UNMAP.withFormat(format(format)))) {
            content = changeAtRandom(ours, new byte[0], 100);
        }
        assertHolds(format, image, content);

        QemuImg.ioAs(format, image, "write -P 7 10000 300000");
        Arrays.fill(content, 10_000, 310_000, (byte) 7);
        try (DiskImage ours = images.open(image, ImageOptions.READ_ONLY.withFormat(format(format)))) {
            assertArrayEquals(content, TestDisks.readAll(ours));
        }
    }

    @Test
    void shouldReadAndWriteCompressedStreams() throws IOException {
        byte[] content = content();
        Arrays.fill(content, 0, 60_000, (byte) 1);
        Path raw = Files.write(folder.resolve("a.raw"), content);
        Path theirs = folder.resolve("theirs.vmdk");
        QemuImg.img("convert", "-f", "raw", "-O", "vmdk", "-o", "subformat=streamOptimized", raw, theirs);
        try (DiskImage image = images.open(theirs, ImageOptions.READ_ONLY.withFormat(ImageFormat.VMDK))) {
            assertArrayEquals(content, TestDisks.readAll(image));
        }

        Path ours = folder.resolve("ours.vmdk");
        images.create(ours, ImageFormat.VMDK, CreateValues.ofSize(SIZE).with("subformat", "streamOptimized"));
        try (DiskImage image = images.open(ours, UNMAP.withFormat(ImageFormat.VMDK))) {
            image.writeCompressed(0, MemorySegment.ofArray(content).asSlice(0, 65536));
            image.write(65536, MemorySegment.ofArray(content).asSlice(65536));
            assertThrows(IOException.class, () -> TestDisks.write(image, 0, (byte) 1));
            assertArrayEquals(content, TestDisks.readAll(image));
        }
        assertHolds("vmdk", ours, content);
        assertTrue(Files.size(ours) < Files.size(theirs) * 1.1, "as small as qemu-img's");
    }

    @Test
    void shouldReadThroughAParentAndRefuseOneThatChanged() throws IOException {
        Path parent = folder.resolve("parent.vmdk");
        byte[] content = content();
        QemuImg.img("convert", "-f", "raw", "-O", "vmdk", Files.write(folder.resolve("a.raw"), content), parent);
        Path theirs = folder.resolve("theirs.vmdk");
        QemuImg.img("create", "-f", "vmdk", "-b", parent, "-F", "vmdk", theirs);
        Path ours = folder.resolve("ours.vmdk");
        images.create(ours, ImageFormat.VMDK, CreateValues.ofSize(SIZE).withBacking("parent.vmdk", ImageFormat.VMDK));
        for (Path image : new Path[] {theirs, ours}) {
            try (DiskImage disk = images.open(image, UNMAP.withFormat(ImageFormat.VMDK))) {
                byte[] now = changeAtRandom(disk, content, 30);
                assertArrayEquals(now, TestDisks.readAll(disk));
                disk.flush();
                Files.write(folder.resolve(image.getFileName() + ".twin"), now);
            }
            assertHolds("vmdk", image, Files.readAllBytes(folder.resolve(image.getFileName() + ".twin")));
        }

        try (DiskImage disk = images.open(parent, UNMAP.withFormat(ImageFormat.VMDK))) {
            TestDisks.write(disk, 0, (byte) 1);
        }
        assertThrows(DiskException.class, () -> images.open(ours, UNMAP.withFormat(ImageFormat.VMDK)));
    }

    @Test
    void shouldReadOldCompressedClustersAndWriteOverThem() throws IOException {
        byte[] content = content();
        Arrays.fill(content, 2_000_000, 2_500_000, (byte) 1);
        Path image = folder.resolve("a.qcow");
        Path raw = Files.write(folder.resolve("a.raw"), content);
        // qemu-img 7.2 exits with 1 and no word here, and the image is whole.
        QemuImg.run("qemu-img", "convert", "-c", "-f", "raw", "-O", "qcow", raw.toString(), image.toString());

        try (DiskImage ours = images.open(image, UNMAP.withFormat(ImageFormat.QCOW))) {
            assertArrayEquals(content, TestDisks.readAll(ours));
            content = changeAtRandom(ours, content, 50);
        }

        assertHolds("qcow", image, content);
    }

    @Test
    void shouldShowABackingFileThroughAnOldImage() throws IOException {
        byte[] content = content();
        Files.write(folder.resolve("a.raw"), content);
        Path image = folder.resolve("a.qcow");
        images.create(image, ImageFormat.QCOW, CreateValues.ofSize(SIZE).withBacking("a.raw", ImageFormat.RAW));
        try (DiskImage ours = images.open(image, UNMAP.withFormat(ImageFormat.QCOW))) {
            content = changeAtRandom(ours, content, 50);
        }
        assertHolds("qcow", image, content);
    }
}

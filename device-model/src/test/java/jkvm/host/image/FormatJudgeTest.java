package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.BeforeAll;
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
            "vpc,'subformat=dynamic,force_size=on'"})
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
}

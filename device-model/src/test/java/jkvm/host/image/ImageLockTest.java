package jkvm.host.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImageLockTest {
    @TempDir
    private Path folder;
    private Path image;
    private final DiskImages images = new DiskImages(new FfmSyscalls());

    @BeforeEach
    void createImage() {
        image = folder.resolve("a.qcow2");
        images.create(image, ImageFormat.QCOW2, CreateValues.ofSize(1 << 20));
    }

    private void assertRefused(ImageOptions options) {
        DiskException e = assertThrows(DiskException.class, () -> images.open(image, options));
        assertEquals(DiskException.Kind.IN_USE, e.kind());
        assertTrue(e.getMessage().contains("lock: another process, or"), e.getMessage());
    }

    @Test
    @DisplayName("an image has one writer or many readers, never both")
    void shouldLetOneWriterOrManyReadersIn() throws IOException {
        try (DiskImage writer = images.open(image, ImageOptions.WRITABLE)) {
            assertEquals(1 << 20, writer.capacity());
            assertRefused(ImageOptions.WRITABLE);
            assertRefused(ImageOptions.READ_ONLY);
            images.open(image, ImageOptions.READ_ONLY.withLocked(false)).close();
        }
        try (DiskImage one = images.open(image, ImageOptions.READ_ONLY);
                DiskImage two = images.open(image, ImageOptions.READ_ONLY)) {
            assertEquals(one.capacity(), two.capacity());
            assertRefused(ImageOptions.WRITABLE);
        }
        images.open(image, ImageOptions.WRITABLE).close();
    }

    @Test
    void shouldNotEmptyAnImageInUse() throws IOException {
        try (DiskImage writer = images.open(image, ImageOptions.WRITABLE)) {
            TestDisks.write(writer, 0, (byte) 9);
            assertThrows(DiskException.class, () -> images.create(image, ImageFormat.RAW, CreateValues.ofSize(512)));
        }
        try (DiskImage reader = images.open(image, ImageOptions.READ_ONLY)) {
            assertEquals(9, TestDisks.read(reader, 0, 1)[0]);
        }
    }

    @Test
    @DisplayName("QEMU refuses an image that we use")
    void shouldKeepQemuOut() throws IOException {
        QemuImg.assumePresent();
        try (DiskImage writer = images.open(image, ImageOptions.WRITABLE)) {
            QemuImg.Outcome info = QemuImg.run("qemu-img", "info", image.toString());
            assertEquals(1, info.code());
            assertTrue(info.text().contains("Failed to get shared \"write\" lock"), info.text());
            QemuImg.Outcome io = QemuImg.run("qemu-io", "-c", "write 0 512", image.toString());
            assertTrue(io.text().contains("lock"), io.text());
            writer.flush();
        }
        try (DiskImage reader = images.open(image, ImageOptions.READ_ONLY)) {
            assertEquals(0, QemuImg.run("qemu-img", "info", image.toString()).code());
            QemuImg.Outcome io = QemuImg.run("qemu-io", "-c", "write 0 512", image.toString());
            assertTrue(io.text().contains("Failed to get \"write\" lock"), io.text());
            assertEquals(0, TestDisks.read(reader, 0, 1)[0]);
        }
    }

    @Test
    @DisplayName("we refuse an image that QEMU uses")
    void shouldStayOutWhereQemuIs() throws Exception {
        QemuImg.assumePresent();
        Process qemu = new ProcessBuilder("qemu-io", image.toString()).redirectErrorStream(true).start();
        try (OutputStream commands = qemu.getOutputStream()) {
            commands.write("write 0 512\n".getBytes(StandardCharsets.UTF_8));
            commands.flush();
            // It answers once it has the image open.
            StringBuilder answer = new StringBuilder();
            while (answer.indexOf("wrote") < 0) {
                int next = qemu.getInputStream().read();
                assertTrue(next >= 0, answer.toString());
                answer.append((char) next);
            }
            assertRefused(ImageOptions.WRITABLE);
            assertRefused(ImageOptions.READ_ONLY);
        }
        qemu.waitFor();
        images.open(image, ImageOptions.WRITABLE).close();
    }
}

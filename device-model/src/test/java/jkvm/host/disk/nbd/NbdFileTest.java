package jkvm.host.disk.nbd;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.QemuImg;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class NbdFileTest {
    @TempDir
    private Path folder;

    @Test
    void shouldReadAndWriteWhatQemuServes() throws Exception {
        QemuImg.assumePresent();
        Path raw = folder.resolve("a.raw");
        Files.write(raw, new byte[4 << 20]);
        Path socket = folder.resolve("s");
        Process server = new ProcessBuilder("qemu-nbd", "-t", "-f", "raw", "-x", "disk", "-k", socket.toString(),
                raw.toString()).inheritIO().start();
        try {
            while (!Files.exists(socket) && server.isAlive()) {
                TimeUnit.MILLISECONDS.sleep(10);
            }
            DiskImages images = new DiskImages(new FfmSyscalls());
            byte[] data = {1, 2, 3, 4, 5};
            try (DiskImage image = images.open("nbd:unix:" + socket + ":exportname=disk",
                    ImageOptions.WRITABLE.withFormat(ImageFormat.RAW))) {
                assertEquals(4 << 20, image.capacity());
                image.write(3_000_001, MemorySegment.ofArray(data));
                image.flush();
            }
            Path top = folder.resolve("top.qcow2");
            images.create(top, ImageFormat.QCOW2, CreateValues.ofSize(4 << 20)
                    .withBacking("nbd+unix:///disk?socket=" + socket, ImageFormat.RAW));
            byte[] found = new byte[data.length];
            try (DiskImage image = images.open(top, ImageOptions.READ_ONLY)) {
                image.read(3_000_001, MemorySegment.ofArray(found));
            }
            assertArrayEquals(data, found);
        } finally {
            server.destroy();
            server.waitFor();
        }
    }

    @Test
    void shouldReadNamesAsQemuDoes() throws IOException {
        assertEquals("localhost/<unresolved>:10809 a", place("nbd://localhost/a"));
        assertEquals("h/<unresolved>:99 x", place("nbd:h:99:exportname=x"));
        assertEquals("/run/s ", place("nbd:unix:/run/s"));
        assertEquals("/run/s e", place("nbd+unix:///e?socket=/run/s"));
        assertThrows(ImageException.class, () -> NbdAddress.parse("nbd:here"));
    }

    private static String place(String text) throws IOException {
        NbdAddress address = NbdAddress.parse(text);
        return address.socket() + " " + address.export();
    }
}

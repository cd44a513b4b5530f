package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** {@code jkvm img serve} as a process of its own. */
@Timeout(60)
class ImgServeTest {
    private static final int SIZE = 1 << 20;

    @TempDir
    private Path folder;
    private Process server;

    @BeforeEach
    void makeADisk() throws IOException {
        Files.write(folder.resolve("raw"), new byte[SIZE]);
    }

    @AfterEach
    void end() throws InterruptedException {
        server.destroyForcibly().waitFor();
    }

    /** @return the disk's name, which the server prints */
    private String serve(String options) throws IOException {
        server = new ProcessBuilder(JkvmProcess.command(("img serve -f raw " + options.replace("@", folder + "/") + " "
                + folder.resolve("raw")).split(" +"))).redirectErrorStream(true).start();
        BufferedReader lines = server.inputReader();
        String line = lines.readLine();
        assertTrue(line != null && line.startsWith("Listening on nbd"), line);
        return line.substring("Listening on ".length());
    }

    /** SIGTERM. @return how many milliseconds the server lived on */
    private long terminate() throws InterruptedException {
        long start = System.nanoTime();
        server.destroy();
        assertTrue(server.waitFor(10, TimeUnit.SECONDS), "the server goes on");
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
    }

    @Test
    void shouldServeAPortOfThisHostUntilSigtermAndKeepTheData() throws Exception {
        QemuImg.assumePresent();
        String name = serve("--port=0 -x e -t");
        assertTrue(name.matches("nbd://127.0.0.1:[0-9]+/e"), name);
        QemuImg.Outcome written = QemuImg.run("qemu-io", "-f", "raw", "-c", "write -P 7 1000 5000", name);
        assertEquals(0, written.code(), written.text());
        URI place = URI.create(name);
        try (SocketChannel idle = SocketChannel.open(new InetSocketAddress(place.getHost(), place.getPort()))) {
            idle.read(ByteBuffer.allocate(18));
            long millis = terminate();
            assertTrue(millis < 1000, millis + " ms");
        }
        assertEquals(0, server.exitValue());
        assertEquals(7, Files.readAllBytes(folder.resolve("raw"))[5999]);
    }

    @Test
    void shouldRemoveItsSocketAtSigtermWhileAWriteHangs() throws Exception {
        serve("-k @s -t");
        try (SocketChannel client = SocketChannel.open(UnixDomainSocketAddress.of(folder.resolve("s")))) {
            client.read(ByteBuffer.allocate(18));
            // Takes the export by NBD_OPT_EXPORT_NAME, and sends the first byte of a write of 512 bytes.
            client.write(ByteBuffer.allocate(20).putInt(3).putLong(0x49484156454f5054L).putInt(1).putInt(0).flip());
            client.read(ByteBuffer.allocate(10));
            client.write(ByteBuffer.allocate(29).putInt(0x25609513).putInt(1).putLong(1).putLong(0).putInt(512)
                    .clear());
            long millis = terminate();
            assertTrue(millis < 1000, millis + " ms");
        }
        assertFalse(Files.exists(folder.resolve("s")));
    }

    @Test
    void shouldLetNobodyWriteWithR() throws Exception {
        QemuImg.assumePresent();
        String name = serve("-k @s -r -t");
        QemuImg.Outcome refused = QemuImg.run("qemu-io", "-f", "raw", "-c", "write 0 512", name);
        assertTrue(refused.code() != 0, refused.text());
        QemuImg.Outcome read = QemuImg.run("qemu-io", "-r", "-f", "raw", "-c", "read -P 0 0 1M", name);
        assertEquals(0, read.code(), read.text());
    }

    @Test
    void shouldEndWithItsLastClient() throws Exception {
        QemuImg.assumePresent();
        QemuImg.img("info", serve("-k @s"));
        assertTrue(server.waitFor(10, TimeUnit.SECONDS), "the server goes on");
        assertEquals(0, server.exitValue());
    }
}

package jkvm.control.vnc;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** No client harms the server, other viewers or the guest. */
class VncHostileTest {
    private static final int THOUSAND = 1000;

    private final VncFixture vnc = new VncFixture();

    @AfterEach
    void close() {
        vnc.close();
    }

    private void assertServes() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.update(false);
            assertEquals(100 * 70, viewer.pixels.length);
        }
    }

    @Test
    void shouldServeAViewerBesideAThousandHalfHandshakes() throws IOException {
        // threat 77
        int before = Thread.activeCount();
        List<Socket> sockets = new ArrayList<>();
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            for (int i = 0; i < THOUSAND; i++) {
                sockets.add(new Socket("localhost", vnc.port()));
            }
            viewer.update(false);
            assertServes();
            assertTrue(Thread.activeCount() - before < 100, "threads are bounded");
        } finally {
            for (Socket socket : sockets) {
                socket.close();
            }
        }
    }

    private void assertDropped(int... message) throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            for (int value : message) {
                viewer.out.writeByte(value);
            }
            viewer.out.flush();
            int end = viewer.in.read();
            assertEquals(-1, end);
        } catch (SocketException _) {
            // Ended with bytes that nobody has read: the same.
        }
        assertServes();
    }

    @Test
    void shouldDropViewersWhoseLengthsAreAbsurd() throws IOException {
        // threat 78: text of 4 GiB less one, of 1 MiB and one; pixels of 24 bits; unknown messages
        assertDropped(6, 0, 0, 0, 0xff, 0xff, 0xff, 0xff);
        assertDropped(6, 0, 0, 0, 0, 0x10, 0, 1);
        assertDropped(0, 0, 0, 0, 24, 24, 0, 1, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0);
        assertDropped(0, 0, 0, 0, 32, 24, 0, 1, 0, 255, 0, 255, 0, 255, 32, 8, 0, 0, 0, 0);
        assertDropped(0, 0, 0, 0, 16, 16, 0, 0, 0, 255, 0, 255, 0, 255, 16, 8, 0, 0, 0, 0);
        assertDropped(255, 1, 0, 0);
        assertDropped(199);
    }

    @Test
    void shouldClipAbsurdRectanglesAndTakeAllOfALongText() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            // threat 78: a text that is allowed, a long list of encodings
            viewer.out.write(new byte[] {6, 0, 0, 0, 0, 0x10, 0, 0});
            viewer.out.write(new byte[1 << 20]);
            int[] encodings = new int[0xffff];
            encodings[0xfffe] = RfbTestClient.HEXTILE;
            for (int i = 0; i < 0xfffe; i++) {
                encodings[i] = 1_000_000 + i;
            }
            viewer.setEncodings(encodings);
            for (byte x : new byte[] {0, 127, -1}) {
                viewer.out.write(new byte[] {3, 0, x, x, x, x, -1, -1, -1, -1});
            }
            viewer.update(false);
            assertEquals(RfbTestClient.HEXTILE, viewer.encodings.getLast());
        }
    }

    @Test
    void shouldEndAViewerThatDoesNotReadWithTheServer() throws IOException {
        // threat 79
        vnc.screen.resize(1024, 768);
        RfbTestClient viewer = RfbTestClient.open(vnc.port());
        for (int i = 0; i < 1000; i++) {
            viewer.request(false);
        }
        long begin = System.nanoTime();
        vnc.server.close();
        assertTrue(System.nanoTime() - begin < 5_000_000_000L);
        assertThrows(IOException.class, () -> {
            while (true) {
                viewer.read();
            }
        });
        viewer.close();
    }

    @Test
    void shouldSurviveRandomMessages() throws IOException {
        // threats 77 to 80
        long seed = Long.getLong("jkvm.seed", 12);
        int messages = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 20_000;
        Random random = new Random(seed);
        int left = messages;
        while (left > 0) {
            left -= session(random, left);
        }
        assertServes();
        assertTrue(vnc.input.hasKeyboard(), "seed " + seed);
    }

    /** @return how many messages the server has got */
    private int session(Random random, int most) throws IOException {
        int sent = 0;
        int limit = Math.min(most, 1 + random.nextInt(4000));
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            Thread reader = Thread.ofVirtual().start(() -> drain(viewer));
            try {
                for (; sent < limit; sent++) {
                    message(random, viewer);
                    if (sent % 64 == 0) {
                        viewer.out.flush();
                        vnc.settle();
                    }
                    if (sent % 1024 == 0) {
                        vnc.screen.paint(random);
                    }
                }
                viewer.out.flush();
            } catch (SocketException _) {
                // Dropped, and rightly so.
            }
            // The server reads all that it has got before it ends the connection.
            viewer.socket.shutdownOutput();
            reader.join();
        } catch (SocketException _) {
            // The last bytes could not be sent.
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        return Math.max(1, sent);
    }

    private static void drain(RfbTestClient viewer) {
        try {
            byte[] bytes = new byte[65536];
            while (viewer.in.read(bytes) >= 0) {
                // All is forgotten.
            }
        } catch (IOException _) {
            // It is over.
        }
    }

    private static void message(Random random, RfbTestClient viewer) throws IOException {
        byte[] bytes = new byte[20];
        random.nextBytes(bytes);
        int[] kinds = {0, 2, 3, 4, 5, 6, 251, 255};
        int kind = random.nextInt(4000) == 0 ? random.nextInt(256) : kinds[random.nextInt(kinds.length)];
        viewer.out.writeByte(kind);
        switch (kind) {
            case 0 -> {
                viewer.out.write(bytes, 0, 3);
                viewer.out.write(new byte[] {(byte) (8 << random.nextInt(3)), bytes[0], bytes[1], 1});
                viewer.out.write(bytes, 4, 6);
                for (int i = 10; i < 13; i++) {
                    viewer.out.writeByte(bytes[i] & 31);
                }
                viewer.out.write(bytes, 13, 3);
            }
            case 2 -> {
                int[] numbers = {0, 1, 5, 6, 7, 16, -223, -308, -257, -258, -261, -250, random.nextInt()};
                int count = random.nextInt(6);
                viewer.out.writeByte(0);
                viewer.out.writeShort(count);
                for (int i = 0; i < count; i++) {
                    viewer.out.writeInt(numbers[random.nextInt(numbers.length)]);
                }
            }
            case 3 -> viewer.out.write(bytes, 0, 9);
            case 4 -> viewer.out.write(bytes, 0, 7);
            case 5 -> viewer.out.write(bytes, 0, 5);
            case 6 -> {
                viewer.out.write(bytes, 0, 3);
                int length = random.nextInt(100);
                viewer.out.writeInt(length);
                viewer.out.write(new byte[length]);
            }
            case 251 -> {
                viewer.out.write(bytes, 0, 5);
                viewer.out.writeByte(1);
                viewer.out.write(bytes, 0, 17);
            }
            case 255 -> {
                viewer.out.writeByte(0);
                viewer.out.write(bytes, 0, 10);
            }
            default -> viewer.out.write(bytes);
        }
    }
}

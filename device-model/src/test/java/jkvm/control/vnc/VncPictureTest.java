package jkvm.control.vnc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import java.util.function.IntUnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VncPictureTest {
    private static final int ROUNDS = 12;

    private final VncFixture vnc = new VncFixture();
    private final Random random = new Random(12);

    @AfterEach
    void close() {
        vnc.close();
    }

    /** Waits until the viewer has the picture, as a format shows it. */
    private void assertShown(RfbTestClient viewer, IntUnaryOperator format) throws IOException {
        int[] wanted = Arrays.stream(vnc.screen.pixels()).map(format).toArray();
        for (int i = 0; i < 100 && !Arrays.equals(wanted, viewer.pixels); i++) {
            viewer.update(true);
        }
        assertArrayEquals(wanted, viewer.pixels);
    }

    @ParameterizedTest
    @ValueSource(ints = {RfbTestClient.RAW, RfbTestClient.HEXTILE, RfbTestClient.ZLIB, RfbTestClient.TIGHT,
            RfbTestClient.ZRLE})
    void shouldShowEachPictureInEachEncodingWithoutLoss(int encoding) throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.setEncodings(encoding, -256 + 6);
            for (int i = 0; i < ROUNDS; i++) {
                // when
                vnc.screen.paint(random);
                // then
                viewer.update(false);
                assertShown(viewer, rgb -> rgb);
                assertEquals(encoding, viewer.encodings.getLast());
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {RfbTestClient.RAW, RfbTestClient.HEXTILE, RfbTestClient.ZLIB, RfbTestClient.TIGHT,
            RfbTestClient.ZRLE})
    void shouldShowPixelsInTheViewersFormat(int encoding) throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.setEncodings(encoding);
            vnc.screen.paint(random);
            // 16 bits, both orders
            viewer.setFormat(16, 16, false, 31, 63, 31, 11, 5, 0);
            viewer.update(false);
            assertShown(viewer, VncPictureTest::rgb565);
            viewer.setFormat(16, 16, true, 31, 63, 31, 11, 5, 0);
            viewer.update(false);
            assertShown(viewer, VncPictureTest::rgb565);
            // 8 bits
            viewer.setFormat(8, 8, false, 7, 7, 3, 0, 3, 6);
            viewer.update(false);
            assertShown(viewer, rgb -> level(rgb >> 16, 7) | level(rgb >> 8, 7) << 3 | level(rgb, 3) << 6);
            // 32 bits in another place, where ZRLE leaves the low byte out
            viewer.setFormat(32, 24, true, 255, 255, 255, 24, 16, 8);
            viewer.compactFrom = 1;
            viewer.update(false);
            if (encoding != RfbTestClient.TIGHT) {
                assertShown(viewer, rgb -> rgb << 8);
            }
        }
    }

    private static int level(int value, int max) {
        return ((value & 255) * max + 127) / 255;
    }

    private static int rgb565(int rgb) {
        return level(rgb >> 16, 31) << 11 | level(rgb >> 8, 63) << 5 | level(rgb, 31);
    }

    @Test
    void shouldTakeTheFirstEncodingThatTheViewerNames() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.setEncodings(4711, RfbTestClient.ZRLE, RfbTestClient.TIGHT, RfbTestClient.RAW);
            viewer.update(false);
            assertEquals(RfbTestClient.ZRLE, viewer.encodings.getLast());
        }
    }

    @Test
    void shouldSendOnlyTheTilesThatHaveChanged() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.update(false);
            // when: the screen says that all of it has changed, and one pixel has
            viewer.encodings.clear();
            vnc.screen.set(99, 69, 0x123456);
            assertShown(viewer, rgb -> rgb);
            // then
            assertEquals(1, viewer.encodings.size());
        }
    }

    @Test
    void shouldMoveTextThatScrollsInTheViewer() throws IOException {
        vnc.screen.resize(320, 400);
        vnc.screen.paint(random);
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.setEncodings(RfbTestClient.COPY_RECT, RfbTestClient.RAW);
            viewer.update(false);
            assertShown(viewer, rgb -> rgb);
            for (int lines : new int[] {16, 48, 14, 16}) {
                viewer.encodings.clear();
                vnc.screen.scroll(lines, random);
                assertShown(viewer, rgb -> rgb);
                assertTrue(viewer.encodings.contains(RfbTestClient.COPY_RECT), "moved by " + lines);
            }
        }
    }

    @Test
    void shouldSendTheColoursOfItsMapToAViewerWithoutTrueColour() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.out.write(new byte[] {0, 0, 0, 0, 8, 8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0});
            viewer.bytes = 1;
            vnc.screen.fill(0, 0, 100, 70, 0xff0000);
            viewer.update(false);
            assertShown(viewer, _ -> 0xe0);
            assertNotNull(viewer.colourMap);
            assertEquals(0xff0000, viewer.colourMap[0xe0]);
        }
    }

    @Test
    void shouldFollowTheScreensSizeWhereTheViewerCan() throws IOException {
        try (RfbTestClient can = RfbTestClient.open(vnc.port()); RfbTestClient cannot = RfbTestClient.open(vnc.port());
                RfbTestClient extended = RfbTestClient.open(vnc.port())) {
            can.setEncodings(RfbTestClient.RAW, RfbTestClient.DESKTOP_SIZE);
            extended.setEncodings(RfbTestClient.ZRLE, RfbTestClient.EXTENDED_DESKTOP_SIZE);
            can.update(false);
            cannot.update(false);
            extended.update(false);
            // when
            vnc.screen.resize(48, 200);
            vnc.screen.paint(random);
            // then
            can.update(true);
            extended.update(true);
            assertEquals(200, can.height);
            assertEquals(48, extended.width);
            assertShown(can, rgb -> rgb);
            assertShown(extended, rgb -> rgb);
            // and: the other one gets the part that it has room for, on black
            cannot.update(true);
            assertEquals(0, cannot.pixels[99]);
            assertEquals(vnc.screen.pixels()[69 * 48 + 47], cannot.pixels[69 * 100 + 47]);
        }
    }

    @Test
    void shouldServeManyViewersOfDifferentSpeed() throws IOException {
        // given: threat 79, a viewer that asks and does not read
        vnc.screen.resize(800, 600);
        vnc.screen.paint(random);
        try (RfbTestClient slow = RfbTestClient.open(vnc.port()); RfbTestClient fast = RfbTestClient.open(vnc.port())) {
            for (int i = 0; i < 100; i++) {
                slow.request(false);
            }
            // when
            long begin = System.nanoTime();
            for (int i = 0; i < 10; i++) {
                vnc.screen.fill(0, 0, 800, 600, i * 1000 + 1);
                fast.update(true);
                assertShown(fast, rgb -> rgb);
            }
            // then
            assertTrue(System.nanoTime() - begin < 10_000_000_000L);
        }
    }
}

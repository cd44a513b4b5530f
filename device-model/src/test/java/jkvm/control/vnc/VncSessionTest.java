package jkvm.control.vnc;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import jkvm.host.input.Button;
import jkvm.host.input.InputEvent;
import jkvm.host.input.Key;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class VncSessionTest {
    private static final String WRONG = "wrong password";

    private VncFixture vnc = new VncFixture();

    @AfterEach
    void close() {
        vnc.close();
    }

    private void serve(String password, VncConfig.Share share, int connections) {
        vnc.close();
        vnc = new VncFixture(VncFixture.config(Optional.ofNullable(password), share, connections));
    }

    private static void await(BooleanSupplier wanted) {
        for (int i = 0; i < 1000 && !wanted.getAsBoolean(); i++) {
            try {
                Thread.sleep(5);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }
        assertTrue(wanted.getAsBoolean());
    }

    private static void assertEnds(RfbTestClient viewer) throws IOException {
        assertEquals(-1, viewer.in.read());
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 4, 5})
    void shouldLetViewersOfTheFirstVersionsInWithoutAsking(int minor) throws IOException {
        try (RfbTestClient viewer = new RfbTestClient(vnc.port())) {
            assertEquals("RFB 003.008\n", viewer.version("RFB 003.00" + minor + "\n"));
            assertEquals(1, viewer.in.readInt());
            viewer.begin(true);
            viewer.update(false);
            assertEquals("a test", viewer.name);
        }
    }

    @Test
    void shouldTellAViewerOfVersion37NoResult() throws IOException {
        try (RfbTestClient viewer = new RfbTestClient(vnc.port())) {
            viewer.version("RFB 003.007\n");
            assertEquals(1, viewer.in.readUnsignedByte());
            assertEquals(1, viewer.in.readUnsignedByte());
            viewer.out.writeByte(1);
            viewer.begin(true);
            assertEquals(100, viewer.width);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"RFB 003.006\n", "RFB 003.889\n", "RFB 004.001\n"})
    void shouldTellViewersOfUnknownVersionsWhyTheyAreRefused(String version) throws IOException {
        try (RfbTestClient viewer = new RfbTestClient(vnc.port())) {
            viewer.version(version);
            assertEquals(0, viewer.in.readInt());
            assertTrue(viewer.text().contains("3.8"));
            assertEnds(viewer);
        }
    }

    @Test
    void shouldRefuseASecurityTypeThatItDidNotOffer() throws IOException {
        try (RfbTestClient viewer = new RfbTestClient(vnc.port())) {
            viewer.version("RFB 003.008\n");
            viewer.in.readNBytes(2);
            viewer.out.writeByte(16);
            viewer.out.flush();
            assertEquals(1, viewer.in.readInt());
            assertEquals("security type 16 was not offered", viewer.text());
            assertEnds(viewer);
        }
    }

    /** @return the reason of a refusal; empty if the viewer is let in */
    private String logIn(String password) throws Exception {
        try (RfbTestClient viewer = new RfbTestClient(vnc.port())) {
            viewer.version("RFB 003.008\n");
            viewer.in.readNBytes(1);
            assertEquals(2, viewer.in.readUnsignedByte());
            viewer.out.writeByte(2);
            viewer.out.flush();
            byte[] challenge = viewer.in.readNBytes(16);
            byte[] key = new byte[8];
            for (int i = 0; i < Math.min(8, password.length()); i++) {
                for (int bit = 0; bit < 8; bit++) {
                    key[i] |= (byte) ((password.charAt(i) >> bit & 1) << 7 - bit);
                }
            }
            Cipher des = Cipher.getInstance("DES/ECB/NoPadding");
            des.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "DES"));
            viewer.out.write(des.doFinal(challenge));
            viewer.out.flush();
            if (viewer.in.readInt() != 0) {
                return viewer.text();
            }
            viewer.begin(true);
            return "";
        }
    }

    @Test
    void shouldLetInOnlyThoseWithThePassword() throws Exception {
        serve("secret78", VncConfig.Share.ALLOW_EXCLUSIVE, 32);
        assertEquals("", logIn("secret78"));
        assertEquals("", logIn("secret78 and more"), "eight bytes count");
        assertEquals(WRONG, logIn("secret7"));
        assertTrue(vnc.server.setPassword("new"));
        assertEquals("", logIn("new"));
        assertTrue(vnc.server.expirePassword(Instant.now()));
        assertEquals("the password has expired", logIn("new"));
    }

    @Test
    void shouldLetNobodyInWithoutAPasswordThatIsSet() throws Exception {
        vnc.close();
        VncConfig open = VncFixture.config(Optional.of(""), VncConfig.Share.IGNORE, 32);
        vnc = new VncFixture(new VncConfig(open.id(), open.address(), Optional.empty(), false, true, Optional.empty(),
                open.share(), 32, open.keymap(), open.name()));
        assertEquals("no password is set", logIn(""));
    }

    @Test
    void shouldLookAtFurtherPasswordsOnlyAfterADelay() throws Exception {
        // threat 81
        serve("secret", VncConfig.Share.ALLOW_EXCLUSIVE, 32);
        assertEquals(WRONG, logIn("a"));
        long begin = System.nanoTime();
        assertEquals("", logIn("secret"));
        assertTrue(System.nanoTime() - begin > 900_000_000, "a second after a wrong one");
        begin = System.nanoTime();
        assertEquals("", logIn("secret"));
        assertTrue(System.nanoTime() - begin < 900_000_000, "none after a right one");
    }

    @Test
    void shouldListenOnThisHostAloneUnlessAskedOtherwise() {
        // threat 81
        vnc.server.facts().places().forEach(place -> assertEquals("127.0.0.1", place.host()));
        assertEquals(2, vnc.server.facts().places().size());
    }

    @Test
    void shouldDropOthersForAViewerThatWantsToBeAlone() throws IOException {
        try (RfbTestClient first = RfbTestClient.open(vnc.port()); RfbTestClient alone = openAlone()) {
            assertEnds(first);
            alone.update(false);
            try (RfbTestClient next = RfbTestClient.open(vnc.port())) {
                assertEnds(alone);
                next.update(false);
            }
        }
        await(() -> vnc.server.facts().clients().isEmpty());
    }

    private RfbTestClient openAlone() throws IOException {
        RfbTestClient viewer = new RfbTestClient(vnc.port());
        viewer.version("RFB 003.003\n");
        viewer.in.readInt();
        viewer.begin(false);
        return viewer;
    }

    @Test
    void shouldRefuseAViewerThatWantsToBeAloneWhereAllShare() throws IOException {
        serve(null, VncConfig.Share.FORCE_SHARED, 32);
        try (RfbTestClient first = RfbTestClient.open(vnc.port());
                RfbTestClient alone = new RfbTestClient(vnc.port())) {
            alone.version("RFB 003.003\n");
            alone.in.readInt();
            alone.out.writeByte(0);
            alone.out.flush();
            assertEnds(alone);
            first.update(false);
        }
    }

    @Test
    void shouldLetInAsManyViewersAsItIsTold() throws IOException {
        serve(null, VncConfig.Share.IGNORE, 1);
        try (RfbTestClient first = openAlone()) {
            try (RfbTestClient second = new RfbTestClient(vnc.port())) {
                second.version("RFB 003.003\n");
                second.in.readInt();
                second.out.writeByte(1);
                second.out.flush();
                assertEnds(second);
            }
            first.update(false);
        }
    }

    @Test
    void shouldGiveTheGuestKeysBySymbolAndByNumber() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.setEncodings(RfbTestClient.RAW, -258);
            viewer.key('A', true);
            viewer.key('A', false);
            viewer.key(0xff54, true);
            viewer.key(0xff54, false);
            viewer.key(0x1234567, true);
            viewer.extendedKey(0xc8, true);
            viewer.extendedKey(0xc8, false);
            viewer.update(false);
            assertTrue(viewer.hasExtendedKeys);
            vnc.settle();
            assertEquals(List.of(new InputEvent.Stroke(Key.A, true), new InputEvent.Stroke(Key.A, false),
                    new InputEvent.Stroke(Key.DOWN, true), new InputEvent.Stroke(Key.DOWN, false),
                    new InputEvent.Stroke(Key.UP, true), new InputEvent.Stroke(Key.UP, false)), vnc.typed);
        }
    }

    @Test
    void shouldLetGoOfTheKeysOfAViewerThatGoesAway() throws IOException {
        // threat 80
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.key(0xffe3, true);
            viewer.pointer(1, 5, 5);
            viewer.update(false);
        }
        await(() -> vnc.events.contains(VncEvent.Type.VNC_DISCONNECTED));
        await(() -> {
            vnc.settle();
            return vnc.typed.contains(new InputEvent.Press(Button.LEFT, false));
        });
        assertTrue(vnc.typed.contains(new InputEvent.Stroke(Key.CTRL, false)));
        assertEquals(List.of(VncEvent.Type.VNC_CONNECTED, VncEvent.Type.VNC_INITIALIZED,
                VncEvent.Type.VNC_DISCONNECTED), vnc.events);
    }

    @Test
    void shouldTurnPlacesIntoMotionWhereTheGuestKnowsNoOther() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.pointer(0, 50, 50);
            viewer.pointer(0, 52, 49);
            viewer.setEncodings(RfbTestClient.RAW, -257, -261);
            vnc.lights = 4;
            viewer.pointer(16, 0x7fff + 5, 0x7fff);
            viewer.update(false);
            vnc.settle();
            assertEquals(List.of(new InputEvent.Relative(7, -1), new InputEvent.Wheel(1)), vnc.typed);
            assertEquals(0, viewer.pointerKind);
        }
    }

    @Test
    void shouldShowTheKeyboardsLights() throws IOException {
        try (RfbTestClient viewer = RfbTestClient.open(vnc.port())) {
            viewer.setEncodings(RfbTestClient.RAW, -261);
            viewer.update(false);
            vnc.lights = 2;
            vnc.keyboard.changed();
            while (viewer.lights != 2) {
                viewer.read();
            }
            assertEquals(2, viewer.lights);
        }
    }

    @Test
    void shouldKnowTheKeysOfTheLayoutsThatItNames() {
        assertEquals(List.of("de", "en-gb", "en-us", "fr"), Keymap.names());
        Keymap german = Keymap.named("de").orElseThrow();
        int[] symbols = {'z', 'Y', 'ä', '~', '|', '@', 0x20ac, 'µ', '#', '-'};
        Key[] keys = {Key.Y, Key.Z, Key.APOSTROPHE, Key.BRACKET_RIGHT, Key.LESS, Key.Q, Key.E, Key.M, Key.BACKSLASH,
                Key.SLASH};
        for (int i = 0; i < symbols.length; i++) {
            assertEquals(Optional.of(keys[i]), german.key(symbols[i]), "symbol " + (char) symbols[i]);
        }
        Keymap french = Keymap.named("fr").orElseThrow();
        assertArrayEquals(new Object[] {Optional.of(Key.Q), Optional.of(Key.SEMICOLON), Optional.of(Key.DIGIT_0)},
                new Object[] {french.key('a'), french.key('M'), french.key('@')});
        for (int symbol = 0x20; symbol < 0x7f; symbol++) {
            assertTrue(Keymap.named(Keymap.DEFAULT).orElseThrow().key(symbol).isPresent(), "symbol " + symbol);
        }
    }
}

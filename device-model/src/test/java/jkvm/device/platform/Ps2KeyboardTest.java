package jkvm.device.platform;

import static jkvm.device.platform.I8042.CTR_KEYBOARD_INTERRUPT_BIT;
import static jkvm.device.platform.I8042.DISABLE_KEYBOARD;
import static jkvm.device.platform.I8042.ENABLE_KEYBOARD;
import static jkvm.device.platform.Ps2Fixture.ACK;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.bus.StateRoundTrip;
import jkvm.host.input.Key;
import jkvm.host.input.KeyboardSink;
import org.junit.jupiter.api.Test;

class Ps2KeyboardTest {
    private static final long MILLI = 1_000_000;

    private final Ps2Fixture ps2 = new Ps2Fixture();

    private static List<Integer> bytes(String hex) {
        List<Integer> bytes = new ArrayList<>();
        for (byte value : HexFormat.of().parseHex(hex)) {
            bytes.add(value & 0xff);
        }
        return bytes;
    }

    private void raw() {
        ps2.writeCtr(CTR_KEYBOARD_INTERRUPT_BIT);
    }

    private List<Integer> typed(Key key) {
        ps2.type(key);
        return ps2.drain();
    }

    @Test
    void shouldTellKeysInSetOneWithAnInterruptForEachByte() {
        ps2.type(Key.A);
        ps2.type(Key.UP);
        assertEquals(1, ps2.keyboardIrq.edges());
        assertEquals(bytes("1e9ee048e0c8"), ps2.drain());
        assertEquals(6, ps2.keyboardIrq.edges());
    }

    @Test
    void shouldTellKeysInTheSetThatWasChosenWhereTheControllerDoesNotTranslate() {
        raw();
        assertEquals(bytes("83f083"), typed(Key.F7));
        assertEquals(bytes("e071e0f071"), typed(Key.DELETE));
        assertEquals(List.of(ACK, ACK), ps2.tellKeyboard(Ps2Keyboard.SCANCODE_SET, 1));
        assertEquals(bytes("41c1"), typed(Key.F7));
        ps2.tellKeyboard(Ps2Keyboard.SCANCODE_SET, 3);
        assertEquals(bytes("37f037"), typed(Key.F7));
        assertEquals(bytes("64f064"), typed(Key.DELETE));
    }

    @Test
    void shouldTranslateSetTwoToSetOneForEveryKey() {
        // given: what a keyboard in set 1 says itself
        Ps2Fixture untranslated = new Ps2Fixture();
        untranslated.writeCtr(CTR_KEYBOARD_INTERRUPT_BIT);
        untranslated.tellKeyboard(Ps2Keyboard.SCANCODE_SET, 1);
        for (Key key : Key.values()) {
            // when
            untranslated.type(key);
            // then
            assertEquals(untranslated.drain(), typed(key), key.text());
        }
    }

    @Test
    void shouldTellPauseAndPrintAsAnIbmKeyboardDoes() {
        assertEquals(bytes("e11d45e19dc5"), typed(Key.PAUSE));
        assertEquals(bytes("e02ae037e0b7e0aa"), typed(Key.PRINT));
        ps2.stroke(Key.CTRL, true);
        ps2.drain();
        assertEquals(bytes("e046e0c6"), typed(Key.PAUSE));
        assertEquals(bytes("e037e0b7"), typed(Key.PRINT));
        ps2.stroke(Key.CTRL, false);
        ps2.stroke(Key.ALT, true);
        ps2.drain();
        assertEquals(bytes("54d4"), typed(Key.PRINT));
    }

    @Test
    void shouldTellInSetThreeOnlyWhatTheDriverWants() {
        raw();
        ps2.tellKeyboard(Ps2Keyboard.SCANCODE_SET, 3);
        assertEquals(List.of(ACK), ps2.tellKeyboard(Ps2Keyboard.ALL_MAKE));
        assertEquals(bytes("1c"), typed(Key.A));
        assertEquals(List.of(ACK, ACK, ACK), ps2.tellKeyboard(Ps2Keyboard.KEY_MAKE_BREAK, 0x1c, 0x32));
        assertEquals(bytes("1cf01c"), typed(Key.A));
        assertEquals(bytes("32f032"), typed(Key.B));
        assertEquals(bytes("21"), typed(Key.C));
        ps2.tellKeyboard(Ps2Keyboard.ALL_TYPEMATIC_MAKE_BREAK);
        assertEquals(bytes("21f021"), typed(Key.C));
    }

    @Test
    void shouldKeepAsManyKeysAsARealKeyboardAndNonePartly() {
        // given: five keys of three bytes wait, one byte in the controller
        raw();
        for (int i = 0; i < 5; i++) {
            ps2.type(Key.A);
        }
        // when: two more of two bytes
        ps2.stroke(Key.UP, true);
        ps2.stroke(Key.DOWN, true);
        // then: one is there, and the other comes when there is room
        assertEquals(bytes("1cf01c".repeat(5) + "e075"), ps2.drain());
        ps2.clock.advanceNanos(5 * MILLI);
        assertEquals(bytes("e072"), ps2.drain());
    }

    @Test
    void shouldRepeatKeysNoFasterThanTheDriverWants() {
        // given: 500 ms, then 10.9 a second
        ps2.stroke(Key.A, true);
        // when: the user's keyboard repeats each 20 ms
        List<Integer> moments = new ArrayList<>();
        for (int i = 1; i <= 40; i++) {
            ps2.drain();
            ps2.clock.advanceNanos(20 * MILLI);
            ps2.stroke(Key.A, true);
            if (!ps2.drain().isEmpty()) {
                moments.add(20 * i);
            }
        }
        // then
        assertEquals(List.of(500, 600, 700, 800), moments);
        // and: 250 ms, then 30 a second, from the next key on
        assertEquals(List.of(ACK, ACK), ps2.tellKeyboard(Ps2Device.SET_RATE, 0));
        ps2.stroke(Key.B, true);
        ps2.clock.advanceNanos(250 * MILLI);
        ps2.stroke(Key.B, true);
        ps2.clock.advanceNanos(40 * MILLI);
        ps2.stroke(Key.B, true);
        assertEquals(bytes("303030"), ps2.drain());
    }

    @Test
    void shouldAnswerACommandBeforeKeysThatWait() {
        ps2.stroke(Key.A, true);
        ps2.stroke(Key.B, true);
        ps2.data(Ps2Keyboard.ECHO);
        assertEquals(List.of(0x1e, Ps2Keyboard.ECHO, 0x30), ps2.drain());
    }

    @Test
    void shouldNoticeNoKeysWhereTheKeyboardIsOffAndKeepThemWhereItsPortIs() {
        ps2.tellKeyboard(Ps2Device.DISABLE);
        assertEquals(List.of(), typed(Key.A));
        ps2.tellKeyboard(Ps2Device.ENABLE);
        ps2.command(DISABLE_KEYBOARD);
        assertEquals(List.of(), typed(Key.B));
        ps2.command(ENABLE_KEYBOARD);
        assertEquals(bytes("30b0"), ps2.drain());
    }

    @Test
    void shouldShowItsLightsAndSayWhenTheyChange() {
        AtomicInteger changes = new AtomicInteger();
        ps2.hub.addListener(changes::incrementAndGet);
        ps2.tellKeyboard(Ps2Keyboard.SET_LEDS, 6);
        assertEquals(KeyboardSink.NUM_LOCK_BIT | KeyboardSink.CAPS_LOCK_BIT, ps2.hub.leds());
        ps2.tellKeyboard(Ps2Keyboard.SET_LEDS, 6);
        assertEquals(1, changes.get());
    }

    @Test
    void shouldSaveKeysThatWaitAndItsModes() {
        raw();
        ps2.tellKeyboard(Ps2Keyboard.SCANCODE_SET, 3, Ps2Keyboard.KEY_MAKE, 0x32);
        ps2.stroke(Key.A, true);
        ps2.stroke(Key.C, true);
        Ps2Fixture copy = new Ps2Fixture();
        StateRoundTrip.copy(ps2.controller, copy.controller);
        copy.type(Key.B);
        assertEquals(bytes("1c2132"), copy.drain());
    }

    @Test
    void shouldNameKeysAsQemuDoes() {
        assertEquals(List.of(Key.CTRL, Key.ALT_R, Key.DIGIT_1), Key.chord("ctrl-alt_r-1"));
        assertThrows(IllegalArgumentException.class, () -> Key.chord("ctrl--"));
        assertEquals(Key.UP, Key.numbered(0xc8).orElseThrow());
        assertTrue(Key.numbered(0).isEmpty());
    }

    @Test
    void shouldHaveADifferentCodeForEachKey() {
        for (int set = 1; set <= 2; set++) {
            int thisSet = set;
            assertEquals(Key.values().length, Arrays.stream(Key.values())
                    .map(key -> HexFormat.of().formatHex(ScanCodes.of(key, thisSet, true, 0))).distinct().count());
        }
        // Print and SysRq are one key.
        assertEquals(Key.values().length - 1, Arrays.stream(Key.values()).map(ScanCodes::set3).distinct().count());
    }
}

package jkvm.device.platform;

import java.util.Arrays;
import jkvm.host.input.Key;
import jkvm.host.input.KeyboardSink;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * An MF II keyboard: answers commands, and tells which keys are pressed and let go in scan codes of set 1, 2 or 3. The
 * user's own keyboard repeats a key that is held down; what comes faster than the driver wants it is left out.
 */
final class Ps2Keyboard extends Ps2Device {
    static final int SET_LEDS = 0xed;
    static final int ECHO = 0xee;
    static final int SCANCODE_SET = 0xf0;
    /** In set 3, for all keys: the first of four. */
    static final int ALL_TYPEMATIC = 0xf7;
    static final int ALL_MAKE_BREAK = 0xf8;
    static final int ALL_MAKE = 0xf9;
    static final int ALL_TYPEMATIC_MAKE_BREAK = 0xfa;
    /** In set 3, for keys that follow. */
    static final int KEY_TYPEMATIC = 0xfb;
    static final int KEY_MAKE_BREAK = 0xfc;
    static final int KEY_MAKE = 0xfd;
    static final int ID_LOW = 0xab;
    static final int ID_HIGH = 0x83;

    private static final int DEFAULT_RATE = 0x2b;
    private static final long DELAY_STEP_NANOS = 250_000_000;
    private static final long RATE_STEP_NANOS = 4_170_000;
    private static final int ALL_LEDS = KeyboardSink.SCROLL_LOCK_BIT | KeyboardSink.NUM_LOCK_BIT
            | KeyboardSink.CAPS_LOCK_BIT;
    /** Bytes of keys that it keeps, as a real one does. */
    private static final int MAX_KEYS = 16;
    private static final int CODES = 256;
    /** Bits of a key's mode in set 3: repeats, and tells that it is let go. */
    private static final int REPEATS_BIT = 1;
    private static final int BREAKS_BIT = 2;
    private static final int MODES = REPEATS_BIT | BREAKS_BIT;

    private final VmClock clock;
    private boolean scanning;
    private volatile int leds;
    private int rate;
    private int scancodeSet;
    private int modifiers;
    /** For each code of set 3. */
    private final byte[] modes = new byte[CODES];
    /** Bytes that wait, the next one first. */
    private final byte[] keys = new byte[MAX_KEYS];
    private int keyCount;
    /** The key that was pressed last, and when it may be repeated; null if it was let go, or a state was loaded. */
    private Key repeated;
    private long nextRepeat;

    Ps2Keyboard(VmClock clock) {
        this.clock = clock;
    }

    /** The lights that are on, as {@link KeyboardSink#leds()}. Any thread may ask. */
    int leds() {
        return leds;
    }

    /**
     * A key is pressed, repeated or let go. A keyboard that is switched off does not notice.
     *
     * @return false if there is no room now
     */
    boolean press(Key key, boolean isDown) {
        if (!scanning || isDown && key == repeated && !repeats(key)) {
            return true;
        }
        boolean isTold = isDown || scancodeSet != 3 || (modes[ScanCodes.set3(key)] & BREAKS_BIT) != 0;
        byte[] code = isTold ? ScanCodes.of(key, scancodeSet, isDown, modifiers) : new byte[0];
        if (keyCount + code.length > MAX_KEYS) {
            return false;
        }
        System.arraycopy(code, 0, keys, keyCount, code.length);
        keyCount += code.length;
        noteModifier(key, isDown);
        noteRepeat(key, isDown);
        return true;
    }

    private boolean repeats(Key key) {
        boolean isTypematic = scancodeSet == 3 ? (modes[ScanCodes.set3(key)] & REPEATS_BIT) != 0
                : key != Key.PAUSE;
        return isTypematic && clock.nanoTime() >= nextRepeat;
    }

    private void noteRepeat(Key key, boolean isDown) {
        if (!isDown) {
            repeated = key == repeated ? null : repeated;
        } else if (key == repeated) {
            nextRepeat = clock.nanoTime() + (8 + (rate & 7) << (rate >> 3 & 3)) * RATE_STEP_NANOS;
        } else {
            repeated = key;
            nextRepeat = clock.nanoTime() + (1 + (rate >> 5 & 3)) * DELAY_STEP_NANOS;
        }
    }

    private void noteModifier(Key key, boolean isDown) {
        int bit = switch (key) {
            case CTRL, CTRL_R -> ScanCodes.CTRL_BIT;
            case SHIFT, SHIFT_R -> ScanCodes.SHIFT_BIT;
            case ALT, ALT_R -> ScanCodes.ALT_BIT;
            default -> 0;
        };
        modifiers = isDown ? modifiers | bit : modifiers & ~bit;
    }

    boolean hasKey() {
        return keyCount > 0;
    }

    /** The next byte of a key. */
    int takeKey() {
        int value = keys[0] & 0xff;
        keyCount--;
        System.arraycopy(keys, 1, keys, 0, keyCount);
        return sent(value);
    }

    /** The keys whose mode is set are codes of set 3; no command is one. */
    @Override
    boolean isParameter(int command, int value) {
        return isKeyMode(command) ? value < SET_LEDS : value < 0x80;
    }

    private static boolean isKeyMode(int command) {
        return command >= KEY_TYPEMATIC && command <= KEY_MAKE;
    }

    @Override
    void command(int command) {
        switch (command) {
            case SET_LEDS, SET_RATE, SCANCODE_SET, KEY_TYPEMATIC, KEY_MAKE_BREAK, KEY_MAKE -> awaitParameter(command);
            case ALL_TYPEMATIC, ALL_MAKE_BREAK, ALL_MAKE, ALL_TYPEMATIC_MAKE_BREAK -> {
                reply(ACK);
                Arrays.fill(modes, mode(command));
            }
            case ECHO -> reply(ECHO);
            case IDENTIFY -> {
                reply(ACK);
                reply(ID_LOW);
                reply(ID_HIGH);
            }
            case ENABLE -> {
                reply(ACK);
                keyCount = 0;
                scanning = true;
            }
            case DISABLE -> {
                reply(ACK);
                setDefaults();
                scanning = false;
            }
            case SET_DEFAULTS -> {
                reply(ACK);
                setDefaults();
            }
            case RESET -> {
                setDefaults();
                leds = 0;
                reply(ACK);
                reply(SELF_TEST_PASSED);
            }
            default -> reply(RESEND);
        }
    }

    private static byte mode(int command) {
        return (byte) switch (command) {
            case ALL_TYPEMATIC, KEY_TYPEMATIC -> REPEATS_BIT;
            case ALL_MAKE_BREAK, KEY_MAKE_BREAK -> BREAKS_BIT;
            case ALL_TYPEMATIC_MAKE_BREAK -> REPEATS_BIT | BREAKS_BIT;
            default -> 0;
        };
    }

    @Override
    void parameter(int command, int value) {
        switch (command) {
            case SET_LEDS -> leds = value & ALL_LEDS;
            case SET_RATE -> rate = value;
            case KEY_TYPEMATIC, KEY_MAKE_BREAK, KEY_MAKE -> {
                modes[value] = mode(command);
                // More keys may follow, until the next command.
                continueWith(command);
            }
            default -> {
                if (value == 0) {
                    reply(scancodeSet);
                } else if (value <= 3) {
                    scancodeSet = value;
                    keyCount = 0;
                }
            }
        }
    }

    @Override
    void resend() {
        reply(lastSent());
    }

    /** The lights stay as they are. */
    @Override
    void setDefaults() {
        scanning = true;
        rate = DEFAULT_RATE;
        scancodeSet = 2;
        modifiers = 0;
        Arrays.fill(modes, (byte) MODES);
        keyCount = 0;
        repeated = null;
    }

    @Override
    void reset() {
        super.reset();
        leds = 0;
    }

    @Override
    void save(StateWriter out, String prefix) {
        super.save(out, prefix);
        out.putBoolean(prefix + ".scanning", scanning);
        out.putInt(prefix + ".leds", leds);
        out.putInt(prefix + ".rate", rate);
        out.putInt(prefix + ".scancodeSet", scancodeSet);
        out.putInt(prefix + ".modifiers", modifiers);
        out.putBytes(prefix + ".modes", modes);
        out.putInt(prefix + ".keyCount", keyCount);
        out.putBytes(prefix + ".keys", Arrays.copyOf(keys, keyCount));
    }

    @Override
    void load(StateReader in, String prefix) {
        super.load(in, prefix);
        scanning = in.getBoolean(prefix + ".scanning");
        leds = in.getInt(prefix + ".leds", 0, ALL_LEDS);
        rate = in.getInt(prefix + ".rate", 0, 0x7f);
        scancodeSet = in.getInt(prefix + ".scancodeSet", 1, 3);
        modifiers = in.getInt(prefix + ".modifiers", 0, 7);
        System.arraycopy(in.getBytes(prefix + ".modes", CODES), 0, modes, 0, CODES);
        keyCount = in.getInt(prefix + ".keyCount", 0, MAX_KEYS);
        System.arraycopy(in.getBytes(prefix + ".keys", keyCount), 0, keys, 0, keyCount);
        repeated = null;
    }
}

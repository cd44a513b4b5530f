package jkvm.device.platform;

import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * An MF II keyboard: answers commands, and tells which keys are pressed and let go in scan codes of set 1 or 2, also
 * where set 3 is chosen. It does not repeat a key that is held down.
 */
final class Ps2Keyboard extends Ps2Device {
    static final int SET_LEDS = 0xed;
    static final int ECHO = 0xee;
    static final int SCANCODE_SET = 0xf0;
    static final int ID_LOW = 0xab;
    static final int ID_HIGH = 0x83;

    private static final int DEFAULT_RATE = 0x2b;
    /** Bytes of keys that it keeps, as a real one does. */
    private static final int MAX_KEYS = 16;

    private boolean scanning;
    private int leds;
    private int rate;
    private int scancodeSet;
    /** Bytes that wait, the next one first. */
    private final byte[] keys = new byte[MAX_KEYS];
    private int keyCount;

    /**
     * A key is pressed or let go. A keyboard that is switched off does not notice.
     *
     * @param isTranslated the controller's driver wants set 1
     * @return false if there is no room now
     */
    boolean press(Key key, boolean isDown, boolean isTranslated) {
        if (!scanning) {
            return true;
        }
        byte[] code = key.code(isTranslated || scancodeSet == 1, isDown);
        if (keyCount + code.length > MAX_KEYS) {
            return false;
        }
        System.arraycopy(code, 0, keys, keyCount, code.length);
        keyCount += code.length;
        return true;
    }

    boolean hasKey() {
        return keyCount > 0;
    }

    /** The next byte of a key. It needs no translation. */
    int takeKey() {
        int value = keys[0] & 0xff;
        keyCount--;
        System.arraycopy(keys, 1, keys, 0, keyCount);
        return sent(value);
    }

    @Override
    boolean isParameter(int command, int value) {
        return value < 0x80;
    }

    @Override
    void command(int command) {
        switch (command) {
            case SET_LEDS, SET_RATE, SCANCODE_SET -> awaitParameter(command);
            case ECHO -> reply(ECHO);
            case IDENTIFY -> {
                reply(ACK);
                reply(ID_LOW);
                reply(ID_HIGH);
            }
            case ENABLE -> {
                reply(ACK);
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
                reply(ACK);
                reply(SELF_TEST_PASSED);
            }
            default -> reply(RESEND);
        }
    }

    @Override
    void parameter(int command, int value) {
        switch (command) {
            case SET_LEDS -> leds = value;
            case SET_RATE -> rate = value;
            default -> {
                if (value == 0) {
                    reply(scancodeSet);
                } else if (value <= 3) {
                    scancodeSet = value;
                }
            }
        }
    }

    @Override
    void setDefaults() {
        scanning = true;
        leds = 0;
        rate = DEFAULT_RATE;
        scancodeSet = 2;
        keyCount = 0;
    }

    @Override
    void save(StateWriter out, String prefix) {
        super.save(out, prefix);
        out.putBoolean(prefix + ".scanning", scanning);
        out.putInt(prefix + ".leds", leds);
        out.putInt(prefix + ".rate", rate);
        out.putInt(prefix + ".scancodeSet", scancodeSet);
        out.putInt(prefix + ".keyCount", keyCount);
        out.putBytes(prefix + ".keys", Arrays.copyOf(keys, keyCount));
    }

    @Override
    void load(StateReader in, String prefix) {
        super.load(in, prefix);
        scanning = in.getBoolean(prefix + ".scanning");
        leds = in.getInt(prefix + ".leds", 0, 0x7f);
        rate = in.getInt(prefix + ".rate", 0, 0x7f);
        scancodeSet = in.getInt(prefix + ".scancodeSet", 1, 3);
        keyCount = in.getInt(prefix + ".keyCount", 0, MAX_KEYS);
        System.arraycopy(in.getBytes(prefix + ".keys", keyCount), 0, keys, 0, keyCount);
    }
}

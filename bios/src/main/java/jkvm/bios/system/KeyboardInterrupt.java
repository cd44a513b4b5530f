package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.Service;
import jkvm.tables.PlatformDescription;

/**
 * INT 09h after programs have had the scan code: keeps the shift keys and locks, puts keys into the buffer, and acts on
 * Ctrl-Alt-Del, Ctrl-Break and Print Screen.
 */
final class KeyboardInterrupt implements Service {
    private static final int RELEASED_BIT = 0x80;
    private static final int CODE_MASK = 0x7F;
    private static final int PREFIX = 0xE0;
    private static final int PAUSE_PREFIX = 0xE1;
    private static final int ACKNOWLEDGED = 0xFA;
    private static final int RESEND = 0xFE;

    private static final int CONTROL = 0x1D;
    private static final int LEFT_SHIFT = 0x2A;
    private static final int RIGHT_SHIFT = 0x36;
    private static final int PRINT_SCREEN = 0x37;
    private static final int ALT = 0x38;
    private static final int CAPS_LOCK = 0x3A;
    private static final int NUM_LOCK = 0x45;
    private static final int SCROLL_LOCK = 0x46;
    private static final int FIRST_PAD_KEY = 0x47;
    /** Digits of the number pad from 47h on; 10 is none. */
    private static final int[] PAD_DIGITS = {7, 8, 9, 10, 4, 5, 6, 10, 1, 2, 3, 0};

    static final int RIGHT_SHIFT_BIT = 1;
    static final int LEFT_SHIFT_BIT = 1 << 1;
    static final int CONTROL_BIT = 1 << 2;
    static final int ALT_BIT = 1 << 3;
    static final int SCROLL_BIT = 1 << 4;
    static final int NUM_BIT = 1 << 5;
    static final int CAPS_BIT = 1 << 6;
    static final int INSERT_BIT = 1 << 7;
    /** Of the second byte: the left keys; locks that are held have the place of their lock. */
    static final int LEFT_CONTROL_BIT = 1;
    static final int LEFT_ALT_BIT = 1 << 1;
    /** Of the keyboard's state. */
    static final int PAUSE_PREFIX_BIT = 1;
    static final int PREFIX_BIT = 1 << 1;
    static final int RIGHT_CONTROL_BIT = 1 << 2;
    static final int RIGHT_ALT_BIT = 1 << 3;

    private static final int PRINT_VECTOR = 0x05;
    private static final int BREAK_VECTOR = 0x1B;
    private static final int BREAK_BIT = 0x80;
    private static final int DATA_PORT = 0x60;
    private static final int SET_LIGHTS = 0xED;
    private static final int LIGHTS_SHIFT = 4;
    private static final int LIGHTS_MASK = 7;

    private final Ports ports;

    KeyboardInterrupt(BiosHost host) {
        ports = host.ports();
    }

    /** The scan code is in AL. */
    @Override
    public Outcome call(Call call) {
        if (call.isRepeated()) {
            return Outcome.DONE;
        }
        BiosData data = call.data();
        int code = call.al();
        int state = data.readByte(BiosData.KEYBOARD_STATE);
        switch (code) {
            case PREFIX -> data.writeByte(BiosData.KEYBOARD_STATE, state | PREFIX_BIT);
            case PAUSE_PREFIX -> data.writeByte(BiosData.KEYBOARD_STATE, state | PAUSE_PREFIX_BIT);
            case ACKNOWLEDGED, RESEND, 0 -> { }
            default -> {
                if ((state & PAUSE_PREFIX_BIT) != 0) {
                    // E1 1D 45: the Pause key, which stops nothing here. Its second byte ends it.
                    boolean isLast = (code & CODE_MASK) != CONTROL;
                    data.writeByte(BiosData.KEYBOARD_STATE, isLast ? state & ~PAUSE_PREFIX_BIT : state);
                    return Outcome.DONE;
                }
                data.writeByte(BiosData.KEYBOARD_STATE, state & ~PREFIX_BIT);
                return key(call, code & CODE_MASK, (code & RELEASED_BIT) == 0, (state & PREFIX_BIT) != 0);
            }
        }
        return Outcome.DONE;
    }

    private Outcome key(Call call, int code, boolean isDown, boolean isPrefixed) {
        BiosData data = call.data();
        switch (code) {
            case CONTROL -> twin(data, isDown, isPrefixed, CONTROL_BIT, LEFT_CONTROL_BIT, RIGHT_CONTROL_BIT);
            case ALT -> {
                twin(data, isDown, isPrefixed, ALT_BIT, LEFT_ALT_BIT, RIGHT_ALT_BIT);
                if (!isDown) {
                    typeNumber(data);
                }
            }
            // The shift keys that keyboards send around the keys beside the number pad are none.
            case LEFT_SHIFT -> set(data, BiosData.SHIFT_FLAGS, LEFT_SHIFT_BIT, isDown, !isPrefixed);
            case RIGHT_SHIFT -> set(data, BiosData.SHIFT_FLAGS, RIGHT_SHIFT_BIT, isDown, !isPrefixed);
            case CAPS_LOCK -> lock(data, CAPS_BIT, isDown);
            case NUM_LOCK -> lock(data, NUM_BIT, isDown);
            case SCROLL_LOCK -> {
                if (isPrefixed && isDown) {
                    return breakKey(call);
                }
                lock(data, SCROLL_BIT, isDown);
            }
            case PRINT_SCREEN -> {
                if (isPrefixed && isDown) {
                    return interrupt(call, PRINT_VECTOR);
                }
                type(data, code, isDown, isPrefixed);
            }
            default -> type(data, code, isDown, isPrefixed);
        }
        return Outcome.DONE;
    }

    private static void set(BiosData data, int address, int bit, boolean isSet, boolean counts) {
        if (counts) {
            int flags = data.readByte(address);
            data.writeByte(address, isSet ? flags | bit : flags & ~bit);
        }
    }

    /** A key that is there twice. */
    private static void twin(BiosData data, boolean isDown, boolean isRight, int bit, int leftBit, int rightBit) {
        set(data, BiosData.SHIFT_FLAGS_2, leftBit, isDown, !isRight);
        set(data, BiosData.KEYBOARD_STATE, rightBit, isDown, isRight);
        boolean isAny = (data.readByte(BiosData.SHIFT_FLAGS_2) & leftBit) != 0
                || (data.readByte(BiosData.KEYBOARD_STATE) & rightBit) != 0;
        set(data, BiosData.SHIFT_FLAGS, bit, isAny, true);
    }

    /** A lock changes when its key goes down, not while it repeats; the lights show it. */
    private void lock(BiosData data, int bit, boolean isDown) {
        boolean isHeld = (data.readByte(BiosData.SHIFT_FLAGS_2) & bit) != 0;
        set(data, BiosData.SHIFT_FLAGS_2, bit, isDown, true);
        if (!isDown || isHeld) {
            return;
        }
        int flags = data.readByte(BiosData.SHIFT_FLAGS) ^ bit;
        data.writeByte(BiosData.SHIFT_FLAGS, flags);
        int lights = flags >> LIGHTS_SHIFT & LIGHTS_MASK;
        data.writeByte(BiosData.KEYBOARD_LIGHTS, data.readByte(BiosData.KEYBOARD_LIGHTS) & ~LIGHTS_MASK | lights);
        ports.out(DATA_PORT, SET_LIGHTS);
        ports.out(DATA_PORT, lights);
    }

    private void type(BiosData data, int code, boolean isDown, boolean isPrefixed) {
        if (code == KeyTable.INSERT && !isDown) {
            set(data, BiosData.SHIFT_FLAGS_2, INSERT_BIT, false, true);
        }
        if (!isDown) {
            return;
        }
        int flags = data.readByte(BiosData.SHIFT_FLAGS);
        if (code == KeyTable.DELETE && (flags & CONTROL_BIT) != 0 && (flags & ALT_BIT) != 0) {
            data.writeWord(BiosData.RESET_FLAG, BiosData.WARM_START);
            ports.out(PlatformDescription.RESET_PORT, PlatformDescription.RESET_VALUE);
            return;
        }
        if ((flags & ALT_BIT) != 0 && !isPrefixed && code >= FIRST_PAD_KEY
                && code < FIRST_PAD_KEY + PAD_DIGITS.length && PAD_DIGITS[code - FIRST_PAD_KEY] < 10) {
            data.writeByte(BiosData.ALT_NUMBER,
                    data.readByte(BiosData.ALT_NUMBER) * 10 + PAD_DIGITS[code - FIRST_PAD_KEY]);
            return;
        }
        if (code == KeyTable.INSERT && (data.readByte(BiosData.SHIFT_FLAGS_2) & INSERT_BIT) == 0) {
            set(data, BiosData.SHIFT_FLAGS_2, INSERT_BIT, true, true);
            data.writeByte(BiosData.SHIFT_FLAGS, data.readByte(BiosData.SHIFT_FLAGS) ^ INSERT_BIT);
        }
        KeyTable.Shift shift = shift(flags);
        int key = isPrefixed ? KeyTable.prefixed(code, shift)
                : KeyTable.key(code, shift, (flags & CAPS_BIT) != 0, (flags & NUM_BIT) != 0);
        if (key != KeyTable.NONE) {
            KeyBuffer.add(data, key);
        }
    }

    private static KeyTable.Shift shift(int flags) {
        if ((flags & ALT_BIT) != 0) {
            return KeyTable.Shift.ALT;
        }
        if ((flags & CONTROL_BIT) != 0) {
            return KeyTable.Shift.CONTROL;
        }
        return (flags & (LEFT_SHIFT_BIT | RIGHT_SHIFT_BIT)) != 0 ? KeyTable.Shift.SHIFT : KeyTable.Shift.PLAIN;
    }

    /** The character whose number was typed while Alt was down. */
    private static void typeNumber(BiosData data) {
        int number = data.readByte(BiosData.ALT_NUMBER);
        if (number != 0) {
            data.writeByte(BiosData.ALT_NUMBER, 0);
            KeyBuffer.add(data, number);
        }
    }

    private static Outcome breakKey(Call call) {
        BiosData data = call.data();
        KeyBuffer.clear(data);
        data.writeByte(BiosData.BREAK, data.readByte(BiosData.BREAK) | BREAK_BIT);
        KeyBuffer.add(data, 0);
        return interrupt(call, BREAK_VECTOR);
    }

    private static Outcome interrupt(Call call, int vector) {
        call.target(call.memory().readWord(0, 4 * vector + 2), call.memory().readWord(0, 4 * vector));
        return Outcome.INTERRUPT;
    }
}

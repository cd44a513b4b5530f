package jkvm.device.platform;

import java.util.HexFormat;
import jkvm.host.input.Key;

/**
 * The bytes by which a keyboard tells its keys, in the three sets of IBM's Personal System/2 Technical Reference,
 * "Keyboards", and the table by which a PC's controller makes set 1 of set 2.
 */
final class ScanCodes {
    /** Before the code of a key that goes up, in the sets 2 and 3. */
    static final int BREAK = 0xf0;
    /** In the code of a key that goes up, in set 1. */
    static final int SET_1_BREAK_BIT = 0x80;
    /** Bits of the modifiers that change the codes of Print and Pause. */
    static final int CTRL_BIT = 1;
    static final int SHIFT_BIT = 2;
    static final int ALT_BIT = 4;

    private static final int EXTENDED = 0xe0;
    private static final byte[] NOTHING = {};
    private static final byte[] PAUSE_SET_1 = bytes("e11d45e19dc5");
    private static final byte[] PAUSE_SET_2 = bytes("e11477e1f014f077");
    private static final byte[] BREAK_SET_1 = bytes("e046e0c6");
    private static final byte[] BREAK_SET_2 = bytes("e07ee0f07e");
    private static final byte[] PRINT_SET_1 = bytes("e02ae037");
    private static final byte[] PRINT_SET_2 = bytes("e012e07c");
    private static final byte[] PRINT_UP_SET_1 = bytes("e0b7e0aa");
    private static final byte[] PRINT_UP_SET_2 = bytes("e0f07ce0f012");

    /** What the controller makes of a byte of set 2; bytes beyond stay as they are. */
    private static final byte[] TRANSLATION = bytes(
            "ff43413f3d3b3c58644442403e0f2959"
            + "65382a701d10025a66712c1f1e11035b" + "672e2d201205045c68392f211413065d"
            + "693130232215075e6a7232241608095f" + "6b332517180b0a606c34352627190c61"
            + "6d7328741a0d626e3a361c1b752b6376" + "55567778797a0e7b7c4f7d4b477e7f6f"
            + "5253504c4d480145574e514a37494654" + "8081824154");

    private ScanCodes() {
    }

    private static byte[] bytes(String hex) {
        return HexFormat.of().parseHex(hex);
    }

    /** The byte of set 1 that the controller makes of one of set 2 or of the keyboard's answers. */
    static int translated(int value) {
        return value < TRANSLATION.length ? TRANSLATION[value] & 0xff : value;
    }

    /**
     * The bytes that tell that a key went down or up.
     *
     * @param modifiers those that are down
     */
    static byte[] of(Key key, int set, boolean isDown, int modifiers) {
        if (set == 3) {
            int code = set3(key);
            return isDown ? new byte[] {(byte) code} : new byte[] {(byte) BREAK, (byte) code};
        }
        boolean isSet1 = set == 1;
        if (key == Key.PAUSE) {
            return pause(isSet1, isDown, (modifiers & CTRL_BIT) != 0);
        }
        if (key == Key.PRINT && modifiers == 0) {
            return isDown ? isSet1 ? PRINT_SET_1 : PRINT_SET_2 : isSet1 ? PRINT_UP_SET_1 : PRINT_UP_SET_2;
        }
        if (key == Key.PRINT && (modifiers & ALT_BIT) != 0) {
            return plain(Key.SYSRQ, isSet1, isDown);
        }
        return plain(key, isSet1, isDown);
    }

    /** It tells both when it goes down, and nothing when it goes up. */
    private static byte[] pause(boolean isSet1, boolean isDown, boolean isBreak) {
        if (!isDown) {
            return NOTHING;
        }
        return isBreak ? isSet1 ? BREAK_SET_1 : BREAK_SET_2 : isSet1 ? PAUSE_SET_1 : PAUSE_SET_2;
    }

    private static byte[] plain(Key key, boolean isSet1, boolean isDown) {
        byte[] code = new byte[(key.isExtended() ? 1 : 0) + (isSet1 || isDown ? 1 : 2)];
        int length = 0;
        if (key.isExtended()) {
            code[length++] = (byte) EXTENDED;
        }
        if (isSet1) {
            code[length] = (byte) (key.set1() | (isDown ? 0 : SET_1_BREAK_BIT));
        } else {
            if (!isDown) {
                code[length++] = (byte) BREAK;
            }
            code[length] = (byte) key.set2();
        }
        return code;
    }

    /** Set 3 has no prefixes, and set 2's codes for most keys that have none there. */
    static int set3(Key key) {
        return switch (key) {
            case ESC -> 0x08;
            case CTRL -> 0x11;
            case BACKSLASH -> 0x5c;
            case KP_MULTIPLY -> 0x7e;
            case ALT -> 0x19;
            case CAPS_LOCK -> 0x14;
            case F1, F2, F3, F4, F5, F6, F7, F8, F9, F10 -> 0x07 + 8 * (key.set1() - Key.F1.set1());
            case F11 -> 0x56;
            case F12 -> 0x5e;
            case NUM_LOCK -> 0x76;
            case SCROLL_LOCK -> 0x5f;
            case KP_SUBTRACT -> 0x84;
            case KP_ADD -> 0x7c;
            case SYSRQ, PRINT -> 0x57;
            case LESS -> 0x13;
            case KP_ENTER -> 0x79;
            case CTRL_R -> 0x58;
            case KP_DIVIDE -> 0x77;
            case ALT_R -> 0x39;
            case HOME -> 0x6e;
            case UP -> 0x63;
            case PGUP -> 0x6f;
            case LEFT -> 0x61;
            case RIGHT -> 0x6a;
            case END -> 0x65;
            case DOWN -> 0x60;
            case PGDN -> 0x6d;
            case INSERT -> 0x67;
            case DELETE -> 0x64;
            case META_L -> 0x8b;
            case META_R -> 0x8c;
            case MENU -> 0x8d;
            case PAUSE -> 0x62;
            default -> key.set2();
        };
    }
}

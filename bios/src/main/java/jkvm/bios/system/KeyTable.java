package jkvm.bios.system;

/**
 * Keys by the scan codes of set 1, as INT 16h gives them: the scan code, or another number where a shift key makes
 * another key of it, in the upper byte, the character in the lower (a US keyboard; IBM PS/2 and PC BIOS interface
 * technical reference, keyboard).
 */
final class KeyTable {
    /** No key. A pressed key with this code does not exist. */
    static final int NONE = 0;
    static final int INSERT = 0x52;
    static final int DELETE = 0x53;

    private static final int FIRST_FUNCTION_KEY = 0x3B;
    private static final int LAST_FUNCTION_KEY = 0x44;
    private static final int F11 = 0x57;
    private static final int F12 = 0x58;
    private static final int SHIFTED_FUNCTION = 0x54;
    private static final int CONTROL_FUNCTION = 0x5E;
    private static final int ALT_FUNCTION = 0x68;
    private static final int FIRST_PAD_KEY = 0x47;
    private static final int ENTER = 0x1C;
    private static final int SLASH = 0x35;
    private static final int SPACE = 0x39;
    private static final int PAD_STAR = 0x37;
    private static final int TAB = 0x0F;
    private static final int BACKSPACE = 0x0E;
    private static final int LAST_DIGIT = 0x0D;

    /** Characters by scan code, from 0; a blank is a key without one. */
    private static final String PLAIN =
            " \33" + "1234567890-=\b\tqwertyuiop[]\r asdfghjkl;'` \\zxcvbnm,./ *  ";
    private static final String SHIFTED =
            " \33" + "!@#$%^&*()_+\b\0QWERTYUIOP{}\r ASDFGHJKL:\"~ |ZXCVBNM<>? *  ";
    /** The number pad from 47h on: with Num Lock or Shift; with Control; with Alt, for the keys beside it. */
    private static final String PAD = "789-456+1230.";
    private static final int[] PAD_CONTROL =
            {0x77, 0x8D, 0x84, 0x8E, 0x73, 0x8F, 0x74, 0x90, 0x75, 0x91, 0x76, 0x92, 0x93};
    private static final int[] PAD_ALT =
            {0x97, 0x98, 0x99, 0x4A, 0x9B, 0, 0x9D, 0x4E, 0x9F, 0xA0, 0xA1, 0xA2, 0xA3};
    private static final int PREFIX = 0xE0;
    private static final int KEY_102 = 0x56;

    private KeyTable() {
    }

    /** Which of the shift keys are down, after Caps Lock and Num Lock. */
    enum Shift { PLAIN, SHIFT, CONTROL, ALT }

    /**
     * The key, or {@link #NONE}.
     *
     * @param scanCode 0 to 7Fh
     * @param isCaps   letters are to be capitals, unless Shift is down
     * @param isNum    the number pad gives digits, unless Shift is down
     */
    static int key(int scanCode, Shift shift, boolean isCaps, boolean isNum) {
        if (scanCode >= FIRST_FUNCTION_KEY && scanCode <= LAST_FUNCTION_KEY) {
            return functionKey(scanCode, shift);
        }
        if (scanCode == F11 || scanCode == F12) {
            return 0x85 + scanCode - F11 + 2 * shift.ordinal() << Byte.SIZE;
        }
        if (scanCode >= FIRST_PAD_KEY && scanCode < FIRST_PAD_KEY + PAD.length()) {
            return padKey(scanCode, shift, isNum);
        }
        if (scanCode == KEY_102) {
            return shift == Shift.PLAIN ? KEY_102 << Byte.SIZE | '\\'
                    : shift == Shift.SHIFT ? KEY_102 << Byte.SIZE | '|' : NONE;
        }
        if (scanCode >= PLAIN.length() || scanCode == 0 || scanCode != SPACE && PLAIN.charAt(scanCode) == ' ') {
            return NONE;
        }
        return switch (shift) {
            case ALT -> alt(scanCode);
            case CONTROL -> control(scanCode);
            default -> letter(scanCode, shift == Shift.SHIFT, isCaps);
        };
    }

    private static int functionKey(int scanCode, Shift shift) {
        int first = switch (shift) {
            case PLAIN -> FIRST_FUNCTION_KEY;
            case SHIFT -> SHIFTED_FUNCTION;
            case CONTROL -> CONTROL_FUNCTION;
            case ALT -> ALT_FUNCTION;
        };
        return first + scanCode - FIRST_FUNCTION_KEY << Byte.SIZE;
    }

    private static int padKey(int scanCode, Shift shift, boolean isNum) {
        int index = scanCode - FIRST_PAD_KEY;
        char digit = PAD.charAt(index);
        boolean isSign = digit == '-' || digit == '+';
        return switch (shift) {
            case CONTROL -> PAD_CONTROL[index] << Byte.SIZE;
            // A digit with Alt is a part of a character's number.
            case ALT -> isSign ? scanCode << Byte.SIZE : NONE;
            default -> scanCode << Byte.SIZE | (isSign || isNum != (shift == Shift.SHIFT) ? digit : 0);
        };
    }

    private static int letter(int scanCode, boolean isShifted, boolean isCaps) {
        char plain = PLAIN.charAt(scanCode);
        boolean isCapital = isShifted != (isCaps && plain >= 'a' && plain <= 'z');
        return scanCode << Byte.SIZE | (isCapital ? SHIFTED.charAt(scanCode) : plain);
    }

    private static int control(int scanCode) {
        char plain = PLAIN.charAt(scanCode);
        if (plain >= 'a' && plain <= 'z' || plain == '[' || plain == ']' || plain == '\\') {
            return scanCode << Byte.SIZE | plain & 0x1F;
        }
        return switch (plain) {
            case '2' -> scanCode << Byte.SIZE;
            case '6' -> scanCode << Byte.SIZE | 0x1E;
            case '-' -> scanCode << Byte.SIZE | 0x1F;
            case '\b' -> scanCode << Byte.SIZE | 0x7F;
            case '\r' -> scanCode << Byte.SIZE | '\n';
            case '\t' -> 0x9400;
            case '*' -> 0x9600;
            case ' ', '\33' -> scanCode << Byte.SIZE | plain;
            default -> NONE;
        };
    }

    private static int alt(int scanCode) {
        if (scanCode > 1 && scanCode <= LAST_DIGIT) {
            return 0x78 + scanCode - 2 << Byte.SIZE;
        }
        return switch (scanCode) {
            case SPACE -> SPACE << Byte.SIZE | ' ';
            case TAB -> 0xA500;
            default -> scanCode << Byte.SIZE;
        };
    }

    /** As {@link #key} for a key whose scan code came after E0h: those beside the number pad, and two of it. */
    static int prefixed(int scanCode, Shift shift) {
        if (scanCode == ENTER) {
            return shift == Shift.ALT ? 0xA600 : PREFIX << Byte.SIZE | (shift == Shift.CONTROL ? '\n' : '\r');
        }
        if (scanCode == SLASH) {
            return shift == Shift.ALT ? 0xA400 : shift == Shift.CONTROL ? 0x9500 : PREFIX << Byte.SIZE | '/';
        }
        int index = scanCode - FIRST_PAD_KEY;
        if (index < 0 || index >= PAD.length() || PAD.charAt(index) == '-' || PAD.charAt(index) == '+'
                || PAD.charAt(index) == '5') {
            return NONE;
        }
        return switch (shift) {
            case CONTROL -> PAD_CONTROL[index] << Byte.SIZE | PREFIX;
            case ALT -> PAD_ALT[index] << Byte.SIZE;
            default -> scanCode << Byte.SIZE | PREFIX;
        };
    }

    /** The key as programs know it that do not know the keys beside the number pad (INT 16h, AH=00h and 01h). */
    static int withoutPrefix(int key) {
        int character = key & 0xFF;
        if (key >>> Byte.SIZE == PREFIX) {
            return (character == '/' ? SLASH : ENTER) << Byte.SIZE | character;
        }
        return character == PREFIX && key != PREFIX ? key & 0xFF00 : key;
    }

    /** The key that gives a character. */
    static int ofCharacter(int character) {
        if (character == '\n' || character == '\r') {
            return ENTER << Byte.SIZE | '\r';
        }
        if (character == 0x7F) {
            return BACKSPACE << Byte.SIZE | '\b';
        }
        for (Shift shift : new Shift[] {Shift.PLAIN, Shift.SHIFT, Shift.CONTROL}) {
            for (int scanCode = 1; scanCode <= SPACE; scanCode++) {
                int key = key(scanCode, shift, false, false);
                boolean isPad = scanCode == PAD_STAR;
                if (!isPad && key != NONE && (key & 0xFF) == character && key >>> Byte.SIZE == scanCode) {
                    return key;
                }
            }
        }
        return character;
    }
}

package jkvm.host.input;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A key of a PC's keyboard with 105 keys, named as QEMU names it. Scan codes as in IBM's Personal System/2 Technical
 * Reference, "Keyboards": those of set 1 are what a PC's controller makes of set 2, which the keyboard sends.
 */
public enum Key {
    ESC(0x01, 0x76), DIGIT_1(0x02, 0x16), DIGIT_2(0x03, 0x1E), DIGIT_3(0x04, 0x26), DIGIT_4(0x05, 0x25),
    DIGIT_5(0x06, 0x2E), DIGIT_6(0x07, 0x36), DIGIT_7(0x08, 0x3D), DIGIT_8(0x09, 0x3E), DIGIT_9(0x0A, 0x46),
    DIGIT_0(0x0B, 0x45), MINUS(0x0C, 0x4E), EQUAL(0x0D, 0x55), BACKSPACE(0x0E, 0x66), TAB(0x0F, 0x0D),
    Q(0x10, 0x15), W(0x11, 0x1D), E(0x12, 0x24), R(0x13, 0x2D), T(0x14, 0x2C), Y(0x15, 0x35), U(0x16, 0x3C),
    I(0x17, 0x43), O(0x18, 0x44), P(0x19, 0x4D), BRACKET_LEFT(0x1A, 0x54), BRACKET_RIGHT(0x1B, 0x5B), RET(0x1C, 0x5A),
    CTRL(0x1D, 0x14), A(0x1E, 0x1C), S(0x1F, 0x1B), D(0x20, 0x23), F(0x21, 0x2B), G(0x22, 0x34), H(0x23, 0x33),
    J(0x24, 0x3B), K(0x25, 0x42), L(0x26, 0x4B), SEMICOLON(0x27, 0x4C), APOSTROPHE(0x28, 0x52),
    GRAVE_ACCENT(0x29, 0x0E), SHIFT(0x2A, 0x12), BACKSLASH(0x2B, 0x5D), Z(0x2C, 0x1A), X(0x2D, 0x22), C(0x2E, 0x21),
    V(0x2F, 0x2A), B(0x30, 0x32), N(0x31, 0x31), M(0x32, 0x3A), COMMA(0x33, 0x41), DOT(0x34, 0x49), SLASH(0x35, 0x4A),
    SHIFT_R(0x36, 0x59), KP_MULTIPLY(0x37, 0x7C), ALT(0x38, 0x11), SPC(0x39, 0x29), CAPS_LOCK(0x3A, 0x58),
    F1(0x3B, 0x05), F2(0x3C, 0x06), F3(0x3D, 0x04), F4(0x3E, 0x0C), F5(0x3F, 0x03), F6(0x40, 0x0B), F7(0x41, 0x83),
    F8(0x42, 0x0A), F9(0x43, 0x01), F10(0x44, 0x09), NUM_LOCK(0x45, 0x77), SCROLL_LOCK(0x46, 0x7E), KP_7(0x47, 0x6C),
    KP_8(0x48, 0x75), KP_9(0x49, 0x7D), KP_SUBTRACT(0x4A, 0x7B), KP_4(0x4B, 0x6B), KP_5(0x4C, 0x73), KP_6(0x4D, 0x74),
    KP_ADD(0x4E, 0x79), KP_1(0x4F, 0x69), KP_2(0x50, 0x72), KP_3(0x51, 0x7A), KP_0(0x52, 0x70), KP_DECIMAL(0x53, 0x71),
    SYSRQ(0x54, 0x84), LESS(0x56, 0x61), F11(0x57, 0x78), F12(0x58, 0x07),
    KP_ENTER(Key.EXTENDED | 0x1C, 0x5A), CTRL_R(Key.EXTENDED | 0x1D, 0x14), KP_DIVIDE(Key.EXTENDED | 0x35, 0x4A),
    PRINT(Key.EXTENDED | 0x37, 0x7C), ALT_R(Key.EXTENDED | 0x38, 0x11), HOME(Key.EXTENDED | 0x47, 0x6C),
    UP(Key.EXTENDED | 0x48, 0x75), PGUP(Key.EXTENDED | 0x49, 0x7D), LEFT(Key.EXTENDED | 0x4B, 0x6B),
    RIGHT(Key.EXTENDED | 0x4D, 0x74), END(Key.EXTENDED | 0x4F, 0x69), DOWN(Key.EXTENDED | 0x50, 0x72),
    PGDN(Key.EXTENDED | 0x51, 0x7A), INSERT(Key.EXTENDED | 0x52, 0x70), DELETE(Key.EXTENDED | 0x53, 0x71),
    META_L(Key.EXTENDED | 0x5B, 0x1F), META_R(Key.EXTENDED | 0x5C, 0x27), MENU(Key.EXTENDED | 0x5D, 0x2F),
    /** The codes are those of Break, which is Pause with Ctrl; alone it has codes of its own. */
    PAUSE(Key.EXTENDED | 0x46, 0x7E);

    /** Before the code of a key that the first PC did not have. */
    private static final int EXTENDED = 0xE000;
    /** The same in a key's number. */
    private static final int EXTENDED_NUMBER = 0x80;
    private static final int CODE_MASK = 0x7F;
    private static final String DIGIT = "digit_";

    private final int set1;
    private final int set2;

    Key(int set1, int set2) {
        this.set1 = set1;
        this.set2 = set2;
    }

    /** QEMU's name: {@code a}, {@code 1}, {@code ret}, {@code ctrl_r}. */
    public String text() {
        String name = name().toLowerCase(Locale.ROOT);
        return name.startsWith(DIGIT) ? name.substring(DIGIT.length()) : name;
    }

    /** The key that QEMU names so. */
    public static Optional<Key> named(String text) {
        for (Key key : values()) {
            if (key.text().equals(text)) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /** The key that QEMU numbers so: its code in set 1, with bit 7 set where the prefix E0 stands before it. */
    public static Optional<Key> numbered(int number) {
        for (Key key : values()) {
            if (key.number() == number) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    /**
     * Keys that are pressed together: {@code ctrl-alt-delete}.
     *
     * @throws IllegalArgumentException if there is no such key
     */
    public static List<Key> chord(String text) {
        List<Key> keys = new ArrayList<>();
        for (String name : text.split("-", -1)) {
            keys.add(named(name).orElseThrow(() -> new IllegalArgumentException("no key \"" + name + "\"")));
        }
        return keys;
    }

    /** QEMU's number of the key, 1 to 255. */
    public int number() {
        return set1() | (isExtended() ? EXTENDED_NUMBER : 0);
    }

    /** True if the byte E0 stands before the key's code in the sets 1 and 2. */
    public boolean isExtended() {
        return (set1 & EXTENDED) != 0;
    }

    /** The code in set 1, 1 to 127. */
    public int set1() {
        return set1 & CODE_MASK;
    }

    /** The code in set 2, one byte. */
    public int set2() {
        return set2;
    }
}

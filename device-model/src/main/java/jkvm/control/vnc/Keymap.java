package jkvm.control.vnc;

import static java.util.Map.entry;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.input.Key;

/**
 * Which key a viewer means by a keysym: X's number of what the key has on it, by the layout of the guest's keyboard. A
 * viewer that tells keys by QEMU's extended key events needs none.
 */
public final class Keymap {
    /** The layout that is used where none is named. */
    public static final String DEFAULT = "en-us";

    private static final int LATIN_1_END = 0x100;
    private static final List<Key> KEYS = List.of(Key.GRAVE_ACCENT, Key.DIGIT_1, Key.DIGIT_2, Key.DIGIT_3,
            Key.DIGIT_4, Key.DIGIT_5, Key.DIGIT_6, Key.DIGIT_7, Key.DIGIT_8, Key.DIGIT_9, Key.DIGIT_0, Key.MINUS,
            Key.EQUAL, Key.Q, Key.W, Key.E, Key.R, Key.T, Key.Y, Key.U, Key.I, Key.O, Key.P, Key.BRACKET_LEFT,
            Key.BRACKET_RIGHT, Key.A, Key.S, Key.D, Key.F, Key.G, Key.H, Key.J, Key.K, Key.L, Key.SEMICOLON,
            Key.APOSTROPHE, Key.BACKSLASH, Key.LESS, Key.Z, Key.X, Key.C, Key.V, Key.B, Key.N, Key.M, Key.COMMA,
            Key.DOT, Key.SLASH);
    /** What is on {@link #KEYS}: alone, with Shift, with AltGr. A blank where nothing is. */
    private static final Map<String, List<String>> LAYOUTS = Map.ofEntries(
            entry(DEFAULT, List.of("`1234567890-=qwertyuiop[]asdfghjkl;'\\ zxcvbnm,./",
                    "~!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"| ZXCVBNM<>?")),
            entry("en-gb", List.of("`1234567890-=qwertyuiop[]asdfghjkl;'#\\zxcvbnm,./",
                    "¬!\"£$%^&*()_+QWERTYUIOP{}ASDFGHJKL:@~|ZXCVBNM<>?")),
            entry("de", List.of("^1234567890ß´qwertzuiopü+asdfghjklöä#<yxcvbnm,.-",
                    "°!\"§$%&/()=?`QWERTZUIOPÜ*ASDFGHJKLÖÄ'>YXCVBNM;:_",
                    "  ²³   {[]}\\ @          ~            |      µ")),
            entry("fr", List.of("²&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù*<wxcvbn,;:!",
                    " 1234567890°+AZERTYUIOP¨£QSDFGHJKLM%µ>WXCVBN?./§",
                    "  ~#{[|`\\^@]}")));

    private static final Map<Integer, Key> FUNCTIONS = functions();

    private final Map<Integer, Key> characters = new HashMap<>();

    private Keymap(List<String> rows) {
        for (String row : rows) {
            for (int i = 0; i < Math.min(row.length(), KEYS.size()); i++) {
                if (row.charAt(i) != ' ') {
                    characters.putIfAbsent((int) row.charAt(i), KEYS.get(i));
                }
            }
        }
        characters.put((int) ' ', Key.SPC);
    }

    /** The layouts' names, as QEMU has them. */
    public static List<String> names() {
        return LAYOUTS.keySet().stream().sorted().toList();
    }

    /** The layout of this name. */
    public static Optional<Keymap> named(String name) {
        return Optional.ofNullable(LAYOUTS.get(name)).map(Keymap::new);
    }

    /** The key of a keysym. */
    public Optional<Key> key(int keysym) {
        return Optional.ofNullable(keysym < LATIN_1_END ? characters.get(keysym) : FUNCTIONS.get(keysym));
    }

    private static Map<Integer, Key> functions() {
        Map<Integer, Key> keys = new HashMap<>();
        addFrom(keys, 0xff08, Key.BACKSPACE, Key.TAB);
        addFrom(keys, 0xff13, Key.PAUSE, Key.SCROLL_LOCK, Key.SYSRQ);
        addFrom(keys, 0xff50, Key.HOME, Key.LEFT, Key.UP, Key.RIGHT, Key.DOWN, Key.PGUP, Key.PGDN, Key.END);
        addFrom(keys, 0xff95, Key.KP_7, Key.KP_4, Key.KP_8, Key.KP_6, Key.KP_2, Key.KP_9, Key.KP_3, Key.KP_1,
                Key.KP_5, Key.KP_0, Key.KP_DECIMAL);
        addFrom(keys, 0xffaa, Key.KP_MULTIPLY, Key.KP_ADD, Key.KP_DECIMAL, Key.KP_SUBTRACT, Key.KP_DECIMAL,
                Key.KP_DIVIDE, Key.KP_0, Key.KP_1, Key.KP_2, Key.KP_3, Key.KP_4, Key.KP_5, Key.KP_6, Key.KP_7,
                Key.KP_8, Key.KP_9);
        addFrom(keys, 0xffbe, Key.F1, Key.F2, Key.F3, Key.F4, Key.F5, Key.F6, Key.F7, Key.F8, Key.F9, Key.F10,
                Key.F11, Key.F12);
        addFrom(keys, 0xffe1, Key.SHIFT, Key.SHIFT_R, Key.CTRL, Key.CTRL_R, Key.CAPS_LOCK);
        addFrom(keys, 0xffe7, Key.META_L, Key.META_R, Key.ALT, Key.ALT_R, Key.META_L, Key.META_R);
        keys.put(0xff0d, Key.RET);
        keys.put(0xff1b, Key.ESC);
        keys.put(0xff61, Key.PRINT);
        keys.put(0xff63, Key.INSERT);
        keys.put(0xff67, Key.MENU);
        keys.put(0xff6b, Key.PAUSE);
        keys.put(0xff7f, Key.NUM_LOCK);
        keys.put(0xff8d, Key.KP_ENTER);
        keys.put(0xffff, Key.DELETE);
        // Shift and Tab, AltGr, the euro sign.
        keys.put(0xfe20, Key.TAB);
        keys.put(0xfe03, Key.ALT_R);
        keys.put(0x20ac, Key.E);
        // Dead accents: grave, acute, circumflex, tilde, diaeresis.
        keys.put(0xfe50, Key.EQUAL);
        keys.put(0xfe51, Key.EQUAL);
        keys.put(0xfe52, Key.GRAVE_ACCENT);
        keys.put(0xfe53, Key.BRACKET_RIGHT);
        keys.put(0xfe57, Key.BRACKET_LEFT);
        return Map.copyOf(keys);
    }

    private static void addFrom(Map<Integer, Key> keys, int first, Key... following) {
        for (int i = 0; i < following.length; i++) {
            keys.put(first + i, following[i]);
        }
    }
}

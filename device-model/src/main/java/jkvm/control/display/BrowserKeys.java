package jkvm.control.display;

import java.util.Locale;
import java.util.Optional;
import jkvm.host.input.Key;

/** Keys by the names that browsers give to their places (W3C UI Events KeyboardEvent code Values). */
final class BrowserKeys {
    private BrowserKeys() {
    }

    static Optional<Key> key(String code) {
        if (code.length() == 4 && code.startsWith("Key")) {
            return Key.named(code.substring(3).toLowerCase(Locale.ROOT));
        }
        if (code.length() == 6 && code.startsWith("Digit")) {
            return Key.named(code.substring(5));
        }
        if (code.matches("F([1-9]|1[0-2])")) {
            return Key.named(code.toLowerCase(Locale.ROOT));
        }
        if (code.matches("Numpad[0-9]")) {
            return Key.named("kp_" + code.charAt(6));
        }
        return Optional.ofNullable(other(code));
    }

    private static Key other(String code) {
        return switch (code) {
            case "Escape" -> Key.ESC;
            case "Minus" -> Key.MINUS;
            case "Equal" -> Key.EQUAL;
            case "Backspace" -> Key.BACKSPACE;
            case "Tab" -> Key.TAB;
            case "BracketLeft" -> Key.BRACKET_LEFT;
            case "BracketRight" -> Key.BRACKET_RIGHT;
            case "Enter" -> Key.RET;
            case "ControlLeft" -> Key.CTRL;
            case "ControlRight" -> Key.CTRL_R;
            case "ShiftLeft" -> Key.SHIFT;
            case "ShiftRight" -> Key.SHIFT_R;
            case "AltLeft" -> Key.ALT;
            case "AltRight" -> Key.ALT_R;
            case "MetaLeft" -> Key.META_L;
            case "MetaRight" -> Key.META_R;
            case "ContextMenu" -> Key.MENU;
            case "Semicolon" -> Key.SEMICOLON;
            case "Quote" -> Key.APOSTROPHE;
            case "Backquote" -> Key.GRAVE_ACCENT;
            case "Backslash" -> Key.BACKSLASH;
            case "IntlBackslash" -> Key.LESS;
            case "Comma" -> Key.COMMA;
            case "Period" -> Key.DOT;
            case "Slash" -> Key.SLASH;
            case "Space" -> Key.SPC;
            case "CapsLock" -> Key.CAPS_LOCK;
            case "NumLock" -> Key.NUM_LOCK;
            case "ScrollLock" -> Key.SCROLL_LOCK;
            case "PrintScreen" -> Key.PRINT;
            case "Pause" -> Key.PAUSE;
            default -> editing(code);
        };
    }

    private static Key editing(String code) {
        return switch (code) {
            case "Insert" -> Key.INSERT;
            case "Delete" -> Key.DELETE;
            case "Home" -> Key.HOME;
            case "End" -> Key.END;
            case "PageUp" -> Key.PGUP;
            case "PageDown" -> Key.PGDN;
            case "ArrowUp" -> Key.UP;
            case "ArrowDown" -> Key.DOWN;
            case "ArrowLeft" -> Key.LEFT;
            case "ArrowRight" -> Key.RIGHT;
            case "NumpadDivide" -> Key.KP_DIVIDE;
            case "NumpadMultiply" -> Key.KP_MULTIPLY;
            case "NumpadSubtract" -> Key.KP_SUBTRACT;
            case "NumpadAdd" -> Key.KP_ADD;
            case "NumpadEnter" -> Key.KP_ENTER;
            case "NumpadDecimal" -> Key.KP_DECIMAL;
            default -> null;
        };
    }
}

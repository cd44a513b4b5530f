package jkvm.control.display;

import java.awt.event.KeyEvent;
import java.util.Locale;
import java.util.Optional;
import jkvm.host.input.Key;

/** Keys by the numbers that the desktop's toolkit gives them, which are those of a US keyboard. */
final class SwingKeys {
    private SwingKeys() {
    }

    static Optional<Key> key(KeyEvent event) {
        int code = event.getKeyCode();
        if (code >= KeyEvent.VK_A && code <= KeyEvent.VK_Z || code >= KeyEvent.VK_0 && code <= KeyEvent.VK_9) {
            return Key.named(Character.toString(code).toLowerCase(Locale.ROOT));
        }
        if (code >= KeyEvent.VK_F1 && code <= KeyEvent.VK_F12) {
            return Key.named("f" + (code - KeyEvent.VK_F1 + 1));
        }
        if (code >= KeyEvent.VK_NUMPAD0 && code <= KeyEvent.VK_NUMPAD9) {
            return Key.named("kp_" + (code - KeyEvent.VK_NUMPAD0));
        }
        boolean isRight = event.getKeyLocation() == KeyEvent.KEY_LOCATION_RIGHT;
        boolean isKeypad = event.getKeyLocation() == KeyEvent.KEY_LOCATION_NUMPAD;
        return Optional.ofNullable(isKeypad ? keypad(code) : other(code, isRight));
    }

    private static Key keypad(int code) {
        return switch (code) {
            case KeyEvent.VK_ENTER -> Key.KP_ENTER;
            case KeyEvent.VK_HOME -> Key.KP_7;
            case KeyEvent.VK_UP, KeyEvent.VK_KP_UP -> Key.KP_8;
            case KeyEvent.VK_PAGE_UP -> Key.KP_9;
            case KeyEvent.VK_LEFT, KeyEvent.VK_KP_LEFT -> Key.KP_4;
            case KeyEvent.VK_BEGIN -> Key.KP_5;
            case KeyEvent.VK_RIGHT, KeyEvent.VK_KP_RIGHT -> Key.KP_6;
            case KeyEvent.VK_END -> Key.KP_1;
            case KeyEvent.VK_DOWN, KeyEvent.VK_KP_DOWN -> Key.KP_2;
            case KeyEvent.VK_PAGE_DOWN -> Key.KP_3;
            case KeyEvent.VK_INSERT -> Key.KP_0;
            case KeyEvent.VK_DELETE -> Key.KP_DECIMAL;
            default -> other(code, false);
        };
    }

    private static Key other(int code, boolean isRight) {
        return switch (code) {
            case KeyEvent.VK_ESCAPE -> Key.ESC;
            case KeyEvent.VK_ENTER -> Key.RET;
            case KeyEvent.VK_BACK_SPACE -> Key.BACKSPACE;
            case KeyEvent.VK_TAB -> Key.TAB;
            case KeyEvent.VK_SPACE -> Key.SPC;
            case KeyEvent.VK_CONTROL -> isRight ? Key.CTRL_R : Key.CTRL;
            case KeyEvent.VK_SHIFT -> isRight ? Key.SHIFT_R : Key.SHIFT;
            case KeyEvent.VK_ALT -> isRight ? Key.ALT_R : Key.ALT;
            case KeyEvent.VK_ALT_GRAPH -> Key.ALT_R;
            case KeyEvent.VK_META, KeyEvent.VK_WINDOWS -> isRight ? Key.META_R : Key.META_L;
            case KeyEvent.VK_CONTEXT_MENU -> Key.MENU;
            case KeyEvent.VK_CAPS_LOCK -> Key.CAPS_LOCK;
            case KeyEvent.VK_NUM_LOCK -> Key.NUM_LOCK;
            case KeyEvent.VK_SCROLL_LOCK -> Key.SCROLL_LOCK;
            case KeyEvent.VK_PRINTSCREEN -> Key.PRINT;
            case KeyEvent.VK_PAUSE -> Key.PAUSE;
            case KeyEvent.VK_MULTIPLY -> Key.KP_MULTIPLY;
            case KeyEvent.VK_DIVIDE -> Key.KP_DIVIDE;
            case KeyEvent.VK_ADD -> Key.KP_ADD;
            case KeyEvent.VK_SUBTRACT -> Key.KP_SUBTRACT;
            case KeyEvent.VK_DECIMAL -> Key.KP_DECIMAL;
            default -> sign(code);
        };
    }

    private static Key sign(int code) {
        return switch (code) {
            case KeyEvent.VK_MINUS -> Key.MINUS;
            case KeyEvent.VK_EQUALS -> Key.EQUAL;
            case KeyEvent.VK_OPEN_BRACKET -> Key.BRACKET_LEFT;
            case KeyEvent.VK_CLOSE_BRACKET -> Key.BRACKET_RIGHT;
            case KeyEvent.VK_BACK_SLASH -> Key.BACKSLASH;
            case KeyEvent.VK_SEMICOLON -> Key.SEMICOLON;
            case KeyEvent.VK_QUOTE -> Key.APOSTROPHE;
            case KeyEvent.VK_BACK_QUOTE -> Key.GRAVE_ACCENT;
            case KeyEvent.VK_COMMA -> Key.COMMA;
            case KeyEvent.VK_PERIOD -> Key.DOT;
            case KeyEvent.VK_SLASH -> Key.SLASH;
            case KeyEvent.VK_LESS -> Key.LESS;
            case KeyEvent.VK_INSERT -> Key.INSERT;
            case KeyEvent.VK_DELETE -> Key.DELETE;
            case KeyEvent.VK_HOME -> Key.HOME;
            case KeyEvent.VK_END -> Key.END;
            case KeyEvent.VK_PAGE_UP -> Key.PGUP;
            case KeyEvent.VK_PAGE_DOWN -> Key.PGDN;
            case KeyEvent.VK_UP -> Key.UP;
            case KeyEvent.VK_DOWN -> Key.DOWN;
            case KeyEvent.VK_LEFT -> Key.LEFT;
            case KeyEvent.VK_RIGHT -> Key.RIGHT;
            default -> null;
        };
    }
}

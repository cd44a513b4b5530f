package jkvm.host.input;

import java.util.Locale;
import java.util.Optional;

/** A button of a pointing device. A turn of the wheel is none here: it is an {@link InputEvent.Wheel}. */
public enum Button {
    LEFT, MIDDLE, RIGHT, SIDE, EXTRA;

    /** QEMU's name. */
    public String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The button that QEMU names so. */
    public static Optional<Button> named(String text) {
        for (Button button : values()) {
            if (button.text().equals(text)) {
                return Optional.of(button);
            }
        }
        return Optional.empty();
    }
}

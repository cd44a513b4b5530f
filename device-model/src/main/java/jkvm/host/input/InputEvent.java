package jkvm.host.input;

/** Something that the user does with the keyboard or the pointing device. */
public sealed interface InputEvent {

    /**
     * A key goes down or up.
     *
     * @param isDown for a key that is down already: the user's keyboard repeats it
     */
    record Stroke(Key key, boolean isDown) implements InputEvent {
    }

    /** Something that the user does with the pointing device. */
    sealed interface Pointer extends InputEvent {
    }

    /** The pointer is at a place: from the left and from the top, 0 to {@link InputHub#MAX_ABSOLUTE}. */
    record Absolute(int x, int y) implements Pointer {
    }

    /** The pointer moves to the right and down. */
    record Relative(int dx, int dy) implements Pointer {
    }

    /** A button goes down or up. */
    record Press(Button button, boolean isDown) implements Pointer {
    }

    /** The wheel turns by steps, towards the user where they are positive. */
    record Wheel(int steps) implements Pointer {
    }
}

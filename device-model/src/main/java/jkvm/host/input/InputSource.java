package jkvm.host.input;

import java.util.EnumSet;
import java.util.Set;

/**
 * One front end: a viewer, a window. Closing it lets go what it holds down. One thread calls at a time.
 */
public final class InputSource implements AutoCloseable {
    private final InputHub hub;
    private final Set<Key> keys = EnumSet.noneOf(Key.class);
    private final Set<Button> buttons = EnumSet.noneOf(Button.class);
    /** Where the pointer was last; -1 at first. */
    private int lastX = -1;
    private int lastY = -1;

    InputSource(InputHub hub) {
        this.hub = hub;
    }

    /** A key goes down, is repeated, or goes up. */
    public void key(Key key, boolean isDown) {
        boolean wasDown = isDown ? !keys.add(key) : keys.remove(key);
        if (isDown || wasDown) {
            hub.send(new InputEvent.Stroke(key, isDown));
        }
    }

    /**
     * The user points at a place of the picture. A guest that knows relative motion only gets the difference to the
     * place before.
     *
     * @param width  of the picture
     * @param height of the picture
     */
    public void pointAt(int x, int y, int width, int height) {
        int nowX = Math.clamp(x, 0, Math.max(0, width - 1));
        int nowY = Math.clamp(y, 0, Math.max(0, height - 1));
        if (hub.isAbsolute()) {
            hub.send(new InputEvent.Absolute(scaled(nowX, width), scaled(nowY, height)));
        } else if (lastX >= 0) {
            moveBy(nowX - lastX, nowY - lastY);
        }
        lastX = nowX;
        lastY = nowY;
    }

    private static int scaled(int value, int size) {
        return size < 2 ? 0 : (int) ((long) value * InputHub.MAX_ABSOLUTE / (size - 1));
    }

    /** The pointer moves to the right and down. */
    public void moveBy(int dx, int dy) {
        if (dx != 0 || dy != 0) {
            hub.send(new InputEvent.Relative(dx, dy));
        }
    }

    /** A button goes down or up, or is as it was. */
    public void button(Button button, boolean isDown) {
        if (isDown ? buttons.add(button) : buttons.remove(button)) {
            hub.send(new InputEvent.Press(button, isDown));
        }
    }

    /** The wheel turns by steps, towards the user where they are positive. */
    public void wheel(int steps) {
        hub.send(new InputEvent.Wheel(steps));
    }

    /** Lets go of all keys and buttons: the window loses the focus, for instance. */
    public void releaseAll() {
        for (Key key : Set.copyOf(keys)) {
            key(key, false);
        }
        for (Button button : Set.copyOf(buttons)) {
            button(button, false);
        }
    }

    @Override
    public void close() {
        releaseAll();
    }
}

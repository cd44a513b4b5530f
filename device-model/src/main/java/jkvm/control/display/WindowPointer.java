package jkvm.control.display;

import java.awt.AWTException;
import java.awt.Point;
import java.awt.Robot;
import java.awt.event.MouseAdapter;
import java.awt.event.MouseEvent;
import java.awt.event.MouseWheelEvent;
import jkvm.host.input.Button;
import jkvm.host.input.InputSource;

/**
 * The mouse over a window. It points at a place of the picture; once grabbed it is kept in the window's middle and only
 * its motion counts. On the desktop's event thread.
 */
final class WindowPointer extends MouseAdapter {
    private final WindowPicture picture;
    private final InputSource input;
    /** Null while the mouse is not grabbed. */
    private Robot robot;

    WindowPointer(WindowPicture picture, InputSource input) {
        this.picture = picture;
        this.input = input;
        picture.addMouseListener(this);
        picture.addMouseMotionListener(this);
        picture.addMouseWheelListener(this);
    }

    boolean isGrabbed() {
        return robot != null;
    }

    void grab() {
        try {
            robot = new Robot();
            centre();
        } catch (AWTException | SecurityException _) {
            // A desktop that lets no program move the pointer: it points as before.
            robot = null;
        }
    }

    void free() {
        robot = null;
    }

    private void centre() {
        Point corner = picture.getLocationOnScreen();
        robot.mouseMove(corner.x + picture.getWidth() / 2, corner.y + picture.getHeight() / 2);
    }

    @Override
    public void mouseMoved(MouseEvent event) {
        if (isGrabbed()) {
            int dx = event.getX() - picture.getWidth() / 2;
            int dy = event.getY() - picture.getHeight() / 2;
            if (dx != 0 || dy != 0) {
                input.moveBy(dx, dy);
                centre();
            }
        } else {
            int x = event.getX() * picture.pictureWidth() / Math.max(1, picture.getWidth());
            int y = event.getY() * picture.pictureHeight() / Math.max(1, picture.getHeight());
            input.pointAt(x, y, picture.pictureWidth(), picture.pictureHeight());
        }
    }

    @Override
    public void mouseDragged(MouseEvent event) {
        mouseMoved(event);
    }

    @Override
    public void mousePressed(MouseEvent event) {
        picture.requestFocusInWindow();
        press(event, true);
    }

    @Override
    public void mouseReleased(MouseEvent event) {
        press(event, false);
    }

    private void press(MouseEvent event, boolean isDown) {
        mouseMoved(event);
        switch (event.getButton()) {
            case MouseEvent.BUTTON1 -> input.button(Button.LEFT, isDown);
            case MouseEvent.BUTTON2 -> input.button(Button.MIDDLE, isDown);
            case MouseEvent.BUTTON3 -> input.button(Button.RIGHT, isDown);
            default -> {
                // A button that the guest's mouse does not have.
            }
        }
    }

    @Override
    public void mouseWheelMoved(MouseWheelEvent event) {
        if (event.getWheelRotation() != 0) {
            input.wheel(Integer.signum(event.getWheelRotation()));
        }
    }
}

package jkvm.control.display;

import java.awt.BorderLayout;
import java.awt.Cursor;
import java.awt.Dimension;
import java.awt.Frame;
import java.awt.GraphicsEnvironment;
import java.awt.Point;
import java.awt.event.FocusAdapter;
import java.awt.event.FocusEvent;
import java.awt.event.KeyAdapter;
import java.awt.event.KeyEvent;
import java.awt.event.WindowAdapter;
import java.awt.event.WindowEvent;
import java.awt.image.BufferedImage;
import javax.swing.JFrame;
import javax.swing.SwingUtilities;
import javax.swing.WindowConstants;
import jkvm.host.input.InputSource;
import jkvm.host.input.Key;

/**
 * Shows the screen in a window of the desktop, with its keyboard and mouse. The picture is scaled to the window's size.
 * Ctrl-Alt-G takes the mouse for a guest that knows relative motion only, and frees it; Ctrl-Alt-F fills the screen,
 * and back; Ctrl-Alt-D presses Ctrl-Alt-Delete. Any thread may make and close it.
 */
public final class WindowDisplay implements AutoCloseable {
    private static final int GRAB_KEY = KeyEvent.VK_G;
    private static final int FULL_SCREEN_KEY = KeyEvent.VK_F;
    private static final int DELETE_KEY = KeyEvent.VK_D;

    private final GuestScreen screen;
    private final InputSource input;
    /** Used by the desktop's event thread only, as the next three. */
    private JFrame frame;
    private WindowPicture picture;
    private WindowPointer pointer;

    /**
     * Opens the window.
     *
     * @param fullScreen true to fill the screen at first
     * @param quits      true if closing the window ends the machine
     */
    public WindowDisplay(GuestScreen screen, boolean fullScreen, boolean quits) {
        this.screen = screen;
        input = screen.input().newSource();
        SwingUtilities.invokeLater(() -> open(fullScreen, quits));
    }

    /** True if there is a desktop to show a window on. */
    public static boolean hasDesktop() {
        return !GraphicsEnvironment.isHeadless();
    }

    private void open(boolean fullScreen, boolean quits) {
        frame = new JFrame(screen.title());
        picture = new WindowPicture(screen.display(), this::fit);
        pointer = new WindowPointer(picture, input);
        picture.setFocusable(true);
        picture.setFocusTraversalKeysEnabled(false);
        picture.addKeyListener(new Keyboard());
        picture.addFocusListener(new FocusAdapter() {
            @Override
            public void focusLost(FocusEvent event) {
                input.releaseAll();
                free();
            }
        });
        frame.setDefaultCloseOperation(quits ? WindowConstants.DO_NOTHING_ON_CLOSE : WindowConstants.HIDE_ON_CLOSE);
        frame.addWindowListener(new WindowAdapter() {
            @Override
            public void windowClosing(WindowEvent event) {
                if (quits) {
                    screen.power().quit();
                }
            }
        });
        frame.add(picture, BorderLayout.CENTER);
        frame.pack();
        frame.setLocationByPlatform(true);
        frame.setVisible(true);
        if (fullScreen) {
            toggleFullScreen();
        }
        picture.requestFocusInWindow();
        screen.display().attach(picture);
    }

    /** Another mode: the window gets its size, unless the user has made it larger than all. */
    private void fit() {
        if (frame.getExtendedState() == Frame.NORMAL && !isFullScreen()) {
            frame.pack();
        }
    }

    private boolean isFullScreen() {
        return frame.getGraphicsConfiguration().getDevice().getFullScreenWindow() == frame;
    }

    private void toggleFullScreen() {
        frame.getGraphicsConfiguration().getDevice().setFullScreenWindow(isFullScreen() ? null : frame);
    }

    private void toggleGrab() {
        if (pointer.isGrabbed()) {
            free();
        } else {
            pointer.grab();
            frame.setTitle(screen.title() + " - press Ctrl-Alt-G to free the mouse");
            BufferedImage nothing = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
            picture.setCursor(picture.getToolkit().createCustomCursor(nothing, new Point(), "none"));
        }
    }

    private void free() {
        pointer.free();
        frame.setTitle(screen.title());
        picture.setCursor(Cursor.getDefaultCursor());
    }

    @Override
    public void close() {
        SwingUtilities.invokeLater(() -> {
            if (frame != null) {
                screen.display().detach(picture);
                frame.dispose();
            }
            input.close();
        });
    }

    /** The size of a picture before the guest has shown one. */
    static Dimension usualSize() {
        return new Dimension(720, 400);
    }

    private final class Keyboard extends KeyAdapter {
        @Override
        public void keyPressed(KeyEvent event) {
            event.consume();
            if (event.isControlDown() && event.isAltDown() && isCommand(event.getKeyCode())) {
                return;
            }
            SwingKeys.key(event).ifPresent(key -> input.key(key, true));
        }

        @Override
        public void keyReleased(KeyEvent event) {
            event.consume();
            SwingKeys.key(event).ifPresent(key -> input.key(key, false));
        }

        private boolean isCommand(int code) {
            switch (code) {
                case GRAB_KEY -> toggleGrab();
                case FULL_SCREEN_KEY -> toggleFullScreen();
                case DELETE_KEY -> {
                    Key.chord("ctrl-alt-delete").forEach(key -> input.key(key, true));
                    input.releaseAll();
                }
                default -> {
                    return false;
                }
            }
            return true;
        }
    }
}

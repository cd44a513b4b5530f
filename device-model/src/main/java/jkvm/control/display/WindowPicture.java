package jkvm.control.display;

import java.awt.Dimension;
import java.awt.Graphics;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;
import java.util.concurrent.atomic.AtomicBoolean;
import javax.swing.JComponent;
import javax.swing.SwingUtilities;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.Picture;
import jkvm.host.display.Rectangle;
import jkvm.host.display.Viewer;

/** The picture in a window. The desktop's event thread draws; the display's thread only asks it to. */
final class WindowPicture extends JComponent implements Viewer {
    private static final long serialVersionUID = 1L;

    private final transient DisplayHub hub;
    private final transient Runnable onResize;
    private final AtomicBoolean isAsked = new AtomicBoolean();
    /** Used by the event thread only. */
    private transient BufferedImage image;

    /** @param onResize called after the picture's size has changed, on the event thread */
    WindowPicture(DisplayHub hub, Runnable onResize) {
        this.hub = hub;
        this.onResize = onResize;
        setPreferredSize(WindowDisplay.usualSize());
    }

    @Override
    public void resized(int width, int height) {
        // The copy finds the new size.
    }

    @Override
    public void changed(Rectangle part) {
        // The whole picture is copied: it costs a millisecond.
    }

    @Override
    public void complete() {
        if (isAsked.compareAndSet(false, true)) {
            SwingUtilities.invokeLater(this::update);
        }
    }

    private void update() {
        isAsked.set(false);
        boolean isResized = hub.look(this::copy);
        if (isResized) {
            setPreferredSize(new Dimension(image.getWidth(), image.getHeight()));
            onResize.run();
        }
        repaint();
    }

    private boolean copy(Picture picture) {
        int width = picture.width();
        int height = picture.height();
        if (width == 0 || height == 0) {
            return false;
        }
        boolean isResized = image == null || image.getWidth() != width || image.getHeight() != height;
        if (isResized) {
            image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        }
        int[] pixels = ((DataBufferInt) image.getRaster().getDataBuffer()).getData();
        picture.copyTo(new Rectangle(0, 0, width, height), pixels, width);
        return isResized;
    }

    /** Width of the guest's picture; of the usual one before there is one. */
    int pictureWidth() {
        return image == null ? WindowDisplay.usualSize().width : image.getWidth();
    }

    int pictureHeight() {
        return image == null ? WindowDisplay.usualSize().height : image.getHeight();
    }

    @Override
    protected void paintComponent(Graphics graphics) {
        if (image == null) {
            graphics.fillRect(0, 0, getWidth(), getHeight());
            return;
        }
        if (graphics instanceof Graphics2D smooth && getWidth() != image.getWidth()) {
            smooth.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
        }
        graphics.drawImage(image, 0, 0, getWidth(), getHeight(), null);
    }
}

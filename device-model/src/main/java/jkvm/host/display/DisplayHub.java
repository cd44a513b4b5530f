package jkvm.host.display;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Renders a screen for all of its viewers: at most 30 times a second, and only while one is attached. It also works
 * while the machine is paused. Any thread may call.
 *
 * <p>Two locks: {@code rounds} is held while a picture is made and told, {@code picture} while pixels change or are
 * copied. A viewer is called with the first only, so its methods may wait for a lock that is held around {@link #look}.
 */
public final class DisplayHub implements AutoCloseable {
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1) / 30;

    private final String device;
    private final Screen screen;
    private final Picture picture = new Picture();
    private final Object rounds = new Object();
    private final List<Viewer> viewers = new CopyOnWriteArrayList<>();
    private final Object pace = new Object();
    /** Guarded by {@code pace}. */
    private boolean unblocked;
    /** Null until the first viewer comes, and after the end. Guarded by this. */
    private Workers workers;
    private boolean closed;

    /** @param device the adapter's name */
    public DisplayHub(String device, Screen screen) {
        this.device = device;
        this.screen = screen;
    }

    /** The name of the adapter. */
    public String device() {
        return device;
    }

    /** Attaches a viewer, which is told the size before this returns. */
    public void attach(Viewer viewer) {
        synchronized (rounds) {
            refresh();
            viewers.add(viewer);
            viewer.resized(picture.width(), picture.height());
            viewer.complete();
        }
        start();
    }

    /** Detaches a viewer. A call of it that is in progress may still go on. */
    public void detach(Viewer viewer) {
        viewers.remove(viewer);
    }

    private synchronized void start() {
        if (workers == null && !closed) {
            // Of its own: it goes by the host's time, also while the guest's stands.
            workers = Workers.onThreads();
            Worker _ = workers.waiting("display", this::await, this::renderForViewers, this::unblock);
        } else {
            unblock();
        }
    }

    private void await() {
        synchronized (pace) {
            long end = System.nanoTime() + INTERVAL_NANOS;
            long left = INTERVAL_NANOS;
            while (!unblocked && (left > 0 || viewers.isEmpty())) {
                try {
                    TimeUnit.NANOSECONDS.timedWait(pace, viewers.isEmpty() ? Long.MAX_VALUE : left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    return;
                }
                left = end - System.nanoTime();
            }
            unblocked = false;
        }
    }

    private void unblock() {
        synchronized (pace) {
            unblocked = true;
            pace.notifyAll();
        }
    }

    private void renderForViewers() {
        if (!viewers.isEmpty()) {
            refresh();
        }
    }

    /** Brings the picture up to date and tells the viewers. */
    private void refresh() {
        synchronized (rounds) {
            synchronized (picture) {
                if (!screen.render(picture)) {
                    return;
                }
            }
            for (Viewer viewer : viewers) {
                tell(viewer);
            }
            picture.clearChanges();
        }
    }

    private void tell(Viewer viewer) {
        if (picture.isResized()) {
            viewer.resized(picture.width(), picture.height());
        } else {
            for (int i = 0; i < picture.changeCount(); i++) {
                viewer.changed(picture.changed(i));
            }
        }
        viewer.complete();
    }

    /**
     * Looks at the picture, which does not change meanwhile; copies from it and returns soon.
     *
     * @return what {@code look} returned
     */
    public <T> T look(Function<Picture, T> look) {
        synchronized (picture) {
            return look.apply(picture);
        }
    }

    /** The screen at this moment; also without a viewer. */
    public Picture snapshot() {
        refresh();
        return look(Picture::copy);
    }

    /**
     * Writes the screen at this moment to a file, in place of an older one.
     *
     * @throws IOException if that fails; a file that is no regular one is not opened, since that could wait for ever
     */
    public void dump(Path file, PictureFormat format) throws IOException {
        Picture shown = snapshot();
        if (Files.exists(file) && !Files.isRegularFile(file)) {
            throw new FileSystemException(file.toString(), null, "not a regular file");
        }
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file))) {
            shown.write(format, out);
        }
    }

    /** The characters at this moment, in text modes. */
    public Optional<TextScreen> text() {
        return screen.text();
    }

    /** Ends the rendering. The screen is not used by it any more, but by {@link #snapshot} and {@link #text}. */
    @Override
    public void close() {
        Workers ended;
        synchronized (this) {
            closed = true;
            ended = workers;
            workers = null;
        }
        if (ended != null) {
            ended.close();
        }
    }
}

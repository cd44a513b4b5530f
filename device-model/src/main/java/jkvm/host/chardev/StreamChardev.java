package jkvm.host.chardev;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;

/**
 * A chardev over a {@link HostLink}. Output goes through a bounded ring that one thread writes to the host; another
 * thread reads the host's input. A host that does not read makes {@link #transmit} answer false and blocks nobody else.
 *
 * <p>Threads: the two above call the device and hold no lock meanwhile.
 */
final class StreamChardev implements Chardev {
    private static final int CHUNK = 4096;
    private static final long GIVE_UP_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long POLL_MILLIS = 20;
    private static final long JOIN_MILLIS = 500;

    private final String label;
    private final HostLink link;
    private final OutputRing ring;
    private final Thread reader;
    private final Thread writer;
    private volatile CharDevice device;
    private volatile InputGate gate;
    private final List<WindowWatch> windowWatches = new CopyOnWriteArrayList<>();
    private boolean closed;
    private boolean failureLogged;

    StreamChardev(String label, HostLink link) {
        this.label = label;
        this.link = link;
        this.ring = new OutputRing(link.isPresent());
        this.reader = Thread.ofPlatform().daemon().name(label + "-in").unstarted(this::readAll);
        this.writer = Thread.ofPlatform().daemon().name(label + "-out").unstarted(this::writeAll);
    }

    @Override
    public boolean transmit(byte value) {
        return ring.offer(value);
    }

    @Override
    public synchronized void connect(CharDevice newDevice) {
        if (device != null || closed) {
            throw new IllegalStateException(label + (closed ? " is closed" : " has a device already"));
        }
        device = newDevice;
        gate = new InputGate(newDevice);
        reader.start();
        writer.start();
    }

    @Override
    public void inputWanted() {
        InputGate current = gate;
        if (current != null) {
            current.inputWanted();
        }
    }

    @Override
    public void watchWindow(WindowListener listener) {
        if (link.isTerminal()) {
            windowWatches.add(WindowWatch.start(label + "-window", link::windowSize, listener));
        }
    }

    private void readAll() {
        try {
            while (link.awaitPeer()) {
                ring.setOpen(true);
                device.connected(true);
                readUntilEnd();
                if (!link.leavesAtEndOfInput()) {
                    return;
                }
                ring.setOpen(false);
                device.connected(false);
                wakeDevice();
            }
        } catch (IOException failed) {
            log(Level.WARNING, "{0}: no more input: {1}", label, failed.getMessage());
        }
    }

    private void readUntilEnd() {
        byte[] buffer = new byte[CHUNK];
        try {
            int count;
            while ((count = link.read(buffer, CHUNK)) > 0) {
                if (!gate.deliver(buffer, count)) {
                    return;
                }
            }
        } catch (IOException failed) {
            log(Level.DEBUG, "{0}: input ends: {1}", label, failed.getMessage());
        }
    }

    private void writeAll() {
        byte[] chunk = new byte[CHUNK];
        int count;
        while ((count = ring.take(chunk)) > 0) {
            wakeDevice();
            try {
                writeChunk(chunk, count);
            } catch (IOException failed) {
                logOnce(failed);
            }
        }
    }

    private void writeChunk(byte[] chunk, int count) throws IOException {
        int done = 0;
        while (done < count) {
            int part = link.send(chunk, done, count - done);
            if (part <= 0) {
                return;
            }
            done += part;
        }
    }

    /** A reader that has gone, a full disk: the output is lost, the guest goes on. */
    private void logOnce(IOException failed) {
        if (!failureLogged) {
            failureLogged = true;
            log(isReaderGone(failed) ? Level.DEBUG : Level.WARNING, "{0}: output is lost: {1}", label,
                    failed.getMessage());
        }
    }

    /** True where nobody wants the output any more, as opposed to a host that cannot take it. */
    private boolean isReaderGone(IOException failed) {
        boolean isBrokenPipe = failed.getCause() instanceof LinuxException cause && cause.errno() == Errno.EPIPE;
        return isBrokenPipe || failed instanceof ClosedChannelException || link.leavesAtEndOfInput();
    }

    private void wakeDevice() {
        if (ring.endStarvation()) {
            device.writable();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            if (closed) {
                return;
            }
            closed = true;
        }
        windowWatches.forEach(WindowWatch::close);
        ring.finish();
        awaitDrain();
        ring.abandon();
        if (gate != null) {
            gate.close();
        }
        link.interrupt();
        boolean readerEnded = hasEnded(reader);
        boolean writerEnded = hasEnded(writer);
        if (readerEnded && writerEnded) {
            link.close();
        }
    }

    /** Waits for the writer as long as the host goes on taking bytes. */
    private void awaitDrain() {
        long seen = -1;
        long since = System.nanoTime();
        while (writer.isAlive() && System.nanoTime() - since < GIVE_UP_AFTER_NANOS) {
            if (ring.taken() != seen) {
                seen = ring.taken();
                since = System.nanoTime();
            }
            join(writer, POLL_MILLIS);
        }
    }

    private static boolean hasEnded(Thread thread) {
        join(thread, JOIN_MILLIS);
        return !thread.isAlive();
    }

    private static void join(Thread thread, long milliseconds) {
        if (thread == Thread.currentThread() || !thread.isAlive()) {
            return;
        }
        try {
            thread.join(milliseconds);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Loggers are looked up when there is something to say: the first look-up costs a tenth of a start-up. */
    private static void log(Level level, String format, Object... parameters) {
        System.getLogger(StreamChardev.class.getName()).log(level, format, parameters);
    }
}

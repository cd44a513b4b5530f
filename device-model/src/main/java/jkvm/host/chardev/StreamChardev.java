package jkvm.host.chardev;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.channels.ClosedChannelException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import jkvm.linux.Fd;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A chardev over a {@link HostLink}. Output goes through a bounded ring that one worker writes to the host; another
 * reads the host's input. A host that does not read makes {@link #transmit} answer false and blocks nothing else.
 *
 * <p>Threads: the two above call the device and hold no lock meanwhile. Where they are a machine's workers they wait
 * for the host at any time, and call the device only while the machine is not paused.
 */
final class StreamChardev implements Chardev {
    private static final int CHUNK = 4096;
    private static final long GIVE_UP_AFTER_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long HURRY_NANOS = TimeUnit.MILLISECONDS.toNanos(200);
    private static final long POLL_MILLIS = 20;
    private static final long JOIN_MILLIS = 500;
    private static final long HURRY_JOIN_MILLIS = 100;

    private final String label;
    private final HostLink link;
    private final Workers workers;
    private final OutputRing ring;
    private final Input input = new Input();
    private final Output output = new Output();
    /** Null until there is a device, as the next three fields. */
    private Worker reader;
    private Worker writer;
    private volatile CharDevice device;
    private volatile InputGate gate;
    private final List<WindowWatch> windowWatches = new CopyOnWriteArrayList<>();
    private boolean closed;
    private boolean outputEnded;
    private volatile boolean isHurried;
    /** With {@link #isHurried}: when to give up. */
    private volatile long hurryEnd;

    /** @param workers for the chardev's two loops */
    StreamChardev(String label, HostLink link, Workers workers) {
        this.label = label;
        this.link = link;
        this.workers = workers;
        this.ring = new OutputRing(link.isPresent() || link.takesAlways());
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
        reader = workers.waiting(label + "-in", input::await, input::serve, gate::inputWanted);
        writer = workers.waiting(label + "-out", output::await, output::serve, () -> { });
    }

    /** True while the other side is there. Any thread may ask, as below. */
    boolean isThere() {
        return ring.isOpen();
    }

    boolean hasDevice() {
        return device != null;
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
        watchWindow(listener, workers);
    }

    /** @param listeners what calls the listener */
    void watchWindow(WindowListener listener, Workers listeners) {
        if (link.isTerminal()) {
            windowWatches.add(WindowWatch.start(label + "-window", link::windowSize, listener, listeners));
        }
    }

    /** The reader's work: one wait for the host, then one step towards the device. */
    private final class Input {
        private final byte[] buffer = new byte[CHUNK];
        private int offset;
        private int count;
        private boolean isBreak;
        /** Whether the other side is there, and whether the device has heard that. */
        private boolean isPresent;
        private boolean isKnown = true;
        private boolean isOver;

        void await() {
            if (count > 0 || isBreak || !isKnown || isOver) {
                return;
            }
            if (isPresent) {
                read();
                return;
            }
            try {
                isPresent = link.awaitPeer();
                isKnown = !isPresent;
                isOver = !isPresent;
            } catch (IOException e) {
                log(Level.WARNING, "{0}: no more input: {1}", label, e.getMessage());
                isOver = true;
            }
        }

        private void read() {
            try {
                count = link.read(buffer, CHUNK);
            } catch (IOException e) {
                log(Level.DEBUG, "{0}: input ends: {1}", label, e.getMessage());
                count = 0;
            }
            isBreak = count == HostLink.BREAK;
            if (count <= 0 && !isBreak) {
                count = 0;
                isOver = !link.leavesAtEndOfInput();
                isPresent = isOver;
                isKnown = isOver;
            }
        }

        void serve() {
            if (!isKnown) {
                isKnown = true;
                ring.setOpen(isPresent || link.takesAlways());
                device.connected(isPresent);
                if (!isPresent) {
                    wakeDevice();
                }
            } else if (isBreak) {
                isBreak = false;
                count = 0;
                device.breakReceived();
            } else if (count > 0) {
                int part = gate.deliver(buffer, offset, count);
                count -= part;
                offset = count == 0 ? 0 : offset + part;
            } else if (isOver) {
                endReader();
            }
        }
    }

    /** By now {@link #connect} has returned. */
    private synchronized void endReader() {
        reader.close();
    }

    /** The writer's work while it waits for the host: writes the bytes it took last, and takes more. */
    private final class Output {
        private final byte[] chunk = new byte[CHUNK];
        private int count;
        /** True from the time when it took bytes until the device may have heard of the room. */
        private boolean isTaken;
        private boolean failureLogged;

        void await() {
            if (isTaken) {
                return;
            }
            try {
                writeChunk(chunk, count);
            } catch (IOException e) {
                logOnce(e);
            }
            count = ring.take(chunk);
            isTaken = true;
            if (count == 0) {
                endWriter();
            }
        }

        void serve() {
            isTaken = false;
            wakeDevice();
        }

        /** A reader that has gone, a full disk: the output is lost, the guest continues. */
        private void logOnce(IOException e) {
            if (!failureLogged) {
                failureLogged = true;
                log(isReaderExpectedToGo(e) ? Level.DEBUG : Level.WARNING, "{0}: output is lost: {1}", label,
                        e.getMessage());
            }
        }
    }

    private synchronized void endWriter() {
        outputEnded = true;
        notifyAll();
        writer.close();
    }

    private void writeChunk(byte[] chunk, int count) throws IOException {
        int done = 0;
        while (done < count && !ring.isReaderGone()) {
            int part = link.send(chunk, done, count - done);
            if (part <= 0) {
                return;
            }
            done += part;
        }
    }

    /** True where readers come and go, as opposed to a full disk or a pipe whose only reader has gone. */
    private boolean isReaderExpectedToGo(IOException e) {
        return e instanceof ClosedChannelException || link.leavesAtEndOfInput();
    }

    private void wakeDevice() {
        if (ring.endStarvation()) {
            device.writable();
        }
    }

    @Override
    public Optional<Fd> takeDescriptor() {
        return link.takeDescriptor();
    }

    @Override
    public void hurry() {
        if (!isHurried) {
            hurryEnd = System.nanoTime() + HURRY_NANOS;
            isHurried = true;
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
        if (writer != null) {
            awaitDrain();
        }
        int lost = ring.abandon();
        if (lost > 0 && link.isPresent()) {
            log(Level.WARNING, "{0}: {1} bytes of output are lost: the host does not take them", label,
                    Integer.toString(lost));
        }
        if (gate != null) {
            gate.close();
        }
        link.interrupt();
        long patience = isHurried ? HURRY_JOIN_MILLIS : JOIN_MILLIS;
        boolean readerEnded = writer == null || reader.close(patience);
        boolean writerEnded = writer == null || writer.close(patience);
        if (readerEnded && writerEnded) {
            link.close();
        }
    }

    /** Waits for the writer as long as the host still takes bytes, but not for long where the process is to end. */
    private synchronized void awaitDrain() {
        long seen = -1;
        long since = System.nanoTime();
        while (!outputEnded && System.nanoTime() - since < GIVE_UP_AFTER_NANOS
                && !(isHurried && System.nanoTime() - hurryEnd > 0)) {
            if (ring.taken() != seen) {
                seen = ring.taken();
                since = System.nanoTime();
            }
            try {
                wait(POLL_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Loggers are looked up when there is something to say: the first look-up costs a tenth of a start-up. */
    private static void log(Level level, String format, Object... parameters) {
        System.getLogger(StreamChardev.class.getName()).log(level, format, parameters);
    }
}

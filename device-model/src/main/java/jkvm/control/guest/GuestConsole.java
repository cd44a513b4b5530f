package jkvm.control.guest;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * The host's end of a serial port or console, in memory. Keeps the guest's output as text, of which a guest
 * that writes without end leaves the last part only. Any thread may call; one of the machine's workers hands to the
 * device what the program types.
 */
final class GuestConsole implements Chardev {
    /** So many characters are kept, and up to twice as many for a while. */
    static final int KEPT_CHARACTERS = 1 << 20;
    private static final int LONGEST_CHARACTER = 8;

    private final String label;
    private final Workers workers;
    private final StringBuilder text = new StringBuilder();
    /** Counted from the first character ever: where {@link #text} begins, and the output that nobody waited for yet. */
    private long start;
    private long position;
    private final Charset charset;
    private final CharsetDecoder decoder;
    /** The bytes of a character that is not complete. */
    private final ByteBuffer bytes = ByteBuffer.allocate(LONGEST_CHARACTER);
    private final CharBuffer characters = CharBuffer.allocate(LONGEST_CHARACTER);
    private final ByteArrayOutputStream typed = new ByteArrayOutputStream();
    private boolean hasEnded;
    private Worker worker;
    private CharDevice device;
    private boolean isConnected;

    /** @param workers the machine's, with threads */
    GuestConsole(String label, Charset charset, Workers workers) {
        this.label = label;
        this.charset = charset;
        decoder = charset.newDecoder().onMalformedInput(CodingErrorAction.REPLACE)
                .onUnmappableCharacter(CodingErrorAction.REPLACE);
        this.workers = workers;
    }

    String label() {
        return label;
    }

    @Override
    public synchronized boolean transmit(byte value) {
        bytes.put(value).flip();
        decoder.decode(bytes, characters, false);
        bytes.compact();
        text.append(characters.flip());
        characters.clear();
        if (text.length() > 2 * KEPT_CHARACTERS) {
            int dropped = text.length() - KEPT_CHARACTERS;
            text.delete(0, dropped);
            start += dropped;
            position = Math.max(start, position);
        }
        notifyAll();
        return true;
    }

    @Override
    public synchronized void connect(CharDevice newDevice) {
        device = newDevice;
        worker = workers.worker(label + "-in", this::serve);
    }

    /** One round of the worker: the device hears that somebody is there, then gets what it takes. */
    private void serve() {
        if (!isConnected) {
            isConnected = true;
            device.connected(true);
        }
        int room = device.receivable();
        byte[] data = take(room);
        while (data.length > 0) {
            device.receive(data, 0, data.length);
            data = take(device.receivable());
        }
    }

    private synchronized byte[] take(int room) {
        byte[] all = typed.toByteArray();
        int count = Math.clamp(room, 0, all.length);
        byte[] part = new byte[count];
        System.arraycopy(all, 0, part, 0, count);
        typed.reset();
        typed.write(all, count, all.length - count);
        return part;
    }

    @Override
    public synchronized void inputWanted() {
        if (typed.size() > 0) {
            worker.wake();
        }
    }

    /** Types text, which the guest gets as it takes it. */
    synchronized void type(String keys) {
        typed.writeBytes(keys.getBytes(charset));
        if (worker != null) {
            worker.wake();
        }
    }

    /** All output that is kept. */
    synchronized String output() {
        return text.toString();
    }

    /**
     * Waits for output after what was waited for before.
     *
     * @param before gets what stands before the match
     * @return empty if it has not come when the time is over, or the guest has ended
     * @throws InterruptedException if the caller is
     */
    Optional<MatchResult> await(Pattern pattern, long nanos, StringBuilder before) throws InterruptedException {
        long end = System.nanoTime() + nanos;
        while (true) {
            String unread;
            long from;
            boolean isLast;
            synchronized (this) {
                unread = text.substring((int) (position - start));
                from = position;
                isLast = hasEnded;
            }
            // Without the lock, which the guest takes for each character.
            Matcher matcher = pattern.matcher(unread);
            if (matcher.find()) {
                consume(from + matcher.end());
                before.append(unread, 0, matcher.start());
                return Optional.of(matcher.toMatchResult());
            }
            if (isLast || !awaitMore(from + unread.length(), end)) {
                return Optional.empty();
            }
        }
    }

    private synchronized void consume(long newPosition) {
        position = Math.max(position, newPosition);
    }

    /** @return false if the time is over */
    private synchronized boolean awaitMore(long seen, long end) throws InterruptedException {
        while (start + text.length() == seen && !hasEnded) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                return false;
            }
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
        return true;
    }

    /** No more output comes. */
    synchronized void end() {
        hasEnded = true;
        notifyAll();
    }

    @Override
    public void close() {
        end();
        Worker current;
        synchronized (this) {
            current = worker;
        }
        if (current != null) {
            current.close();
        }
    }
}

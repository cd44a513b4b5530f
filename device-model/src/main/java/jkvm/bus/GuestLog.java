package jkvm.bus;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A log for what a guest can provoke again and again: at most {@link #BURST} lines a second, then one line that says
 * that more were left out. Quiet unless the logger's level is DEBUG. Any thread may call.
 */
public final class GuestLog {
    /** Lines a second. */
    public static final int BURST = 10;
    private static final long SECOND = 1_000_000_000L;

    private final String name;
    private final AtomicLong windowStart = new AtomicLong(System.nanoTime());
    private final AtomicInteger inWindow = new AtomicInteger();

    /** Looked up by the first line: the first look-up in a process costs a tenth of a start-up. */
    private volatile System.Logger logger;

    /**
     * A log of one device or bus.
     *
     * @param name of the logger
     */
    public GuestLog(String name) {
        this.name = name;
    }

    /** Logs {@code text} with an address and a size. */
    public void log(String text, long address, int size) {
        System.Logger target = logger;
        if (target == null) {
            target = System.getLogger(name);
            logger = target;
        }
        if (!target.isLoggable(System.Logger.Level.DEBUG)) {
            return;
        }
        long now = System.nanoTime();
        long start = windowStart.get();
        if (now - start > SECOND && windowStart.compareAndSet(start, now)) {
            inWindow.set(0);
        }
        int count = inWindow.incrementAndGet();
        if (count <= BURST) {
            target.log(System.Logger.Level.DEBUG, "{0}: 0x{1}, {2} bytes", text, Long.toHexString(address), size);
        } else if (count == BURST + 1) {
            target.log(System.Logger.Level.DEBUG, "{0}: more of these in this second are not logged", text);
        }
    }
}

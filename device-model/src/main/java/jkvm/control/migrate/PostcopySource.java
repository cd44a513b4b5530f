package jkvm.control.migrate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.locks.LockSupport;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.memory.GuestMemory;
import jkvm.memory.PageBitmap;
import jkvm.work.Threads;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Sends the RAM that is left to a machine which runs on the other side already: pages that it waits for, and between
 * them all others. A worker reads the other side's messages, the caller's thread writes.
 */
final class PostcopySource implements AutoCloseable {
    /** Pages at once, few: one that is waited for comes after them. */
    private static final int FEW_PAGES = 16;

    private final MigrationChannel open;
    private final SnapshotWriter out;
    private final PageBitmap pages;
    private final PageSender sender;
    /** For pages that are waited for, which no limit holds back. */
    private final PageSender urgent;
    private final SendStatistics statistics;
    private final Switch steps;
    private final Worker reader;
    /** Guarded by this, as all that follow. Each page once: a hostile target makes it no longer than RAM. */
    private final Queue<Long> wanted = new ArrayDeque<>();
    private final PageBitmap asked;
    private SwitchMessage.Kind last;
    private IOException failure;
    private boolean hasNews;
    private Thread writer;

    /** The steps of the machine that leaves. */
    interface Switch {
        /** @throws IOException if the migration was cancelled, which ends with {@link #handOver()} */
        void requireWanted() throws IOException;

        /** The other side is ready: gives up the disks. From now on the machine does not go on here. */
        void handOver() throws IOException;

        /** The machine runs on the other side. */
        void runsThere();

        /** The other side says that it does not run, and why. */
        void isRefused();
    }

    /** What sends: the connection, the stream through it, and its figures. */
    record Line(MigrationChannel open, SnapshotWriter out, SendStatistics statistics) {
    }

    /** @param pages that the target does not have */
    @SuppressWarnings("this-escape")
    PostcopySource(Line line, GuestMemory memory, PageBitmap pages, MigrationSettings settings, Switch steps,
            Workers workers) {
        open = line.open();
        out = line.out();
        statistics = line.statistics();
        this.pages = pages;
        this.steps = steps;
        sender = new PageSender(memory, out, settings::postcopyBandwidth);
        urgent = new PageSender(memory, out, () -> Long.MAX_VALUE);
        asked = new PageBitmap(memory);
        reader = workers.worker("migration answers", this::read);
    }

    /** The section that tells the target what it does not have. */
    static byte[] missing(PageBitmap pages) {
        long[] bits = pages.toBits();
        ByteBuffer bytes = ByteBuffer.allocate(bits.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(bits);
        return bytes.array();
    }

    private void read() {
        try {
            while (note(SwitchMessage.read(open))) {
                // The next one.
            }
        } catch (IOException | RuntimeException e) {
            fail(new IOException(Steps.reason(e), e));
        }
    }

    private synchronized void fail(IOException why) {
        failure = why;
        hasNews = true;
        notifyAll();
    }

    /** @return false after the last message */
    private synchronized boolean note(SwitchMessage message) throws IOException {
        switch (message.kind()) {
            case PAGE -> want(message.text());
            case FAILED -> {
                if (last != SwitchMessage.Kind.RUNNING) {
                    steps.isRefused();
                }
                throw new IOException("the other side: " + message.text());
            }
            case READY, RUNNING, RECEIVED -> {
                if (!follows(message.kind())) {
                    throw new IOException("the other side answers out of turn");
                }
                last = message.kind();
            }
            case GO -> throw new IOException("the other side answers out of turn");
        }
        hasNews = true;
        notifyAll();
        return message.kind() != SwitchMessage.Kind.RECEIVED;
    }

    private boolean follows(SwitchMessage.Kind next) {
        return switch (next) {
            case READY -> last == null;
            case RUNNING -> last == SwitchMessage.Kind.READY;
            default -> last == SwitchMessage.Kind.RUNNING;
        };
    }

    private void want(String address) throws IOException {
        long page;
        try {
            page = pages.page(Long.parseUnsignedLong(address, 16));
        } catch (RuntimeException e) {
            throw new IOException("the other side asks for a page that there is not: " + address, e);
        }
        statistics.countRequest();
        if (!asked.contains(page)) {
            asked.add(pages.address(page), 1);
            wanted.add(page);
            // It may keep to its pace.
            LockSupport.unpark(writer);
        }
    }

    /** A page that the other side waits for and that has not gone, or -1. */
    private synchronized long nextWanted() throws IOException {
        if (failure != null) {
            throw failure;
        }
        for (Long page = wanted.poll(); page != null; page = wanted.poll()) {
            if (pages.contains(page)) {
                return page;
            }
        }
        return -1;
    }

    private synchronized boolean hasSaid(SwitchMessage.Kind kind) {
        return last != null && last.ordinal() >= kind.ordinal();
    }

    private synchronized void awaitNews() throws IOException {
        Threads.waitWhile(this, () -> !hasNews);
        hasNews = false;
        if (failure != null) {
            throw failure;
        }
    }

    /** Sends all, lets the machine go meanwhile, and returns when the other side has all of it. */
    void send() throws IOException {
        synchronized (this) {
            writer = Thread.currentThread();
        }
        boolean isHandedOver = false;
        boolean isThere = false;
        long cursor = 0;
        while (pages.next(0) >= 0 || !isThere) {
            steps.requireWanted();
            if (!isHandedOver && hasSaid(SwitchMessage.Kind.READY)) {
                steps.handOver();
                isHandedOver = true;
                out.section(MigrationHeader.GO, new byte[0]);
            }
            if (!isThere && hasSaid(SwitchMessage.Kind.RUNNING)) {
                steps.runsThere();
                isThere = true;
            }
            cursor = sendSome(cursor);
            if (cursor < 0) {
                awaitNews();
                cursor = 0;
            }
        }
        out.end();
        statistics.update();
        while (!hasSaid(SwitchMessage.Kind.RECEIVED)) {
            awaitNews();
        }
    }

    /** @return where to go on, -1 if there is nothing to send */
    private long sendSome(long cursor) throws IOException {
        long next = nextWanted();
        if (next >= 0) {
            next = urgent.sendRun(pages, next, 1);
        } else {
            next = pages.next(cursor);
            if (next < 0) {
                next = pages.next(0);
            }
            if (next >= 0) {
                next = sender.sendRun(pages, next, FEW_PAGES);
            }
        }
        statistics.update();
        return next;
    }

    /** The connection is closed by its owner before, which ends a wait for the other side. */
    @Override
    public void close() {
        reader.close();
    }
}

package jkvm.control.migrate;

import java.io.IOException;
import java.util.function.LongSupplier;
import jkvm.machine.snapshot.SnapshotWriter;
import jkvm.memory.GuestMemory;
import jkvm.memory.PageBitmap;

/** Sends pages of a guest's RAM, which may run. For one thread. */
final class PageSender {
    /** Pages at once: enough that a record's head costs nothing, few enough for a pace. */
    private static final long MAX_RUN = 64;

    private final GuestMemory memory;
    private final SnapshotWriter out;
    private final LongSupplier bandwidth;
    private final Pace pace = new Pace();

    /** Asked before each piece. */
    @FunctionalInterface
    interface Check {
        /**
         * @return false to send the rest another time
         * @throws IOException to end the sending
         */
        boolean mayGoOn() throws IOException;
    }

    /** @param bandwidth bytes a second at most, which may change */
    PageSender(GuestMemory memory, SnapshotWriter out, LongSupplier bandwidth) {
        this.memory = memory;
        this.out = out;
        this.bandwidth = bandwidth;
    }

    /** Sends the pages of a set, as long as the check lets it, and removes them from it. */
    void send(PageBitmap pages, Check check) throws IOException {
        for (long page = pages.next(0); page >= 0 && check.mayGoOn(); page = pages.next(page)) {
            page = sendRun(pages, page, MAX_RUN);
        }
    }

    /**
     * Sends a page of a set, and some of those that follow it and are in the set too; removes them from it.
     *
     * @return the number of the page after them
     */
    long sendRun(PageBitmap pages, long page, long most) throws IOException {
        long start = pages.address(page);
        long count = 0;
        do {
            pages.remove(page + count);
            count++;
        } while (count < most && page + count < pages.pages() && pages.contains(page + count)
                && pages.address(page + count) == start + count * PageBitmap.PAGE);
        out.pages(start, memory.slice(start, count * PageBitmap.PAGE));
        pace.keep(out.written(), bandwidth.getAsLong());
        return page + count;
    }
}

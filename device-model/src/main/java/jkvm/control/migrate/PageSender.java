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
        /** @throws IOException to end the sending */
        void mayGoOn() throws IOException;
    }

    /** @param bandwidth bytes a second at most, which may change */
    PageSender(GuestMemory memory, SnapshotWriter out, LongSupplier bandwidth) {
        this.memory = memory;
        this.out = out;
        this.bandwidth = bandwidth;
    }

    /** Sends the pages of a set and removes them from it. */
    void send(PageBitmap pages, Check check) throws IOException {
        for (long page = pages.next(0); page >= 0; page = pages.next(page + 1)) {
            check.mayGoOn();
            long start = pages.address(page);
            long count = 0;
            do {
                pages.remove(page + count);
                count++;
            } while (count < MAX_RUN && page + count < pages.pages() && pages.contains(page + count)
                    && pages.address(page + count) == start + count * PageBitmap.PAGE);
            out.pages(start, memory.slice(start, count * PageBitmap.PAGE));
            pace.keep(out.written(), bandwidth.getAsLong());
            page += count - 1;
        }
    }
}

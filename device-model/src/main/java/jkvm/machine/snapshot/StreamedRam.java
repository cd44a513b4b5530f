package jkvm.machine.snapshot;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.channels.ReadableByteChannel;
import java.util.BitSet;
import jkvm.bus.AddressRange;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** RAM that stays where the saved state is, and is read again when it is put into a memory: it needs no Java heap. */
final class StreamedRam implements RamImage {
    private final RamLayout layout;
    private final StateSource source;

    StreamedRam(RamLayout layout, StateSource source) {
        this.layout = layout;
        this.source = source;
    }

    @Override
    public RamLayout layout() {
        return layout;
    }

    /** Takes pages, or that pages are zero: then {@code bytes} is null. */
    private interface Taker {
        void take(long gpa, long pages, MemorySegment bytes) throws IOException;
    }

    private void forEachRun(Taker taker) throws IOException {
        try (ReadableByteChannel channel = source.open()) {
            SnapshotReader in = new SnapshotReader(channel);
            SnapshotRecord record = in.next();
            while (!(record instanceof SnapshotRecord.End || record instanceof SnapshotRecord.Abort)) {
                if (record instanceof SnapshotRecord.Pages pages) {
                    taker.take(pages.gpa(), pages.bytes().byteSize() / RamLayout.PAGE, pages.bytes());
                } else if (record instanceof SnapshotRecord.ZeroPages zeros) {
                    taker.take(zeros.gpa(), zeros.count(), null);
                }
                record = in.next();
            }
        }
    }

    /** @throws UncheckedIOException if the state cannot be read any more: the memory's content is undefined then */
    @Override
    public void restore(GuestMemory memory) {
        layout.requireSame(memory);
        for (MemoryRegion region : memory.regions()) {
            restore(region);
        }
    }

    private void restore(MemoryRegion region) {
        BitSet told = new BitSet();
        try {
            forEachRun((gpa, pages, bytes) -> {
                long offset = gpa - region.start();
                if (offset < 0 || offset >= region.size()) {
                    return;
                }
                int first = (int) (offset / RamLayout.PAGE);
                told.set(first, first + (int) pages);
                if (bytes == null) {
                    clear(region.segment(), first, first + (int) pages);
                } else {
                    MemorySegment.copy(bytes, 0, region.segment(), offset, bytes.byteSize());
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        int end = (int) (region.size() / RamLayout.PAGE);
        for (int from = told.nextClearBit(0); from < end; from = told.nextClearBit(from + 1)) {
            clear(region.segment(), from, from + 1);
        }
    }

    /** A page that is zero is not touched, so that it still takes no memory of the host. */
    private static void clear(MemorySegment memory, int from, int to) {
        for (long at = (long) from * RamLayout.PAGE; at < (long) to * RamLayout.PAGE; at += RamLayout.PAGE) {
            if (!RamImage.isZero(memory, at)) {
                memory.asSlice(at, RamLayout.PAGE).fill((byte) 0);
            }
        }
    }

    /**
     * Reads all of it.
     *
     * @throws UncheckedIOException if the state cannot be read any more
     */
    CopiedRam copied() {
        CopiedRam copy = new CopiedRam(layout);
        try {
            forEachRun((gpa, pages, bytes) -> {
                if (bytes == null) {
                    copy.clear(gpa, pages);
                } else {
                    copy.put(gpa, bytes);
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return copy;
    }

    @Override
    public void write(SnapshotWriter out) throws IOException {
        for (AddressRange range : layout.ranges()) {
            out.zeroPages(range.start(), range.length() / RamLayout.PAGE);
        }
        forEachRun((gpa, pages, bytes) -> {
            if (bytes == null) {
                out.zeroPages(gpa, pages);
            } else {
                out.pages(gpa, bytes);
            }
        });
    }
}

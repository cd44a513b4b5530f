package jkvm.machine.snapshot;

import java.util.ArrayList;
import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.state.StateException;

/**
 * Where a machine has RAM.
 *
 * @param ranges of guest physical addresses, ascending, of whole pages
 */
public record RamLayout(List<AddressRange> ranges) {
    /** Bytes in a page. */
    public static final int PAGE = 4096;
    /** Bytes in a piece of {@link #pieces}, but for the last of a range. */
    static final int PIECE = 1 << 20;
    /** The most ranges that a machine has. */
    static final int MAX_RANGES = 64;
    private static final long MAX_ADDRESS = 1L << 52;

    /** @throws StateException if the ranges are no layout of RAM */
    public RamLayout {
        ranges = List.copyOf(ranges);
        long end = 0;
        for (AddressRange range : ranges) {
            long start = range.start();
            long length = range.length();
            if (start < end || length <= 0 || start > MAX_ADDRESS || length > MAX_ADDRESS - start
                    || (start | length) % PAGE != 0) {
                throw new StateException("the state has RAM at 0x%x of 0x%x bytes, which is no range of RAM"
                        .formatted(start, length));
            }
            end = start + length;
        }
        if (ranges.isEmpty() || ranges.size() > MAX_RANGES) {
            throw new StateException("the state has %d ranges of RAM, not 1-%d".formatted(ranges.size(), MAX_RANGES));
        }
    }

    /** The layout of a memory. */
    public static RamLayout of(GuestMemory memory) {
        List<AddressRange> ranges = new ArrayList<>();
        for (MemoryRegion region : memory.regions()) {
            ranges.add(new AddressRange(region.start(), region.size()));
        }
        return new RamLayout(ranges);
    }

    /** Bytes of RAM. */
    public long size() {
        return ranges.stream().mapToLong(AddressRange::length).sum();
    }

    /** How many pieces {@link #pieces} gives. */
    long pieceCount() {
        return ranges.stream().mapToLong(range -> (range.length() + PIECE - 1) / PIECE).sum();
    }

    /** The ranges in pieces, of which RAM that lies in a file has a checksum each. */
    List<AddressRange> pieces() {
        List<AddressRange> pieces = new ArrayList<>();
        for (AddressRange range : ranges) {
            for (long at = range.start(); at < range.end(); at += PIECE) {
                pieces.add(new AddressRange(at, Math.min(PIECE, range.end() - at)));
            }
        }
        return pieces;
    }

    /** True if all of these pages are RAM of one range; any values may be given. */
    public boolean contains(long gpa, long pages) {
        for (AddressRange range : ranges) {
            long offset = gpa - range.start();
            if (offset >= 0 && offset < range.length() && offset % PAGE == 0 && pages > 0
                    && pages <= (range.length() - offset) / PAGE) {
                return true;
            }
        }
        return false;
    }

    /**
     * Compares layouts.
     *
     * @throws StateException if a memory is laid out in another way
     */
    public void requireSame(GuestMemory memory) {
        if (!equals(of(memory))) {
            throw new StateException("the state is of a machine whose memory is laid out in another way");
        }
    }
}

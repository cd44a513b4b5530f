package jkvm.machine.snapshot;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;
import jkvm.bus.AddressRange;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/**
 * A copy of a guest's memory, without the pages that are zero: a guest that uses little of its memory takes little
 * here.
 */
final class CopiedRam implements RamImage {
    static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[RamLayout.PAGE]);
    /** Pages that are found by one look into a table. */
    private static final int GROUP = 64;

    private final RamLayout layout;
    /** By their address divided by a group's size. A page that is null is zero, and so is a group that is absent. */
    private final Map<Long, byte[][]> groups = new HashMap<>();

    CopiedRam(RamLayout layout) {
        this.layout = layout;
    }

    @Override
    public RamLayout layout() {
        return layout;
    }

    /** Copies pages, before the image is given out. */
    void put(long gpa, MemorySegment bytes) {
        for (long at = 0; at < bytes.byteSize(); at += RamLayout.PAGE) {
            boolean isZero = RamImage.isZero(bytes, at);
            set(gpa + at, isZero ? null : bytes.asSlice(at, RamLayout.PAGE).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    /** Makes pages zero, before the image is given out. */
    void clear(long gpa, long pages) {
        long end = gpa + pages * RamLayout.PAGE;
        if (groups.isEmpty()) {
            return;
        }
        for (long at = gpa; at < end; ) {
            long next = Math.min(end, (group(at) + 1) * GROUP * RamLayout.PAGE);
            if (groups.containsKey(group(at))) {
                for (long page = at; page < next; page += RamLayout.PAGE) {
                    set(page, null);
                }
            }
            at = next;
        }
    }

    private static long group(long gpa) {
        return gpa / RamLayout.PAGE / GROUP;
    }

    private void set(long gpa, byte[] page) {
        byte[][] group = groups.get(group(gpa));
        if (group == null && page != null) {
            group = new byte[GROUP][];
            groups.put(group(gpa), group);
        }
        if (group != null) {
            group[(int) (gpa / RamLayout.PAGE % GROUP)] = page;
        }
    }

    private byte[] page(long gpa) {
        byte[][] group = groups.get(group(gpa));
        return group == null ? null : group[(int) (gpa / RamLayout.PAGE % GROUP)];
    }

    /** Gives all pieces of the layout, one after the other. */
    void readAll(PieceTaker taker) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(RamLayout.PIECE, RamLayout.PAGE);
            for (AddressRange piece : layout.pieces()) {
                MemorySegment bytes = buffer.asSlice(0, piece.length());
                for (long at = 0; at < piece.length(); at += RamLayout.PAGE) {
                    byte[] page = page(piece.start() + at);
                    MemorySegment from = page == null ? ZEROES : MemorySegment.ofArray(page);
                    MemorySegment.copy(from, 0, bytes, at, RamLayout.PAGE);
                }
                taker.take(piece.start(), bytes);
            }
        }
    }

    /** Pages that are zero in both are not touched, so that they still take no memory of the host. */
    @Override
    public void restore(GuestMemory memory) {
        layout.requireSame(memory);
        for (MemoryRegion region : memory.regions()) {
            for (long at = 0; at < region.size(); at += RamLayout.PAGE) {
                byte[] page = page(region.start() + at);
                if (page != null) {
                    MemorySegment.copy(page, 0, region.segment(), ValueLayout.JAVA_BYTE, at, RamLayout.PAGE);
                } else if (!RamImage.isZero(region.segment(), at)) {
                    region.segment().asSlice(at, RamLayout.PAGE).fill((byte) 0);
                }
            }
        }
    }

    @Override
    public void write(SnapshotWriter out) throws IOException {
        byte[] bytes = new byte[RamLayout.PIECE];
        for (AddressRange piece : layout.pieces()) {
            for (int at = 0; at < piece.length(); at += RamLayout.PAGE) {
                byte[] page = page(piece.start() + at);
                MemorySegment from = page == null ? ZEROES : MemorySegment.ofArray(page);
                MemorySegment.copy(from, ValueLayout.JAVA_BYTE, 0, bytes, at, RamLayout.PAGE);
            }
            out.pages(piece.start(), MemorySegment.ofArray(bytes).asSlice(0, piece.length()));
        }
    }
}

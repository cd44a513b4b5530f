package jkvm.machine.snapshot;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.state.StateException;

/**
 * A copy of a guest's memory, without the pages that are zero: a guest that uses little of its memory takes little
 * here.
 */
public final class RamImage {
    private static final int PAGE = 4096;
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[PAGE]);

    private final List<Part> parts;

    /** A region: for each page its bytes, or null where it is zero. */
    private record Part(long start, long size, byte[][] pages) {
    }

    private RamImage(List<Part> parts) {
        this.parts = parts;
    }

    /** Copies a memory that has no writer meanwhile. */
    public static RamImage capture(GuestMemory memory) {
        List<Part> parts = new ArrayList<>();
        for (MemoryRegion region : memory.regions()) {
            byte[][] pages = new byte[(int) ((region.size() + PAGE - 1) / PAGE)][];
            for (int i = 0; i < pages.length; i++) {
                MemorySegment page = page(region, i);
                pages[i] = isZero(page) ? null : page.toArray(ValueLayout.JAVA_BYTE);
            }
            parts.add(new Part(region.start(), region.size(), pages));
        }
        return new RamImage(List.copyOf(parts));
    }

    /** A checksum over the pages that are not zero, and where they are. */
    public static long checksum(GuestMemory memory) {
        CRC32 sum = new CRC32();
        for (MemoryRegion region : memory.regions()) {
            for (int i = 0; (long) i * PAGE < region.size(); i++) {
                MemorySegment page = page(region, i);
                if (!isZero(page)) {
                    sum.update(Long.toHexString(region.start() + (long) i * PAGE).getBytes(StandardCharsets.US_ASCII));
                    sum.update(page.asByteBuffer());
                }
            }
        }
        return sum.getValue();
    }

    private static MemorySegment page(MemoryRegion region, int index) {
        long offset = (long) index * PAGE;
        return region.segment().asSlice(offset, Math.min(PAGE, region.size() - offset));
    }

    private static boolean isZero(MemorySegment page) {
        return MemorySegment.mismatch(page, 0, page.byteSize(), ZEROES, 0, page.byteSize()) < 0;
    }

    /**
     * Checks the regions.
     *
     * @throws StateException if this is not a copy of a memory laid out like that
     */
    public void check(GuestMemory memory) {
        List<MemoryRegion> regions = memory.regions();
        boolean fits = regions.size() == parts.size();
        for (int i = 0; fits && i < parts.size(); i++) {
            fits = regions.get(i).start() == parts.get(i).start && regions.get(i).size() == parts.get(i).size;
        }
        if (!fits) {
            throw new StateException("the state is of a machine whose memory is laid out in another way");
        }
    }

    /**
     * Puts the copy into a memory that has no other user. Pages that are zero in both are not touched, so that they
     * still take no memory of the host.
     *
     * @throws StateException as {@link #check}
     */
    public void restore(GuestMemory memory) {
        check(memory);
        for (int i = 0; i < parts.size(); i++) {
            MemoryRegion region = memory.regions().get(i);
            byte[][] pages = parts.get(i).pages;
            for (int j = 0; j < pages.length; j++) {
                MemorySegment page = page(region, j);
                if (pages[j] != null) {
                    MemorySegment.copy(pages[j], 0, page, ValueLayout.JAVA_BYTE, 0, pages[j].length);
                } else if (!isZero(page)) {
                    page.fill((byte) 0);
                }
            }
        }
    }
}

package jkvm.machine;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.memory.PageBitmap;

/** The guest's memory at a reset point: a copy of each page that is not zero, found by the page's number. */
final class PointRam {
    private static final int PAGE = PageBitmap.PAGE;
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[PAGE]);

    private final GuestMemory memory;
    /** Null where the page is zero. */
    private final byte[][] pages;

    /** Copies a memory that has no writer meanwhile. */
    PointRam(GuestMemory memory) {
        this.memory = memory;
        this.pages = new byte[(int) new PageBitmap(memory).pages()][];
        int page = 0;
        for (MemoryRegion region : memory.regions()) {
            for (long at = 0; at < region.size(); at += PAGE) {
                if (MemorySegment.mismatch(region.segment(), at, at + PAGE, ZEROES, 0, PAGE) >= 0) {
                    pages[page] = region.segment().asSlice(at, PAGE).toArray(ValueLayout.JAVA_BYTE);
                }
                page++;
            }
        }
    }

    /**
     * Puts the content of pages back; no vCPU runs and no device writes.
     *
     * @return how many
     */
    int putBack(PageBitmap changed) {
        int count = 0;
        for (long page = changed.next(0); page >= 0; page = changed.next(page + 1)) {
            long address = changed.address(page);
            MemoryRegion region = memory.region(address);
            byte[] content = pages[(int) page];
            if (content == null) {
                MemorySegment.copy(ZEROES, 0, region.segment(), address - region.start(), PAGE);
            } else {
                MemorySegment.copy(content, 0, region.segment(), ValueLayout.JAVA_BYTE, address - region.start(), PAGE);
            }
            count++;
        }
        return count;
    }
}

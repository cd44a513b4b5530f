package jkvm.memory;

import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Compares the whole of a memory with what it was at the last look: each page that changed must have been told. */
public final class WriteWatch implements AutoCloseable {
    private static final int PAGE = PageBitmap.PAGE;

    private final GuestMemory memory;
    private final DirtyPages dirty;
    private final byte[][] before;

    /** Watches what devices write to a memory without a VM. */
    public WriteWatch(GuestMemory memory) {
        this(memory, new DirtyTracking(memory, new DirtyTracking.VcpuWrites() {
            @Override
            public void start(GuestMemory tracked) {
                // There is no vCPU.
            }

            @Override
            public void collect(PageBitmap into) {
                // There is no vCPU.
            }

            @Override
            public void stop() {
                // There is no vCPU.
            }
        }).open());
    }

    /** Watches what all write to a guest's memory, whose vCPUs and devices stand. */
    public WriteWatch(GuestMemory memory, DirtyPages dirty) {
        this.memory = memory;
        this.dirty = dirty;
        before = new byte[(int) new PageBitmap(memory).pages()][];
        for (int page = 0; page < before.length; page++) {
            before[page] = content(page);
        }
    }

    private byte[] content(long page) {
        long address = new PageBitmap(memory).address(page);
        MemoryRegion region = memory.region(address);
        return region.segment().asSlice(address - region.start(), Math.min(PAGE, region.end() - address))
                .toArray(ValueLayout.JAVA_BYTE);
    }

    /**
     * Looks; vCPUs and devices stand.
     *
     * @return how many pages have changed
     */
    public int check() {
        PageBitmap told = new PageBitmap(memory);
        dirty.take(told);
        int changes = 0;
        for (int page = 0; page < before.length; page++) {
            long address = told.address(page);
            MemoryRegion region = memory.region(address);
            long offset = address - region.start();
            long length = Math.min(PAGE, region.size() - offset);
            if (MemorySegment.mismatch(region.segment(), offset, offset + length, MemorySegment.ofArray(before[page]),
                    0, length) >= 0) {
                assertTrue(told.contains(page), "a write to 0x%x was not told".formatted(address));
                before[page] = content(page);
                changes++;
            }
        }
        return changes;
    }

    @Override
    public void close() {
        dirty.close();
    }
}

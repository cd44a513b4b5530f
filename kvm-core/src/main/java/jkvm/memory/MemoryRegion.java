package jkvm.memory;

import java.lang.foreign.MemorySegment;

/**
 * One contiguous piece of guest RAM: guest physical addresses {@code [start, start + size)}.
 *
 * @param start   first guest physical address
 * @param segment the memory in this process that backs it
 */
public record MemoryRegion(long start, MemorySegment segment) {

    /** Size in bytes. */
    public long size() {
        return segment.byteSize();
    }

    /** First address after the region. */
    public long end() {
        return start + size();
    }

    /** The address in this process, for KVM_SET_USER_MEMORY_REGION. */
    public long hostAddress() {
        return segment.address();
    }

    /** True where {@code [address, address + length)} lies wholly inside; any values may be given. */
    public boolean contains(long address, long length) {
        long offset = address - start;
        return offset >= 0 && offset <= size() && length >= 0 && length <= size() - offset;
    }
}

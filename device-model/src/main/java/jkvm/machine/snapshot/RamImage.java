package jkvm.machine.snapshot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.state.StateException;

/** A guest's memory in a saved state. Immutable. */
public sealed interface RamImage permits CopiedRam, MappedRam, StreamedRam {

    /** Takes a piece of a memory. */
    interface PieceTaker {
        /** @param bytes native memory, which has other content after the call */
        void take(long gpa, MemorySegment bytes);
    }

    /** Where the guest has RAM. */
    RamLayout layout();

    /**
     * Puts the image into a memory that has no other user.
     *
     * @throws StateException if the memory is laid out in another way
     */
    void restore(GuestMemory memory);

    /** Writes all pages. */
    void write(SnapshotWriter out) throws IOException;

    /** Copies a memory that has no writer meanwhile. Pages that are zero take no memory here. */
    static RamImage capture(GuestMemory memory) {
        CopiedRam copy = new CopiedRam(RamLayout.of(memory));
        memory.regions().forEach(region -> copy.put(region.start(), region.segment()));
        return copy;
    }

    /** A checksum over the pages that are not zero, and where they are. */
    static long checksum(GuestMemory memory) {
        CRC32 sum = new CRC32();
        for (MemoryRegion region : memory.regions()) {
            for (long at = 0; at < region.size(); at += RamLayout.PAGE) {
                if (!isZero(region.segment(), at)) {
                    sum.update(Long.toHexString(region.start() + at).getBytes(StandardCharsets.US_ASCII));
                    sum.update(region.segment().asSlice(at, RamLayout.PAGE).asByteBuffer());
                }
            }
        }
        return sum.getValue();
    }

    /** True if the page at an offset is zero. */
    static boolean isZero(MemorySegment memory, long at) {
        return MemorySegment.mismatch(memory, at, at + RamLayout.PAGE, CopiedRam.ZEROES, 0, RamLayout.PAGE) < 0;
    }
}

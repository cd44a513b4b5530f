package jkvm.vm;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import jkvm.abi.KvmDirtyGfn;

/** The pages that one vCPU wrote, in order (KVM API 8.29). One reader at a time. */
public final class DirtyRing {
    /** Takes the pages. */
    @FunctionalInterface
    public interface Reader {
        /**
         * The vCPU wrote to a page.
         *
         * @param page its number within the slot, in units of 4 KiB
         */
        void dirty(int slot, long page);
    }

    private static final VarHandle FLAGS = ValueLayout.JAVA_INT.varHandle();

    private final MemorySegment ring;
    private final int entries;
    private int next;

    DirtyRing(MemorySegment ring) {
        this.ring = ring;
        this.entries = (int) (ring.byteSize() / KvmDirtyGfn.SIZE);
    }

    /**
     * Hands over what is in the ring, at most one lap. Their entries are free again after
     * {@link VmDirtyLog#resetRings()}.
     *
     * @return how many pages there were
     */
    public int collect(Reader reader) {
        int count = 0;
        while (count < entries) {
            long entry = next * KvmDirtyGfn.SIZE;
            int flags = (int) FLAGS.getAcquire(ring, entry + KvmDirtyGfn.FLAGS_OFFSET);
            if ((flags & (KvmDirtyGfn.DIRTY | KvmDirtyGfn.RESET)) != KvmDirtyGfn.DIRTY) {
                return count;
            }
            int slot = ring.get(ValueLayout.JAVA_INT, entry + KvmDirtyGfn.SLOT_OFFSET);
            long page = ring.get(ValueLayout.JAVA_LONG, entry + KvmDirtyGfn.OFFSET_OFFSET);
            FLAGS.setRelease(ring, entry + KvmDirtyGfn.FLAGS_OFFSET, flags | KvmDirtyGfn.RESET);
            next = (next + 1) % entries;
            reader.dirty(slot, page);
            count++;
        }
        return count;
    }
}

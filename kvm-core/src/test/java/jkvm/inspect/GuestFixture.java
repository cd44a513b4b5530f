package jkvm.inspect;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.List;
import jkvm.abi.KvmRun;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;

/** Memory and exits without a VM. */
final class GuestFixture {
    private GuestFixture() {
    }

    static GuestMemory memory(int size) {
        return new GuestMemory(List.of(new MemoryRegion(0, Arena.ofAuto().allocate(size, 4096))));
    }

    /** A kvm_run whose exit fields are these 64-bit words. */
    static KvmRun exit(long... words) {
        MemorySegment segment = Arena.ofAuto().allocate(KvmRun.SIZE, 8);
        KvmRun run = new KvmRun(segment);
        for (int i = 0; i < words.length; i++) {
            run.data(KvmRun.EXIT_OFFSET + 8L * i, 8, words[i]);
        }
        return run;
    }
}

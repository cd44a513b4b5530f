package jkvm.control.gdb;

import jkvm.abi.KvmTranslation;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;

/** The memory of a paused guest by the linear addresses of one of its vCPUs, or by physical ones. All or nothing. */
final class DebugMemory {
    private static final int PAGE = 4096;
    private static final long ABSENT = -1;

    private final GuestMemory memory;
    /** Null for physical addresses. */
    private final Vcpu vcpu;

    DebugMemory(GuestMemory memory, Vcpu vcpu) {
        this.memory = memory;
        this.vcpu = vcpu;
    }

    /** @return null if a byte of them is no memory */
    byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        return move(address, bytes, false) ? bytes : null;
    }

    /** @return false if a byte of them is no memory; nothing is written then */
    boolean write(long address, byte[] bytes) {
        return read(address, bytes.length) != null && move(address, bytes, true);
    }

    private boolean move(long address, byte[] bytes, boolean write) {
        for (int done = 0; done < bytes.length; ) {
            int part = Math.min(bytes.length - done, PAGE - (int) (address + done & PAGE - 1));
            long physical = physical(address + done);
            if (physical == ABSENT || !memory.contains(physical, part)) {
                return false;
            }
            if (write) {
                memory.write(physical, bytes, done, part);
            } else {
                memory.read(physical, bytes, done, part);
            }
            done += part;
        }
        return true;
    }

    private long physical(long address) {
        if (vcpu == null) {
            return address;
        }
        KvmTranslation translation = vcpu.translate(address);
        return translation.isValid() ? translation.physicalAddress() : ABSENT;
    }
}

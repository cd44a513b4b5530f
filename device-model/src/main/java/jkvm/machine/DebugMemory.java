package jkvm.machine;

import java.io.IOException;
import java.io.OutputStream;
import jkvm.abi.KvmTranslation;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;

/**
 * The memory of a guest that stands, by the linear addresses of one of its vCPUs or by physical ones. An access is done
 * in whole or not at all.
 */
public final class DebugMemory {
    private static final int PAGE = 4096;
    private static final int PIECE = 1 << 16;
    /** There is no memory. */
    public static final long ABSENT = -1;

    private final GuestMemory memory;
    /** Null for physical addresses. */
    private final Vcpu vcpu;

    /** @param vcpu null for physical addresses */
    public DebugMemory(GuestMemory memory, Vcpu vcpu) {
        this.memory = memory;
        this.vcpu = vcpu;
    }

    /** @return null if a byte of them is no memory */
    public byte[] read(long address, int length) {
        byte[] bytes = new byte[length];
        return move(address, bytes, false) ? bytes : null;
    }

    /** @return false if a byte of them is no memory; nothing is written then */
    public boolean write(long address, byte[] bytes) {
        return read(address, bytes.length) != null && move(address, bytes, true);
    }

    /**
     * Writes the content of a range that may be large.
     *
     * @return false if a byte of it is no memory; those before it have been written
     * @throws IOException if writing fails
     */
    public boolean copyTo(OutputStream out, long address, long length) throws IOException {
        for (long done = 0; done < length; done += PIECE) {
            byte[] bytes = read(address + done, (int) Math.min(PIECE, length - done));
            if (bytes == null) {
                return false;
            }
            out.write(bytes);
        }
        return true;
    }

    private boolean move(long address, byte[] bytes, boolean write) {
        for (int done = 0; done < bytes.length; ) {
            int part = Math.min(bytes.length - done, PAGE - (int) (address + done & PAGE - 1));
            long physical = physical(address + done, part);
            if (physical == ABSENT) {
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

    /** Where bytes of one page lie in the guest's memory, or {@link #ABSENT}. */
    public long physical(long address, int length) {
        long physical = address;
        if (vcpu != null) {
            KvmTranslation translation = vcpu.translate(address);
            physical = translation.isValid() ? translation.physicalAddress() : ABSENT;
        }
        return memory.contains(physical, length) ? physical : ABSENT;
    }
}

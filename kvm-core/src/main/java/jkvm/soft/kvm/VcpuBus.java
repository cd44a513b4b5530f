package jkvm.soft.kvm;

import jkvm.memory.MissingPages;
import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.PhysicalBus;

/**
 * Guest physical memory as one vCPU reaches it: slots, then the chips inside KVM, then ioeventfds and coalesced zones,
 * then user space.
 *
 * <p>A read that user space has to answer ends the instruction; at the next KVM_RUN it is executed once more, alone,
 * and then finds the answers to all its reads in the log. Writes for user space wait in a queue until the instruction
 * is complete; each is an exit of its own. Belongs to the vCPU's thread.
 */
final class VcpuBus implements PhysicalBus {
    /** Reads of one instruction: two of 16 bytes across page ends make eight; a far return through a gate more. */
    private static final int MAX_READS = 64;
    /** Writes of one instruction: the state instructions write 4 KiB. */
    private static final int MAX_WRITES = 1024;

    private final SoftVcpu vcpu;
    private final MemorySlots memory;
    private final ProcessMemory host;
    private final Irqchips chips;

    private final long[] readAddress = new long[MAX_READS];
    private final int[] readSize = new int[MAX_READS];
    private final long[] readData = new long[MAX_READS];
    /** Reads that have been answered, and how many of them the instruction that is executed again has used. */
    private int answered, used;
    /** The last exit was for a read. */
    private boolean awaitsRead;

    private final long[] writeAddress = new long[MAX_WRITES];
    private final int[] writeSize = new int[MAX_WRITES];
    private final long[] writeData = new long[MAX_WRITES];
    private int writes, delivered;
    /** A page is waited for, whatever else the vCPU is wanted for. */
    private boolean isPatient;
    /** An instruction was left for a page that is missing. */
    private boolean hasLeft;
    /** The instruction's writes come from an INS and are packed as they come. */
    private boolean packs;

    VcpuBus(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.memory = vcpu.vm().memory();
        this.host = vcpu.kvm.hostMemory();
        this.chips = vcpu.vm().irqchips();
    }

    @Override
    public long readablePage(long gpa) {
        MemorySlot slot = memory.find(gpa);
        if (slot == null) {
            return 0;
        }
        awaitPage(gpa);
        return slot.readablePage(gpa - slot.start >>> 12, host);
    }

    /** Waits for a page that is missing, until the vCPU is wanted for something else. */
    private void awaitPage(long gpa) {
        MissingPages missing = memory.missing();
        if (missing == null) {
            return;
        }
        while (missing.has(gpa)) {
            // An instruction that has an answer, and a structure of the processor, cannot come back to this.
            if (isPatient || vcpu.cpu().mmu.single ? missing.isLost() : vcpu.cpu().needsAttention()) {
                hasLeft = true;
                throw Interruption.HOST_FAULT;
            }
            missing.await(gpa);
        }
    }

    /** True once after an instruction was left for a page that is missing: it is to be executed again. */
    boolean takeLeft() {
        boolean left = hasLeft;
        hasLeft = false;
        return left;
    }

    /** As {@link #writablePage}, for a structure that the processor itself writes; 0 also for a host fault. */
    long ownPage(long gpa) {
        isPatient = true;
        try {
            return writablePage(gpa);
        } catch (Interruption e) {
            hasLeft = false;
            return 0;
        } finally {
            isPatient = false;
        }
    }

    @Override
    public long writablePage(long gpa) {
        MemorySlot slot = memory.find(gpa);
        if (slot == null || slot.isReadOnly()) {
            return 0;
        }
        awaitPage(gpa);
        long page = gpa - slot.start >>> 12;
        long address = slot.writablePage(page, host);
        if (slot.dirty != null && !slot.dirty.contains(page)) {
            vcpu.logDirty(slot, page);
        }
        return address;
    }

    @Override
    public long read(long gpa, int size) {
        if (used < answered) {
            if (readAddress[used] == gpa && readSize[used] == size) {
                return readData[used++];
            }
            // Another instruction than the one that was to be completed: user space has changed something.
            forgetReads();
        }
        if (chips.claims(vcpu, gpa, size)) {
            vcpu.cpu().requireCount();
            return chips.read(vcpu, gpa, size);
        }
        if (answered == MAX_READS) {
            forgetReads();
        }
        readAddress[answered] = gpa;
        readSize[answered] = size;
        awaitsRead = true;
        vcpu.page().mmio(gpa, size, false, 0);
        throw Interruption.EXIT;
    }

    @Override
    public boolean writeExits(long gpa, int size, long value) {
        MemorySlot slot = memory.find(gpa);
        if (slot == null) {
            vcpu.cpu().requireCount();
            if (chips.claims(vcpu, gpa, size)) {
                return vcpu.lapic().ends().mayExit(gpa, size);
            }
        }
        return slot != null || !vcpu.vm().ioEvents().takesMemory(gpa, size, value)
                && !vcpu.vm().coalesced().takesMemory(gpa, size);
    }

    @Override
    public void write(long gpa, int size, long value) {
        if (memory.find(gpa) == null) {
            if (chips.claims(vcpu, gpa, size)) {
                chips.write(vcpu, gpa, size, value);
                return;
            }
            if (vcpu.vm().ioEvents().writeMemory(gpa, size, value)
                    || vcpu.vm().coalesced().writeMemory(gpa, size, value)) {
                return;
            }
        }
        if (packs && writes > delivered && writeAddress[writes - 1] + writeSize[writes - 1] == gpa
                && writeSize[writes - 1] + size <= Long.BYTES) {
            writeData[writes - 1] |= value << 8 * writeSize[writes - 1];
            writeSize[writes - 1] += size;
            return;
        }
        if (writes == MAX_WRITES) {
            return;
        }
        writeAddress[writes] = gpa;
        writeSize[writes] = size;
        writeData[writes++] = value;
    }

    /** True while an exit for a read has not been completed. */
    boolean awaitsRead() {
        return awaitsRead;
    }

    /** Takes user space's answer to the last read; the instruction is to be executed again. */
    void takeAnswer() {
        awaitsRead = false;
        readData[answered] = vcpu.page().mmioData(readSize[answered]);
        answered++;
        used = 0;
    }

    /** Forgets the answers once the instruction that read is complete. */
    void forgetReads() {
        answered = 0;
        used = 0;
    }

    /** True if the instruction's reads have all been used. */
    boolean hasUsedAll() {
        return used == answered;
    }

    boolean hasWrites() {
        return writes > delivered;
    }

    /** Tells user space of the next write that waits. */
    void deliverWrite() {
        int i = delivered++;
        vcpu.page().mmio(writeAddress[i], writeSize[i], true, writeData[i]);
        if (delivered == writes) {
            delivered = 0;
            writes = 0;
        }
    }

    void packs(boolean value) {
        packs = value;
    }
}

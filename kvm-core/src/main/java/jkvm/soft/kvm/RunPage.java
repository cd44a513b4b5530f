package jkvm.soft.kvm;

import jkvm.abi.KvmExit;
import jkvm.abi.KvmRun;

/**
 * The memory that a vCPU shares with user space, from the side of KVM: {@code struct kvm_run} in page 0, data of port
 * accesses in page 1 (KVM API chapter 5). Written on the vCPU's thread. User space may write anything into it at any
 * time: values that must stay as they were are kept elsewhere.
 */
final class RunPage {
    /** Where the data of port accesses lie. */
    static final long PORT_DATA_OFFSET = ProcessMemory.PAGE;

    private final long address;

    RunPage(long address) {
        this.address = address;
    }

    long address() {
        return address;
    }

    boolean isImmediateExit() {
        return ProcessMemory.getByteOpaque(address + KvmRun.IMMEDIATE_EXIT_OFFSET) != 0;
    }

    boolean requestsInterruptWindow() {
        return ProcessMemory.getByte(address + KvmRun.REQUEST_INTERRUPT_WINDOW_OFFSET) != 0;
    }

    void exitReason(int reason) {
        ProcessMemory.setInt(address + KvmRun.EXIT_REASON_OFFSET, reason);
    }

    /** Writes the fields that user space reads at every exit, whatever its reason. */
    void state(boolean interruptFlag, boolean ready, long cr8, long apicBase) {
        ProcessMemory.setByte(address + KvmRun.IF_FLAG_OFFSET, interruptFlag ? 1 : 0);
        ProcessMemory.setByte(address + KvmRun.READY_FOR_INTERRUPT_INJECTION_OFFSET, ready ? 1 : 0);
        ProcessMemory.setShort(address + KvmRun.FLAGS_OFFSET, 0);
        ProcessMemory.setLong(address + KvmRun.CR8_OFFSET, cr8);
        ProcessMemory.setLong(address + KvmRun.APIC_BASE_OFFSET, apicBase);
    }

    long cr8() {
        return ProcessMemory.getLong(address + KvmRun.CR8_OFFSET);
    }

    long validRegs() {
        return ProcessMemory.getLong(address + KvmRun.VALID_REGS_OFFSET);
    }

    long dirtyRegs() {
        return ProcessMemory.getLong(address + KvmRun.DIRTY_REGS_OFFSET);
    }

    void clearDirtyRegs() {
        ProcessMemory.setLong(address + KvmRun.DIRTY_REGS_OFFSET, 0);
    }

    void io(boolean out, int port, int size, int count) {
        ProcessMemory.setByte(address + KvmRun.IO_DIRECTION_OFFSET, out ? 1 : 0);
        ProcessMemory.setByte(address + KvmRun.IO_SIZE_OFFSET, size);
        ProcessMemory.setShort(address + KvmRun.IO_PORT_OFFSET, port);
        ProcessMemory.setInt(address + KvmRun.IO_COUNT_OFFSET, count);
        ProcessMemory.setLong(address + KvmRun.IO_DATA_OFFSET_OFFSET, PORT_DATA_OFFSET);
        exitReason(KvmExit.IO);
    }

    void portData(int index, int size, long value) {
        ProcessMemory.set(address + PORT_DATA_OFFSET + (long) index * size, size, value);
    }

    long portData(int index, int size) {
        return ProcessMemory.get(address + PORT_DATA_OFFSET + (long) index * size, size);
    }

    void mmio(long gpa, int size, boolean write, long value) {
        ProcessMemory.setLong(address + KvmRun.MMIO_PHYS_ADDR_OFFSET, gpa);
        ProcessMemory.setInt(address + KvmRun.MMIO_LEN_OFFSET, size);
        ProcessMemory.setByte(address + KvmRun.MMIO_IS_WRITE_OFFSET, write ? 1 : 0);
        if (write) {
            ProcessMemory.setLong(address + KvmRun.MMIO_DATA_OFFSET, value);
        }
        exitReason(KvmExit.MMIO);
    }

    long mmioData(int size) {
        return ProcessMemory.get(address + KvmRun.MMIO_DATA_OFFSET, size);
    }

    void debug(int exception, long pc, long dr6, long dr7) {
        ProcessMemory.setInt(address + KvmRun.DEBUG_EXCEPTION_OFFSET, exception);
        ProcessMemory.setLong(address + KvmRun.DEBUG_PC_OFFSET, pc);
        ProcessMemory.setLong(address + KvmRun.DEBUG_DR6_OFFSET, dr6);
        ProcessMemory.setLong(address + KvmRun.DEBUG_DR7_OFFSET, dr7);
        exitReason(KvmExit.DEBUG);
    }

    /**
     * An internal error of emulation (suberror 1): flags, then, where there are any, the instruction's bytes, then
     * words that say what the processor said.
     */
    void emulationError(byte[] instruction, int length, long... info) {
        boolean hasBytes = length > 0;
        int start = hasBytes ? 3 : 1;
        ProcessMemory.setInt(address + KvmRun.INTERNAL_SUBERROR_OFFSET, 1);
        ProcessMemory.setInt(address + KvmRun.INTERNAL_NDATA_OFFSET, start + info.length);
        ProcessMemory.setLong(address + KvmRun.EMULATION_FLAGS_OFFSET, hasBytes ? 1 : 0);
        if (hasBytes) {
            ProcessMemory.setByte(address + KvmRun.EMULATION_INSN_SIZE_OFFSET, length);
            for (int i = 0; i < length; i++) {
                ProcessMemory.setByte(address + KvmRun.EMULATION_INSN_BYTES_OFFSET + i, instruction[i]);
            }
        }
        for (int i = 0; i < info.length; i++) {
            ProcessMemory.setLong(address + KvmRun.INTERNAL_DATA_OFFSET + (start + i) * 8L, info[i]);
        }
        exitReason(KvmExit.INTERNAL_ERROR);
    }

    void endOfInterrupt(int vector) {
        ProcessMemory.setByte(address + KvmRun.EOI_VECTOR_OFFSET, vector);
        exitReason(KvmExit.IOAPIC_EOI);
    }

    void msr(boolean write, int reason, int index, long data) {
        ProcessMemory.setByte(address + KvmRun.MSR_ERROR_OFFSET, 0);
        ProcessMemory.setInt(address + KvmRun.MSR_REASON_OFFSET, reason);
        ProcessMemory.setInt(address + KvmRun.MSR_INDEX_OFFSET, index);
        ProcessMemory.setLong(address + KvmRun.MSR_DATA_OFFSET, write ? data : 0);
        exitReason(write ? KvmExit.X86_WRMSR : KvmExit.X86_RDMSR);
    }

    boolean isMsrError() {
        return ProcessMemory.getByte(address + KvmRun.MSR_ERROR_OFFSET) != 0;
    }

    long msrData() {
        return ProcessMemory.getLong(address + KvmRun.MSR_DATA_OFFSET);
    }

    void hypercall(long number, long[] arguments, boolean longMode) {
        ProcessMemory.setLong(address + KvmRun.HYPERCALL_NR_OFFSET, number);
        for (int i = 0; i < 6; i++) {
            ProcessMemory.setLong(address + KvmRun.HYPERCALL_ARGS_OFFSET + i * 8L,
                    i < arguments.length ? arguments[i] : 0);
        }
        ProcessMemory.setLong(address + KvmRun.HYPERCALL_RET_OFFSET, 0);
        ProcessMemory.setLong(address + KvmRun.HYPERCALL_FLAGS_OFFSET, longMode ? 1 : 0);
        exitReason(KvmExit.HYPERCALL);
    }

    long hypercallResult() {
        return ProcessMemory.getLong(address + KvmRun.HYPERCALL_RET_OFFSET);
    }
}

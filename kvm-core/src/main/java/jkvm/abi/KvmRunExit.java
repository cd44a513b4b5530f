package jkvm.abi;

import java.lang.foreign.MemorySegment;

/**
 * The part of {@code struct kvm_run} whose meaning depends on the exit reason: all but port and memory accesses, which
 * are in {@link KvmRun}. A field is valid only after an exit of the reason that it names (KVM API chapter 5).
 */
public abstract sealed class KvmRunExit extends KvmStruct permits KvmRun {
    public static final long HW_EXIT_REASON_OFFSET = 32;
    public static final long FAIL_ENTRY_REASON_OFFSET = 32;
    public static final long FAIL_ENTRY_CPU_OFFSET = 40;
    public static final long EXCEPTION_VECTOR_OFFSET = 32;
    public static final long EXCEPTION_ERROR_CODE_OFFSET = 36;
    public static final long DEBUG_EXCEPTION_OFFSET = 32;
    public static final long DEBUG_PC_OFFSET = 40;
    public static final long DEBUG_DR6_OFFSET = 48;
    public static final long DEBUG_DR7_OFFSET = 56;
    public static final long HYPERCALL_NR_OFFSET = 32;
    public static final long HYPERCALL_RET_OFFSET = 88;
    public static final long HYPERCALL_FLAGS_OFFSET = 96;
    public static final long TPR_ACCESS_RIP_OFFSET = 32;
    public static final long TPR_ACCESS_IS_WRITE_OFFSET = 40;
    public static final long INTERNAL_SUBERROR_OFFSET = 32;
    public static final long INTERNAL_NDATA_OFFSET = 36;
    public static final long EMULATION_FLAGS_OFFSET = 40;
    public static final long EMULATION_INSN_SIZE_OFFSET = 48;
    public static final long SYSTEM_EVENT_TYPE_OFFSET = 32;
    public static final long SYSTEM_EVENT_NDATA_OFFSET = 36;
    public static final long EOI_VECTOR_OFFSET = 32;
    public static final long HYPERV_TYPE_OFFSET = 32;
    public static final long MSR_ERROR_OFFSET = 32;
    public static final long MSR_REASON_OFFSET = 40;
    public static final long MSR_INDEX_OFFSET = 44;
    public static final long MSR_DATA_OFFSET = 48;
    public static final long XEN_TYPE_OFFSET = 32;
    public static final long XEN_RESULT_OFFSET = 56;
    public static final long NOTIFY_FLAGS_OFFSET = 32;
    public static final long MEMORY_FAULT_FLAGS_OFFSET = 32;
    public static final long MEMORY_FAULT_GPA_OFFSET = 40;
    public static final long MEMORY_FAULT_SIZE_OFFSET = 48;
    public static final long HYPERCALL_ARGS_OFFSET = 40;
    public static final long INTERNAL_DATA_OFFSET = 40;
    public static final long EMULATION_INSN_BYTES_OFFSET = 49;
    public static final long SYSTEM_EVENT_DATA_OFFSET = 40;
    public static final long HYPERV_SYNIC_MSR_OFFSET = 40;
    public static final long HYPERV_SYNIC_CONTROL_OFFSET = 48;
    public static final long HYPERV_HCALL_INPUT_OFFSET = 40;
    public static final long HYPERV_HCALL_RESULT_OFFSET = 48;
    public static final long HYPERV_HCALL_PARAMS_OFFSET = 56;
    public static final long XEN_LONGMODE_OFFSET = 40;
    public static final long XEN_CPL_OFFSET = 44;
    public static final long XEN_INPUT_OFFSET = 48;
    public static final long XEN_PARAMS_OFFSET = 64;
    private static final int HYPERCALL_ARGS = 6;
    private static final int DATA_WORDS = 16;
    private static final int MAX_INSTRUCTION = 15;

    KvmRunExit(MemorySegment segment) {
        super(segment);
    }

    /** {@link KvmExit#UNKNOWN}: the processor's exit reason. */
    public long hwExitReason() {
        return getLong(HW_EXIT_REASON_OFFSET);
    }

    /** {@link KvmExit#FAIL_ENTRY}: the processor's reason. */
    public long failEntryReason() {
        return getLong(FAIL_ENTRY_REASON_OFFSET);
    }

    /** {@link KvmExit#FAIL_ENTRY}: the host processor. */
    public int failEntryCpu() {
        return getInt(FAIL_ENTRY_CPU_OFFSET);
    }

    /** {@link KvmExit#EXCEPTION}: the vector. */
    public int exceptionVector() {
        return getInt(EXCEPTION_VECTOR_OFFSET);
    }

    public int exceptionErrorCode() {
        return getInt(EXCEPTION_ERROR_CODE_OFFSET);
    }

    /** {@link KvmExit#DEBUG}: vector 1 for a trap, 3 for INT3. */
    public int debugException() {
        return getInt(DEBUG_EXCEPTION_OFFSET);
    }

    /** {@link KvmExit#DEBUG}: the linear address of the instruction. */
    public long debugPc() {
        return getLong(DEBUG_PC_OFFSET);
    }

    public long debugDr6() {
        return getLong(DEBUG_DR6_OFFSET);
    }

    public long debugDr7() {
        return getLong(DEBUG_DR7_OFFSET);
    }

    /** {@link KvmExit#HYPERCALL}: its number. */
    public long hypercallNr() {
        return getLong(HYPERCALL_NR_OFFSET);
    }

    /** {@link KvmExit#HYPERCALL}: the result, for the guest. */
    public long hypercallRet() {
        return getLong(HYPERCALL_RET_OFFSET);
    }

    public void hypercallRet(long value) {
        setLong(HYPERCALL_RET_OFFSET, value);
    }

    /** {@link KvmExit#HYPERCALL}: bit 0 where the guest is in long mode. */
    public long hypercallFlags() {
        return getLong(HYPERCALL_FLAGS_OFFSET);
    }

    /** {@link KvmExit#TPR_ACCESS}: the instruction pointer. */
    public long tprAccessRip() {
        return getLong(TPR_ACCESS_RIP_OFFSET);
    }

    public boolean isTprAccessWrite() {
        return getInt(TPR_ACCESS_IS_WRITE_OFFSET) != 0;
    }

    /** {@link KvmExit#INTERNAL_ERROR}: 1 emulation, 2 exceptions at once, 3 event delivery, 4 unexpected exit. */
    public int internalSuberror() {
        return getInt(INTERNAL_SUBERROR_OFFSET);
    }

    /** {@link KvmExit#INTERNAL_ERROR}: words of data, 16 at most. */
    public int internalNdata() {
        return getInt(INTERNAL_NDATA_OFFSET);
    }

    /** {@link KvmExit#INTERNAL_ERROR}, emulation with data: bit 0 where the instruction bytes are valid. */
    public long emulationFlags() {
        return getLong(EMULATION_FLAGS_OFFSET);
    }

    public int emulationInsnSize() {
        return Byte.toUnsignedInt(getByte(EMULATION_INSN_SIZE_OFFSET));
    }

    /** {@link KvmExit#SYSTEM_EVENT}: 1 shutdown, 2 reset, 3 crash, 4 wakeup, 5 suspend, 6 SEV termination. */
    public int systemEventType() {
        return getInt(SYSTEM_EVENT_TYPE_OFFSET);
    }

    public int systemEventNdata() {
        return getInt(SYSTEM_EVENT_NDATA_OFFSET);
    }

    /** {@link KvmExit#IOAPIC_EOI}: the vector that ended. */
    public int eoiVector() {
        return Byte.toUnsignedInt(getByte(EOI_VECTOR_OFFSET));
    }

    /** {@link KvmExit#HYPERV}: 1 synthetic interrupt controller, 2 hypercall, 3 debugger. */
    public int hypervType() {
        return getInt(HYPERV_TYPE_OFFSET);
    }

    /** {@link KvmExit#X86_RDMSR}, X86_WRMSR: true makes the access fault in the guest. */
    public void msrError(boolean value) {
        setByte(MSR_ERROR_OFFSET, (byte) (value ? 1 : 0));
    }

    /** {@link KvmExit#X86_RDMSR}, X86_WRMSR: 1 invalid, 2 unknown, 4 filtered. */
    public int msrReason() {
        return getInt(MSR_REASON_OFFSET);
    }

    public int msrIndex() {
        return getInt(MSR_INDEX_OFFSET);
    }

    /** {@link KvmExit#X86_WRMSR}: the value written; for X86_RDMSR set it to the value that the guest reads. */
    public long msrData() {
        return getLong(MSR_DATA_OFFSET);
    }

    public void msrData(long value) {
        setLong(MSR_DATA_OFFSET, value);
    }

    /** {@link KvmExit#XEN}: 1 hypercall. */
    public int xenType() {
        return getInt(XEN_TYPE_OFFSET);
    }

    /** {@link KvmExit#XEN}: the result, for the guest. */
    public long xenResult() {
        return getLong(XEN_RESULT_OFFSET);
    }

    public void xenResult(long value) {
        setLong(XEN_RESULT_OFFSET, value);
    }

    /** {@link KvmExit#NOTIFY}: bit 0 where the guest cannot go on. */
    public int notifyFlags() {
        return getInt(NOTIFY_FLAGS_OFFSET);
    }

    /** {@link KvmExit#MEMORY_FAULT}: bit 3 where the access was to private memory. */
    public long memoryFaultFlags() {
        return getLong(MEMORY_FAULT_FLAGS_OFFSET);
    }

    public long memoryFaultGpa() {
        return getLong(MEMORY_FAULT_GPA_OFFSET);
    }

    public long memoryFaultSize() {
        return getLong(MEMORY_FAULT_SIZE_OFFSET);
    }

    /** {@link KvmExit#HYPERCALL}: argument {@code i}, 0 to 5. */
    public long hypercallArg(int i) {
        return getLong(element(HYPERCALL_ARGS_OFFSET, i, HYPERCALL_ARGS, Long.BYTES));
    }

    /** {@link KvmExit#INTERNAL_ERROR}: word {@code i} of its data. */
    public long internalData(int i) {
        return getLong(element(INTERNAL_DATA_OFFSET, i, DATA_WORDS, Long.BYTES));
    }

    /** {@link KvmExit#INTERNAL_ERROR}, emulation: the instruction's bytes, empty where the kernel does not tell. */
    public byte[] emulationInstruction() {
        boolean told = internalSuberror() == 1 && internalNdata() > 0 && (emulationFlags() & 1) != 0;
        byte[] bytes = new byte[told ? Math.min(emulationInsnSize(), MAX_INSTRUCTION) : 0];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = getByte(EMULATION_INSN_BYTES_OFFSET + i);
        }
        return bytes;
    }

    /** {@link KvmExit#SYSTEM_EVENT}: word {@code i} of its data. */
    public long systemEventData(int i) {
        return getLong(element(SYSTEM_EVENT_DATA_OFFSET, i, DATA_WORDS, Long.BYTES));
    }
}

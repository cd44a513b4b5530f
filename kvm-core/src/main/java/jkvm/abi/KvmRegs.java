package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_regs}: the general purpose registers (KVM API 4.11, KVM_GET_REGS). */
public final class KvmRegs extends KvmStruct {
    public static final long SIZE = 144;
    public static final long RAX_OFFSET = 0;
    public static final long RBX_OFFSET = 8;
    public static final long RCX_OFFSET = 16;
    public static final long RDX_OFFSET = 24;
    public static final long RSI_OFFSET = 32;
    public static final long RDI_OFFSET = 40;
    public static final long RSP_OFFSET = 48;
    public static final long RBP_OFFSET = 56;
    public static final long R8_OFFSET = 64;
    public static final long R9_OFFSET = 72;
    public static final long R10_OFFSET = 80;
    public static final long R11_OFFSET = 88;
    public static final long R12_OFFSET = 96;
    public static final long R13_OFFSET = 104;
    public static final long R14_OFFSET = 112;
    public static final long R15_OFFSET = 120;
    public static final long RIP_OFFSET = 128;
    public static final long RFLAGS_OFFSET = 136;

    /** A zeroed struct in memory of its own. */
    public KvmRegs() {
        this(allocate(SIZE));
    }

    /** A view of a struct inside other memory, such as the shared registers of {@code kvm_run}. */
    public KvmRegs(MemorySegment segment) {
        super(segment);
    }

    public long rax() {
        return getLong(RAX_OFFSET);
    }

    public void rax(long value) {
        setLong(RAX_OFFSET, value);
    }

    public long rbx() {
        return getLong(RBX_OFFSET);
    }

    public void rbx(long value) {
        setLong(RBX_OFFSET, value);
    }

    public long rcx() {
        return getLong(RCX_OFFSET);
    }

    public void rcx(long value) {
        setLong(RCX_OFFSET, value);
    }

    public long rdx() {
        return getLong(RDX_OFFSET);
    }

    public void rdx(long value) {
        setLong(RDX_OFFSET, value);
    }

    public long rsi() {
        return getLong(RSI_OFFSET);
    }

    public void rsi(long value) {
        setLong(RSI_OFFSET, value);
    }

    public long rdi() {
        return getLong(RDI_OFFSET);
    }

    public void rdi(long value) {
        setLong(RDI_OFFSET, value);
    }

    public long rsp() {
        return getLong(RSP_OFFSET);
    }

    public void rsp(long value) {
        setLong(RSP_OFFSET, value);
    }

    public long rbp() {
        return getLong(RBP_OFFSET);
    }

    public void rbp(long value) {
        setLong(RBP_OFFSET, value);
    }

    public long r8() {
        return getLong(R8_OFFSET);
    }

    public void r8(long value) {
        setLong(R8_OFFSET, value);
    }

    public long r9() {
        return getLong(R9_OFFSET);
    }

    public void r9(long value) {
        setLong(R9_OFFSET, value);
    }

    public long r10() {
        return getLong(R10_OFFSET);
    }

    public void r10(long value) {
        setLong(R10_OFFSET, value);
    }

    public long r11() {
        return getLong(R11_OFFSET);
    }

    public void r11(long value) {
        setLong(R11_OFFSET, value);
    }

    public long r12() {
        return getLong(R12_OFFSET);
    }

    public void r12(long value) {
        setLong(R12_OFFSET, value);
    }

    public long r13() {
        return getLong(R13_OFFSET);
    }

    public void r13(long value) {
        setLong(R13_OFFSET, value);
    }

    public long r14() {
        return getLong(R14_OFFSET);
    }

    public void r14(long value) {
        setLong(R14_OFFSET, value);
    }

    public long r15() {
        return getLong(R15_OFFSET);
    }

    public void r15(long value) {
        setLong(R15_OFFSET, value);
    }

    public long rip() {
        return getLong(RIP_OFFSET);
    }

    public void rip(long value) {
        setLong(RIP_OFFSET, value);
    }

    public long rflags() {
        return getLong(RFLAGS_OFFSET);
    }

    public void rflags(long value) {
        setLong(RFLAGS_OFFSET, value);
    }
}

package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_sregs}: segments, descriptor tables, control registers (KVM API 4.13, KVM_GET_SREGS). */
public final class KvmSregs extends KvmStruct {
    public static final long SIZE = 312;
    public static final long CS_OFFSET = 0;
    public static final long DS_OFFSET = 24;
    public static final long ES_OFFSET = 48;
    public static final long FS_OFFSET = 72;
    public static final long GS_OFFSET = 96;
    public static final long SS_OFFSET = 120;
    public static final long TR_OFFSET = 144;
    public static final long LDT_OFFSET = 168;
    public static final long GDT_OFFSET = 192;
    public static final long IDT_OFFSET = 208;
    public static final long CR0_OFFSET = 224;
    public static final long CR2_OFFSET = 232;
    public static final long CR3_OFFSET = 240;
    public static final long CR4_OFFSET = 248;
    public static final long CR8_OFFSET = 256;
    public static final long EFER_OFFSET = 264;
    public static final long APIC_BASE_OFFSET = 272;
    /** 256 bits: the interrupt vector that waits to be injected, if any. */
    public static final long INTERRUPT_BITMAP_OFFSET = 280;

    /** A zeroed struct in memory of its own. */
    public KvmSregs() {
        this(allocate(SIZE));
    }

    /** A view of a struct inside other memory, such as the shared registers of {@code kvm_run}. */
    public KvmSregs(MemorySegment segment) {
        super(segment);
    }

    public KvmSegment cs() {
        return new KvmSegment(segment().asSlice(CS_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment ds() {
        return new KvmSegment(segment().asSlice(DS_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment es() {
        return new KvmSegment(segment().asSlice(ES_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment fs() {
        return new KvmSegment(segment().asSlice(FS_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment gs() {
        return new KvmSegment(segment().asSlice(GS_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment ss() {
        return new KvmSegment(segment().asSlice(SS_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment tr() {
        return new KvmSegment(segment().asSlice(TR_OFFSET, KvmSegment.SIZE));
    }

    public KvmSegment ldt() {
        return new KvmSegment(segment().asSlice(LDT_OFFSET, KvmSegment.SIZE));
    }

    public KvmDtable gdt() {
        return new KvmDtable(segment().asSlice(GDT_OFFSET, KvmDtable.SIZE));
    }

    public KvmDtable idt() {
        return new KvmDtable(segment().asSlice(IDT_OFFSET, KvmDtable.SIZE));
    }

    public long cr0() {
        return getLong(CR0_OFFSET);
    }

    public void cr0(long value) {
        setLong(CR0_OFFSET, value);
    }

    public long cr2() {
        return getLong(CR2_OFFSET);
    }

    public void cr2(long value) {
        setLong(CR2_OFFSET, value);
    }

    public long cr3() {
        return getLong(CR3_OFFSET);
    }

    public void cr3(long value) {
        setLong(CR3_OFFSET, value);
    }

    public long cr4() {
        return getLong(CR4_OFFSET);
    }

    public void cr4(long value) {
        setLong(CR4_OFFSET, value);
    }

    public long cr8() {
        return getLong(CR8_OFFSET);
    }

    public void cr8(long value) {
        setLong(CR8_OFFSET, value);
    }

    public long efer() {
        return getLong(EFER_OFFSET);
    }

    public void efer(long value) {
        setLong(EFER_OFFSET, value);
    }

    public long apicBase() {
        return getLong(APIC_BASE_OFFSET);
    }

    public void apicBase(long value) {
        setLong(APIC_BASE_OFFSET, value);
    }
}

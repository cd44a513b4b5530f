package jkvm.soft.kvm;

import jkvm.abi.KvmDtable;
import jkvm.abi.KvmSegment;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmSregs2;
import jkvm.soft.cpu.ControlRegisters;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.Segment;

/**
 * Copies segments, descriptor tables and control registers between the processor and {@code struct kvm_sregs}. User
 * space may set what no processor could get into by instructions; what KVM refuses is refused here. On the vCPU's
 * thread.
 */
final class SpecialRegisters {
    /** Segment numbers in the order of {@code struct kvm_sregs}. */
    private static final int[] ORDER = {Segment.CS, Segment.DS, Segment.ES, Segment.FS, Segment.GS, Segment.SS,
        Segment.TR, Segment.LDTR};
    private static final int BITMAP_WORDS = 4;
    private static final long PAGES_LIMIT = 0xFFFFF;
    private static final long APIC_ENABLE = 1 << 11, APIC_X2 = 1 << 10, APIC_RESERVED = 0x2FF;
    /** Bits of CR4 that this processor does not have. */
    private static final long CR4_RESERVED = ~(Cpu.CR4_VME | Cpu.CR4_PVI | Cpu.CR4_TSD | Cpu.CR4_DE | Cpu.CR4_PSE
            | Cpu.CR4_PAE | Cpu.CR4_MCE | Cpu.CR4_PGE | Cpu.CR4_PCE | Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT
            | Cpu.CR4_UMIP | Cpu.CR4_LA57 | Cpu.CR4_FSGSBASE | Cpu.CR4_PCIDE | Cpu.CR4_OSXSAVE | Cpu.CR4_SMEP
            | Cpu.CR4_SMAP);

    private final SoftVcpu vcpu;
    private final Cpu cpu;

    SpecialRegisters(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.cpu = vcpu.cpu();
    }

    /** KVM_GET_SREGS. */
    void get(long address) {
        common(address);
        for (int i = 0; i < BITMAP_WORDS; i++) {
            ProcessMemory.setLong(address + KvmSregs.INTERRUPT_BITMAP_OFFSET + i * 8L, 0);
        }
        PendingEvents events = vcpu.events();
        if (events.interruptInjected) {
            ProcessMemory.setLong(address + KvmSregs.INTERRUPT_BITMAP_OFFSET + (events.interrupt >>> 6) * 8L,
                    1L << events.interrupt);
        }
    }

    /** KVM_GET_SREGS2. */
    void get2(long address) {
        common(address);
        boolean pae = isPae(cpu.cr0, cpu.cr4, cpu.efer);
        ProcessMemory.setLong(address + KvmSregs2.FLAGS_OFFSET, pae ? KvmSregs2.PDPTRS_VALID : 0);
        for (int i = 0; i < 4; i++) {
            ProcessMemory.setLong(address + KvmSregs2.PDPTRS_OFFSET + i * 8L, pae ? cpu.mmu.pdpte(i) : 0);
        }
    }

    private static boolean isPae(long cr0, long cr4, long efer) {
        return (cr0 & Cpu.CR0_PG) != 0 && (cr4 & Cpu.CR4_PAE) != 0 && (efer & Cpu.EFER_LMA) == 0;
    }

    private void common(long address) {
        ProcessMemory.at(address, KvmSregs.INTERRUPT_BITMAP_OFFSET).fill((byte) 0);
        for (int i = 0; i < ORDER.length; i++) {
            getSegment(address + i * KvmSegment.SIZE, ORDER[i]);
        }
        ProcessMemory.setLong(address + KvmSregs.GDT_OFFSET + KvmDtable.BASE_OFFSET, cpu.gdtBase);
        ProcessMemory.setShort(address + KvmSregs.GDT_OFFSET + KvmDtable.LIMIT_OFFSET, cpu.gdtLimit);
        ProcessMemory.setLong(address + KvmSregs.IDT_OFFSET + KvmDtable.BASE_OFFSET, cpu.idtBase);
        ProcessMemory.setShort(address + KvmSregs.IDT_OFFSET + KvmDtable.LIMIT_OFFSET, cpu.idtLimit);
        ProcessMemory.setLong(address + KvmSregs.CR0_OFFSET, cpu.cr0);
        ProcessMemory.setLong(address + KvmSregs.CR2_OFFSET, cpu.cr2);
        ProcessMemory.setLong(address + KvmSregs.CR3_OFFSET, cpu.cr3);
        ProcessMemory.setLong(address + KvmSregs.CR4_OFFSET, cpu.cr4);
        ProcessMemory.setLong(address + KvmSregs.CR8_OFFSET, vcpu.taskPriority());
        ProcessMemory.setLong(address + KvmSregs.EFER_OFFSET, cpu.efer);
        ProcessMemory.setLong(address + KvmSregs.APIC_BASE_OFFSET, vcpu.apicBase());
    }

    private void getSegment(long address, int number) {
        Segment segment = cpu.segments[number];
        boolean present = segment.isPresent() && !segment.unusable;
        int type = segment.type();
        if (number == Segment.TR) {
            type |= 2;
        } else if (present && number != Segment.CS && number != Segment.SS && number != Segment.LDTR) {
            type |= 1;
        }
        ProcessMemory.setLong(address + KvmSegment.BASE_OFFSET, segment.base);
        ProcessMemory.setInt(address + KvmSegment.LIMIT_OFFSET, (int) segment.limit);
        ProcessMemory.setShort(address + KvmSegment.SELECTOR_OFFSET, segment.selector);
        ProcessMemory.setByte(address + KvmSegment.TYPE_OFFSET, type);
        ProcessMemory.setByte(address + KvmSegment.PRESENT_OFFSET, present ? 1 : 0);
        ProcessMemory.setByte(address + KvmSegment.DPL_OFFSET, number == Segment.SS ? cpu.cpl : segment.dpl());
        boolean big = segment.isBig() && (present || number != Segment.SS);
        ProcessMemory.setByte(address + KvmSegment.DB_OFFSET, big ? 1 : 0);
        ProcessMemory.setByte(address + KvmSegment.S_OFFSET, (segment.access & Segment.S_BIT) != 0 ? 1 : 0);
        ProcessMemory.setByte(address + KvmSegment.L_OFFSET, segment.isLong() ? 1 : 0);
        ProcessMemory.setByte(address + KvmSegment.G_OFFSET, segment.limit > PAGES_LIMIT ? 1 : 0);
        ProcessMemory.setByte(address + KvmSegment.AVL_OFFSET, (segment.access & Segment.AVL_BIT) != 0 ? 1 : 0);
        ProcessMemory.setByte(address + KvmSegment.UNUSABLE_OFFSET, present ? 0 : 1);
    }

    /**
     * KVM_SET_SREGS.
     *
     * @return zero or a negated errno; then nothing is changed
     */
    long set(long address) {
        if (!isValid(address)) {
            return NegatedErrno.EINVAL;
        }
        take(address);
        for (int i = 0; i < BITMAP_WORDS; i++) {
            long word = ProcessMemory.getLong(address + KvmSregs.INTERRUPT_BITMAP_OFFSET + i * 8L);
            if (word != 0) {
                vcpu.events().interruptInjected = true;
                vcpu.events().interrupt = i * Long.SIZE + Long.numberOfTrailingZeros(word);
                break;
            }
        }
        return 0;
    }

    /** KVM_SET_SREGS2. */
    long set2(long address) {
        long flags = ProcessMemory.getLong(address + KvmSregs2.FLAGS_OFFSET);
        boolean pae = isPae(ProcessMemory.getLong(address + KvmSregs.CR0_OFFSET),
                ProcessMemory.getLong(address + KvmSregs.CR4_OFFSET),
                ProcessMemory.getLong(address + KvmSregs.EFER_OFFSET));
        if ((flags & ~KvmSregs2.PDPTRS_VALID) != 0 || flags != 0 && !pae || !isValid(address)) {
            return NegatedErrno.EINVAL;
        }
        take(address);
        if (flags != 0) {
            for (int i = 0; i < 4; i++) {
                cpu.mmu.pdpte(i, ProcessMemory.getLong(address + KvmSregs2.PDPTRS_OFFSET + i * 8L));
            }
        }
        return 0;
    }

    private boolean isValid(long address) {
        long cr0 = ProcessMemory.getLong(address + KvmSregs.CR0_OFFSET);
        long cr3 = ProcessMemory.getLong(address + KvmSregs.CR3_OFFSET);
        long cr4 = ProcessMemory.getLong(address + KvmSregs.CR4_OFFSET);
        long efer = ProcessMemory.getLong(address + KvmSregs.EFER_OFFSET);
        boolean paging = (cr0 & Cpu.CR0_PG) != 0;
        boolean active = (efer & Cpu.EFER_LMA) != 0;
        if (paging && (efer & Cpu.EFER_LME) != 0) {
            if ((cr4 & Cpu.CR4_PAE) == 0 || !active || cr3 >>> MemorySlots.ADDRESS_BITS != 0) {
                return false;
            }
        } else if (active || ProcessMemory.getByte(address + KvmSregs.CS_OFFSET + KvmSegment.L_OFFSET) != 0) {
            return false;
        }
        boolean badCr0 = cr0 >>> 32 != 0 || (cr0 & Cpu.CR0_NW) != 0 && (cr0 & Cpu.CR0_CD) == 0
                || paging && (cr0 & Cpu.CR0_PE) == 0;
        return !badCr0 && (cr4 & CR4_RESERVED) == 0
                && isValidApicBase(ProcessMemory.getLong(address + KvmSregs.APIC_BASE_OFFSET));
    }

    /** True for a value that IA32_APIC_BASE may have. */
    static boolean isValidApicBase(long value) {
        return (value & APIC_RESERVED) == 0 && value >>> MemorySlots.ADDRESS_BITS == 0
                && (value & (APIC_ENABLE | APIC_X2)) != APIC_X2;
    }

    private void take(long address) {
        for (int i = 0; i < ORDER.length; i++) {
            setSegment(address + i * KvmSegment.SIZE, cpu.segments[ORDER[i]]);
        }
        cpu.gdtBase = ProcessMemory.getLong(address + KvmSregs.GDT_OFFSET + KvmDtable.BASE_OFFSET);
        cpu.gdtLimit = ProcessMemory.getShort(address + KvmSregs.GDT_OFFSET + KvmDtable.LIMIT_OFFSET);
        cpu.idtBase = ProcessMemory.getLong(address + KvmSregs.IDT_OFFSET + KvmDtable.BASE_OFFSET);
        cpu.idtLimit = ProcessMemory.getShort(address + KvmSregs.IDT_OFFSET + KvmDtable.LIMIT_OFFSET);
        long cr8 = ProcessMemory.getLong(address + KvmSregs.CR8_OFFSET);
        if (cr8 >= 0 && cr8 <= 15) {
            vcpu.taskPriority(cr8);
        }
        vcpu.apicBase(ProcessMemory.getLong(address + KvmSregs.APIC_BASE_OFFSET), false);
        cpu.cr0 = ProcessMemory.getLong(address + KvmSregs.CR0_OFFSET);
        cpu.cr2 = ProcessMemory.getLong(address + KvmSregs.CR2_OFFSET);
        cpu.cr3 = ProcessMemory.getLong(address + KvmSregs.CR3_OFFSET);
        cpu.cr4 = ProcessMemory.getLong(address + KvmSregs.CR4_OFFSET);
        cpu.efer = ProcessMemory.getLong(address + KvmSregs.EFER_OFFSET);
        changed();
    }

    /** Makes the privilege level follow RFLAGS and SS. */
    void followFlags() {
        boolean isProtected = (cpu.cr0 & Cpu.CR0_PE) != 0;
        cpu.cpl = !isProtected ? 0 : (cpu.systemFlags & Cpu.VM) != 0 ? 3 : cpu.segments[Segment.SS].dpl();
    }

    /** Makes the rest of the processor follow segments and control registers that were just put in. */
    void changed() {
        followFlags();
        ControlRegisters.reload(cpu);
        cpu.mmu.flushAll();
    }

    private static void setSegment(long address, Segment segment) {
        int access = ProcessMemory.getByte(address + KvmSegment.TYPE_OFFSET) & Segment.TYPE_MASK;
        access |= flag(address + KvmSegment.S_OFFSET, Segment.S_BIT);
        access |= (ProcessMemory.getByte(address + KvmSegment.DPL_OFFSET) & 3) << Segment.DPL_SHIFT;
        access |= flag(address + KvmSegment.DB_OFFSET, Segment.DB_BIT);
        access |= flag(address + KvmSegment.L_OFFSET, Segment.L_BIT);
        access |= flag(address + KvmSegment.G_OFFSET, Segment.G_BIT);
        access |= flag(address + KvmSegment.AVL_OFFSET, Segment.AVL_BIT);
        boolean usable = ProcessMemory.getByte(address + KvmSegment.PRESENT_OFFSET) != 0
                && ProcessMemory.getByte(address + KvmSegment.UNUSABLE_OFFSET) == 0;
        segment.set(ProcessMemory.getShort(address + KvmSegment.SELECTOR_OFFSET),
                ProcessMemory.getLong(address + KvmSegment.BASE_OFFSET),
                ProcessMemory.getInt(address + KvmSegment.LIMIT_OFFSET) & 0xFFFFFFFFL,
                usable ? access | Segment.PRESENT_BIT : access);
        segment.unusable = !usable;
    }

    private static int flag(long address, int bit) {
        return ProcessMemory.getByte(address) != 0 ? bit : 0;
    }
}

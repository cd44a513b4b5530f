package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;

/**
 * The rules of CR0, CR3, CR4, EFER and XCR0: which values fault, and what a change brings about (SDM vol. 3, 2.5, 4.1,
 * 10.8.5; APM vol. 2, 3.1 and 14).
 */
public final class ControlRegisters {
    private static final long CR0_DEFINED = Cpu.CR0_PE | Cpu.CR0_MP | Cpu.CR0_EM | Cpu.CR0_TS | Cpu.CR0_ET | Cpu.CR0_NE
            | Cpu.CR0_WP | Cpu.CR0_AM | Cpu.CR0_NW | Cpu.CR0_CD | Cpu.CR0_PG;
    private static final long CR4_ALWAYS = Cpu.CR4_VME | Cpu.CR4_PVI | Cpu.CR4_TSD | Cpu.CR4_DE | Cpu.CR4_PSE
            | Cpu.CR4_PAE | Cpu.CR4_MCE | Cpu.CR4_PGE | Cpu.CR4_PCE | Cpu.CR4_OSFXSR | Cpu.CR4_OSXMMEXCPT;
    /** Changes of these make the processor forget its translations. */
    private static final long CR0_PAGING = Cpu.CR0_PG | Cpu.CR0_WP | Cpu.CR0_PE;
    private static final long CR4_PAGING = Cpu.CR4_PSE | Cpu.CR4_PAE | Cpu.CR4_PGE | Cpu.CR4_LA57 | Cpu.CR4_PCIDE
            | Cpu.CR4_SMEP | Cpu.CR4_SMAP;
    private static final long CR4_PAE_PAGING = Cpu.CR4_PSE | Cpu.CR4_PAE | Cpu.CR4_PGE | Cpu.CR4_SMEP;
    private static final long NO_FLUSH = 1L << 63;
    private static final long XCR0_X87 = 1, XCR0_SSE = 2, XCR0_AVX = 4;

    private ControlRegisters() {
    }

    /** MOV to CR0 and LMSW. */
    static void writeCr0(Cpu cpu, long value) {
        long old = cpu.cr0;
        if (value >>> 32 != 0 || (value & Cpu.CR0_NW) != 0 && (value & Cpu.CR0_CD) == 0
                || (value & (Cpu.CR0_PG | Cpu.CR0_PE)) == Cpu.CR0_PG) {
            throw cpu.fault.of(GP, 0);
        }
        value = value & CR0_DEFINED | Cpu.CR0_ET;
        long efer = cpu.efer;
        if ((value & ~old & Cpu.CR0_PG) != 0) {
            efer = startPaging(cpu);
        } else if ((old & ~value & Cpu.CR0_PG) != 0) {
            boolean in64 = (cpu.mode & CpuMode.CODE_64) != 0;
            if (in64 || (cpu.cr4 & Cpu.CR4_PCIDE) != 0) {
                throw cpu.fault.of(GP, 0);
            }
            efer &= ~Cpu.EFER_LMA;
        }
        cpu.cr0 = value;
        cpu.efer = efer;
        if (((value ^ old) & CR0_PAGING) != 0) {
            reload(cpu);
        }
    }

    /**
     * Paging is being switched on.
     *
     * @return EFER as it is then
     */
    private static long startPaging(Cpu cpu) {
        boolean pae = (cpu.cr4 & Cpu.CR4_PAE) != 0;
        if ((cpu.efer & Cpu.EFER_LME) != 0) {
            if (!pae || cpu.segments[Segment.CS].isLong()) {
                throw cpu.fault.of(GP, 0);
            }
            return cpu.efer | Cpu.EFER_LMA;
        }
        if (pae && !cpu.mmu.loadPdptes(cpu.cr3)) {
            throw cpu.fault.of(GP, 0);
        }
        return cpu.efer;
    }

    /** MOV to CR3. */
    static void writeCr3(Cpu cpu, long value) {
        if (Segments.isLongMode(cpu)) {
            if ((cpu.cr4 & Cpu.CR4_PCIDE) != 0) {
                value &= ~NO_FLUSH;
            }
            if (value >>> cpu.physicalBits != 0) {
                throw cpu.fault.of(GP, 0);
            }
        } else if (isPae(cpu.cr0, cpu.cr4) && !cpu.mmu.loadPdptes(value)) {
            throw cpu.fault.of(GP, 0);
        }
        cpu.cr3 = value;
        cpu.mmu.changeRoot(value);
    }

    /** PAE paging, for a processor that is not in long mode. */
    private static boolean isPae(long cr0, long cr4) {
        return (cr0 & Cpu.CR0_PG) != 0 && (cr4 & Cpu.CR4_PAE) != 0;
    }

    /** MOV to CR4. */
    static void writeCr4(Cpu cpu, long value) {
        long old = cpu.cr4;
        long changed = value ^ old;
        boolean longMode = Segments.isLongMode(cpu);
        boolean bad = (value & ~allowedCr4(cpu)) != 0
                || longMode && ((value & Cpu.CR4_PAE) == 0 || (changed & Cpu.CR4_LA57) != 0)
                || (changed & value & Cpu.CR4_PCIDE) != 0 && (!longMode || (cpu.cr3 & 0xFFF) != 0);
        if (!bad && !longMode && isPae(cpu.cr0, value) && (changed & CR4_PAE_PAGING) != 0) {
            bad = !cpu.mmu.loadPdptes(cpu.cr3);
        }
        if (bad) {
            throw cpu.fault.of(GP, 0);
        }
        cpu.cr4 = value;
        if ((changed & CR4_PAGING) != 0) {
            reload(cpu);
        }
    }

    /** The bits of CR4 that this processor has. */
    private static long allowedCr4(Cpu cpu) {
        return CR4_ALWAYS | ifHas(cpu, Feature.UMIP, Cpu.CR4_UMIP) | ifHas(cpu, Feature.FSGSBASE, Cpu.CR4_FSGSBASE)
                | ifHas(cpu, Feature.PCID, Cpu.CR4_PCIDE) | ifHas(cpu, Feature.XSAVE, Cpu.CR4_OSXSAVE)
                | ifHas(cpu, Feature.SMEP, Cpu.CR4_SMEP) | ifHas(cpu, Feature.SMAP, Cpu.CR4_SMAP)
                | ifHas(cpu, Feature.LA57, Cpu.CR4_LA57);
    }

    private static long ifHas(Cpu cpu, long feature, long bit) {
        return (cpu.features & feature) != 0 ? bit : 0;
    }

    /**
     * WRMSR to EFER.
     *
     * @return false for #GP
     */
    static boolean writeEfer(Cpu cpu, long value) {
        long allowed = Cpu.EFER_FFXSR | ifHas(cpu, Feature.SYSCALL, Cpu.EFER_SCE) | ifHas(cpu, Feature.NX, Cpu.EFER_NXE)
                | ifHas(cpu, Feature.LONG_MODE, Cpu.EFER_LME | Cpu.EFER_LMA);
        boolean paging = (cpu.cr0 & Cpu.CR0_PG) != 0;
        if ((value & ~allowed) != 0 || paging && ((value ^ cpu.efer) & Cpu.EFER_LME) != 0) {
            return false;
        }
        long changed = value ^ cpu.efer;
        cpu.efer = value & ~Cpu.EFER_LMA | cpu.efer & Cpu.EFER_LMA;
        if ((changed & Cpu.EFER_NXE) != 0) {
            reload(cpu);
        }
        return true;
    }

    /** True if XSETBV takes the value. */
    public static boolean isValidXcr0(Cpu cpu, long value) {
        long known = XCR0_X87 | XCR0_SSE | ((cpu.features & Feature.AVX) != 0 ? XCR0_AVX : 0);
        return (value & ~known) == 0 && (value & XCR0_X87) != 0
                && (value & (XCR0_SSE | XCR0_AVX)) != XCR0_AVX;
    }

    /** Makes the MMU follow the control registers as they are now; user space may have set them. */
    public static void reload(Cpu cpu) {
        cpu.mmu.configure(cpu.cr0, cpu.cr3, cpu.cr4, cpu.efer);
        CpuMode.refresh(cpu);
    }
}

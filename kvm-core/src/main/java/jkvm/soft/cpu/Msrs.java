package jkvm.soft.cpu;

import java.util.Arrays;

/**
 * Model-specific registers that belong to the processor: fast system calls, EFER, PAT, memory types, and those that
 * guests of KVM expect to find though they have no effect. Time, the APIC and paravirtual ones are the
 * {@link CpuHost}'s. On the vCPU's thread.
 */
public final class Msrs {
    private static final int SYSENTER_CS = 0x174, SYSENTER_ESP = 0x175, SYSENTER_EIP = 0x176, PAT = 0x277,
            MTRR_CAP = 0xFE, MTRR_PHYSICAL = 0x200, MTRR_FIXED_64K = 0x250, MTRR_FIXED_16K = 0x258,
            MTRR_FIXED_4K = 0x268, MTRR_DEFAULT = 0x2FF, MISC_ENABLE = 0x1A0, SPEC_CTRL = 0x48, PRED_CMD = 0x49,
            ARCH_CAPABILITIES = 0x10A, FLUSH_CMD = 0x10B, DEBUGCTL = 0x1D9;
    private static final int EFER = 0xC0000080, STAR = 0xC0000081, LSTAR = 0xC0000082, CSTAR = 0xC0000083,
            SFMASK = 0xC0000084, FS_BASE = 0xC0000100, GS_BASE = 0xC0000101, KERNEL_GS_BASE = 0xC0000102,
            TSC_AUX = 0xC0000103, TSC_RATIO = 0xC0000104;
    private static final int HWCR = 0xC0010015, VM_CR = 0xC0010114, DE_CFG = 0xC0011029;
    private static final long DE_CFG_LFENCE_SERIALIZES = 2, VM_CR_SVM_DISABLED = 0x10;
    private static final int MTRR_PAIRS = 8;
    private static final int FIXED_REGISTERS = 11;
    /**
     * Vulnerabilities that the processor does not have, since it does not speculate: RDCL_NO, IBRS_ALL,
     * SKIP_L1DFL_VMENTRY, SSB_NO, MDS_NO, PSCHANGE_MC_NO, TAA_NO, SBDR_SSDP_NO, FBSDP_NO, PSDP_NO, BHI_NO, GDS_NO,
     * RFDS_NO, ITS_NO.
     */
    public static final long NOT_VULNERABLE = 1 | 2 | 1 << 3 | 1 << 4 | 1 << 5 | 1 << 6 | 1 << 8 | 7 << 13 | 1 << 20
            | 1 << 26 | 1 << 27 | 1L << 62;
    /** Registers that read as a constant and whose writes of it, or any, change nothing. */
    private static final int[] CONSTANT = {
        0x17, 0x2A, 0x8B, 0x9E, 0xCD, 0xCE, 0x198, 0x199, 0x1DB, 0x1DC, 0x1DD, 0x1DE,
        0xC0010010, 0xC001001F, 0xC0010055, 0xC0010058, 0xC0010112, 0xC0010113, 0xC0010117, 0xC0011022, 0xC001102A,
        0xC001102C, 0xC0010000, 0xC0010001, 0xC0010002, 0xC0010003, 0xC0010004, 0xC0010005, 0xC0010006, 0xC0010007};
    private static final long[] CONSTANT_VALUES = {
        0, 0, 0x1000065, 0x30000, 3, 0x80000000L, 0x400000003E8L, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0,
        0, 0, 0, 0, 0, 0, 0, 0, 0};

    private final Cpu cpu;
    public long pat;
    private long miscEnable, mtrrDefault, specCtrl, hwcr, debugCtl;
    private final long[] mtrrPhysical = new long[2 * MTRR_PAIRS];
    private final long[] mtrrFixed = new long[FIXED_REGISTERS];

    Msrs(Cpu cpu) {
        this.cpu = cpu;
        reset();
    }

    /** Power-on values. INIT leaves most of these registers alone. */
    void reset() {
        pat = 0x0007040600070406L;
        miscEnable = 0x1800;
        mtrrDefault = 0;
        specCtrl = 0;
        hwcr = 0;
        debugCtl = 0;
        Arrays.fill(mtrrPhysical, 0);
        Arrays.fill(mtrrFixed, 0);
        cpu.star = cpu.lstar = cpu.cstar = cpu.sfmask = cpu.kernelGsBase = cpu.tscAux = 0;
        cpu.sysenterCs = cpu.sysenterEsp = cpu.sysenterEip = 0;
    }

    /**
     * Reads a register.
     *
     * @return {@link CpuHost#DONE} with the value in {@link Cpu#transfer}, or {@link CpuHost#UNKNOWN}
     */
    public int read(int index) {
        switch (index) {
            case SYSENTER_CS -> cpu.transfer = cpu.sysenterCs;
            case SYSENTER_ESP -> cpu.transfer = cpu.sysenterEsp;
            case SYSENTER_EIP -> cpu.transfer = cpu.sysenterEip;
            case EFER -> cpu.transfer = cpu.efer;
            case STAR -> cpu.transfer = cpu.star;
            case LSTAR -> cpu.transfer = cpu.lstar;
            case CSTAR -> cpu.transfer = cpu.cstar;
            case SFMASK -> cpu.transfer = cpu.sfmask;
            case FS_BASE -> cpu.transfer = cpu.segments[Segment.FS].base;
            case GS_BASE -> cpu.transfer = cpu.segments[Segment.GS].base;
            case KERNEL_GS_BASE -> cpu.transfer = cpu.kernelGsBase;
            case TSC_AUX -> cpu.transfer = cpu.tscAux;
            case PAT -> cpu.transfer = pat;
            case MISC_ENABLE -> cpu.transfer = miscEnable;
            case SPEC_CTRL -> cpu.transfer = specCtrl;
            case ARCH_CAPABILITIES -> cpu.transfer = NOT_VULNERABLE;
            case DEBUGCTL -> cpu.transfer = debugCtl;
            case TSC_RATIO -> cpu.transfer = 1L << 32;
            case HWCR -> cpu.transfer = hwcr;
            case VM_CR -> cpu.transfer = VM_CR_SVM_DISABLED;
            case DE_CFG -> cpu.transfer = DE_CFG_LFENCE_SERIALIZES;
            default -> {
                return readTable(index);
            }
        }
        return CpuHost.DONE;
    }

    private int readTable(int index) {
        int constant = constant(index);
        int fixed = fixed(index);
        if (constant >= 0) {
            cpu.transfer = CONSTANT_VALUES[constant];
        } else if (index == MTRR_CAP) {
            cpu.transfer = 0x500 | MTRR_PAIRS;
        } else if (index == MTRR_DEFAULT) {
            cpu.transfer = mtrrDefault;
        } else if (index >= MTRR_PHYSICAL && index < MTRR_PHYSICAL + mtrrPhysical.length) {
            cpu.transfer = mtrrPhysical[index - MTRR_PHYSICAL];
        } else if (fixed >= 0) {
            cpu.transfer = mtrrFixed[fixed];
        } else {
            return CpuHost.UNKNOWN;
        }
        return CpuHost.DONE;
    }

    private static int constant(int index) {
        for (int i = 0; i < CONSTANT.length; i++) {
            if (CONSTANT[i] == index) {
                return i;
            }
        }
        return -1;
    }

    private static int fixed(int index) {
        return index == MTRR_FIXED_64K ? 0 : index == MTRR_FIXED_16K || index == MTRR_FIXED_16K + 1
                ? 1 + index - MTRR_FIXED_16K : index >= MTRR_FIXED_4K && index < MTRR_FIXED_4K + 8
                ? 3 + index - MTRR_FIXED_4K : -1;
    }

    /**
     * Writes a register.
     *
     * @param byUser user space restores a state: what a guest may not change is taken as it is
     * @return {@link CpuHost#DONE}, {@link CpuHost#FAULT} for a value that the register does not take, or
     *         {@link CpuHost#UNKNOWN}
     */
    public int write(int index, long value, boolean byUser) {
        switch (index) {
            case SYSENTER_CS -> cpu.sysenterCs = value & 0xFFFFFFFFL;
            case STAR -> cpu.star = value;
            case SFMASK -> cpu.sfmask = value & 0xFFFFFFFFL;
            case TSC_AUX -> cpu.tscAux = value & 0xFFFFFFFFL;
            case SYSENTER_ESP, SYSENTER_EIP, LSTAR, CSTAR, FS_BASE, GS_BASE, KERNEL_GS_BASE -> {
                return writeAddress(index, value);
            }
            case EFER -> {
                return writeEfer(value, byUser);
            }
            case PAT -> {
                if (!isValidPat(value)) {
                    return CpuHost.FAULT;
                }
                pat = value;
            }
            case MISC_ENABLE -> miscEnable = value;
            case SPEC_CTRL -> specCtrl = value;
            case DEBUGCTL -> debugCtl = value & 3;
            case HWCR -> hwcr = value;
            case PRED_CMD, FLUSH_CMD, TSC_RATIO, VM_CR, DE_CFG -> {
            }
            case ARCH_CAPABILITIES -> {
                return byUser ? CpuHost.DONE : CpuHost.FAULT;
            }
            default -> {
                return writeTable(index, value, byUser);
            }
        }
        return CpuHost.DONE;
    }

    private int writeAddress(int index, long value) {
        if (!Segments.isCanonical(cpu, value)) {
            return CpuHost.FAULT;
        }
        switch (index) {
            case SYSENTER_ESP -> cpu.sysenterEsp = value;
            case SYSENTER_EIP -> cpu.sysenterEip = value;
            case LSTAR -> cpu.lstar = value;
            case CSTAR -> cpu.cstar = value;
            case FS_BASE -> cpu.segments[Segment.FS].base = value;
            case GS_BASE -> cpu.segments[Segment.GS].base = value;
            default -> cpu.kernelGsBase = value;
        }
        return CpuHost.DONE;
    }

    private int writeEfer(long value, boolean byUser) {
        if (byUser) {
            cpu.efer = value;
            ControlRegisters.reload(cpu);
            return CpuHost.DONE;
        }
        return ControlRegisters.writeEfer(cpu, value) ? CpuHost.DONE : CpuHost.FAULT;
    }

    private static boolean isValidPat(long value) {
        for (int i = 0; i < 64; i += 8) {
            int type = (int) (value >>> i) & 0xFF;
            if (type > 7 || type == 2 || type == 3) {
                return false;
            }
        }
        return true;
    }

    private int writeTable(int index, long value, boolean byUser) {
        int fixed = fixed(index);
        if (index == MTRR_DEFAULT) {
            mtrrDefault = value;
        } else if (index >= MTRR_PHYSICAL && index < MTRR_PHYSICAL + mtrrPhysical.length) {
            mtrrPhysical[index - MTRR_PHYSICAL] = value;
        } else if (fixed >= 0) {
            mtrrFixed[fixed] = value;
        } else if (index == MTRR_CAP) {
            return byUser ? CpuHost.DONE : CpuHost.FAULT;
        } else {
            return constant(index) >= 0 ? CpuHost.DONE : CpuHost.UNKNOWN;
        }
        return CpuHost.DONE;
    }
}

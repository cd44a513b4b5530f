package jkvm.soft.cpu;

import jkvm.soft.fpu.FpuState;
import jkvm.soft.fpu.FxsaveImage;
import jkvm.soft.fpu.XsaveArea;
import jkvm.soft.mmu.GuestException;

/**
 * FXSAVE, FXRSTOR and the XSAVE family: operating systems switch the floating-point state with them. They do not wait
 * for pending x87 exceptions. Memory is checked or read whole before any register or memory changes.
 */
final class FpuSaveOps {
    private FpuSaveOps() {
    }

    static void execute(Cpu cpu, Insn insn) {
        switch (insn.op) {
            case Op.FXSAVE -> fxsave(cpu, insn);
            case Op.FXRSTOR -> fxrstor(cpu, insn);
            case Op.XSAVE, Op.XSAVEOPT, Op.XSAVEC -> xsave(cpu, insn);
            case Op.XRSTOR -> xrstor(cpu, insn);
            default -> throw cpu.fault.of(GuestException.UD);
        }
    }

    private static boolean isWide(Insn insn) {
        return (insn.prefixes & Insn.REX_W) != 0;
    }

    private static int xmmCount(Cpu cpu) {
        return cpu.segments[Segment.CS].isLong() && (cpu.efer & Cpu.EFER_LMA) != 0 ? 16 : 8;
    }

    /**
     * XMM registers that FXSAVE and FXRSTOR take: none before the operating system says that it knows of them, and none
     * in its own 64-bit code with EFER.FFXSR (APM volume 2, 11.4.4).
     */
    private static int fxsaveXmmCount(Cpu cpu) {
        int count = xmmCount(cpu);
        boolean fast = (cpu.efer & Cpu.EFER_FFXSR) != 0 && cpu.cpl == 0 && count == 16;
        return fast || (cpu.cr4 & Cpu.CR4_OSFXSR) == 0 ? 0 : count;
    }

    private static void checkFxsave(Cpu cpu) {
        if ((cpu.cr0 & (Cpu.CR0_EM | Cpu.CR0_TS)) != 0) {
            throw cpu.fault.of(GuestException.NM);
        }
    }

    private static long address(Cpu cpu, Insn insn, int size, int alignment, boolean write) {
        long address = Operands.address(cpu, insn, 1, write);
        if ((address & alignment - 1) != 0) {
            // Alignment checking, where it is on, is by double words and comes first
            boolean checked = (cpu.mode & CpuMode.ALIGNED) != 0 && (address & 3) != 0;
            throw cpu.fault.of(checked ? GuestException.AC : GuestException.GP, 0);
        }
        address = Operands.address(cpu, insn, size, write);
        if (write) {
            cpu.mmu.probeWrite(address, size);
        }
        return address;
    }

    private static void fxsave(Cpu cpu, Insn insn) {
        checkFxsave(cpu);
        FpuState fpu = cpu.fpu;
        long address = address(cpu, insn, FxsaveImage.SIZE, 16, true);
        int xmmCount = fxsaveXmmCount(cpu);
        FxsaveImage.save(fpu, fpu.image, isWide(insn), xmmCount);
        X87MemoryOps.storeImage(cpu.mmu, address, fpu.image, 0, FxsaveImage.XMM_OFFSET + 16 * xmmCount);
    }

    private static void fxrstor(Cpu cpu, Insn insn) {
        checkFxsave(cpu);
        FpuState fpu = cpu.fpu;
        long address = address(cpu, insn, FxsaveImage.SIZE, 16, false);
        X87MemoryOps.loadImage(cpu.mmu, address, fpu.image, FxsaveImage.SIZE);
        if ((FxsaveImage.mxcsr(fpu.image) & ~FpuState.MXCSR_MASK) != 0) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        FxsaveImage.restore(fpu, fpu.image, isWide(insn), fxsaveXmmCount(cpu));
    }

    /** The components that the instruction's mask asks for and that are enabled. */
    private static long components(Cpu cpu) {
        if ((cpu.cr4 & Cpu.CR4_OSXSAVE) == 0) {
            throw cpu.fault.of(GuestException.UD);
        }
        if ((cpu.cr0 & Cpu.CR0_TS) != 0) {
            throw cpu.fault.of(GuestException.NM);
        }
        return (cpu.r[Cpu.RDX] << 32 | cpu.r[Cpu.RAX] & 0xFFFFFFFFL) & cpu.xcr0;
    }

    private static void xsave(Cpu cpu, Insn insn) {
        long components = components(cpu);
        FpuState fpu = cpu.fpu;
        byte[] image = fpu.image;
        int size = XsaveArea.size(components);
        long address = address(cpu, insn, size, 64, true);
        long written = components;
        if (insn.op == Op.XSAVEC) {
            XsaveArea.saveCompacted(fpu, image, components, isWide(insn), xmmCount(cpu));
            written = FpuState.getLong(image, XsaveArea.XSTATE_BV_OFFSET);
        } else {
            long old = cpu.mmu.load64(address + XsaveArea.XSTATE_BV_OFFSET);
            FpuState.putLong(image, XsaveArea.XSTATE_BV_OFFSET, old);
            if (insn.op == Op.XSAVEOPT) {
                written &= XsaveArea.inUse(fpu);
            }
            XsaveArea.save(fpu, image, components, written, isWide(insn), xmmCount(cpu));
        }
        boolean mxcsr = (insn.op == Op.XSAVEC ? written & XsaveArea.SSE
                : components & (XsaveArea.SSE | XsaveArea.AVX)) != 0;
        storeArea(cpu, address, written, mxcsr);
        int headerEnd = XsaveArea.XCOMP_BV_OFFSET + (insn.op == Op.XSAVEC ? 8 : 0);
        X87MemoryOps.storeImage(cpu.mmu, address, image, XsaveArea.XSTATE_BV_OFFSET, headerEnd);
    }

    /** Writes the bytes of these components and no others. */
    private static void storeArea(Cpu cpu, long address, long written, boolean mxcsr) {
        byte[] image = cpu.fpu.image;
        if ((written & XsaveArea.X87) != 0) {
            X87MemoryOps.storeImage(cpu.mmu, address, image, 0, FxsaveImage.MXCSR_OFFSET);
            X87MemoryOps.storeImage(cpu.mmu, address, image, FxsaveImage.ST_OFFSET, FxsaveImage.XMM_OFFSET);
        }
        if (mxcsr) {
            X87MemoryOps.storeImage(cpu.mmu, address, image, FxsaveImage.MXCSR_OFFSET, FxsaveImage.ST_OFFSET);
        }
        if ((written & XsaveArea.SSE) != 0) {
            X87MemoryOps.storeImage(cpu.mmu, address, image, FxsaveImage.XMM_OFFSET,
                    FxsaveImage.XMM_OFFSET + 16 * xmmCount(cpu));
        }
        if ((written & XsaveArea.AVX) != 0) {
            X87MemoryOps.storeImage(cpu.mmu, address, image, XsaveArea.AVX_OFFSET,
                    XsaveArea.AVX_OFFSET + 16 * xmmCount(cpu));
        }
    }

    private static void xrstor(Cpu cpu, Insn insn) {
        long components = components(cpu);
        FpuState fpu = cpu.fpu;
        int size = XsaveArea.size(components);
        long address = address(cpu, insn, size, 64, false);
        X87MemoryOps.loadImage(cpu.mmu, address, fpu.image, size);
        if (!XsaveArea.isValid(fpu.image, components, cpu.xcr0)) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        XsaveArea.restore(fpu, fpu.image, components, isWide(insn), xmmCount(cpu));
    }
}

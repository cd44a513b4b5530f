package jkvm.soft.cpu;

import static jkvm.soft.fpu.FpuState.C0;
import static jkvm.soft.fpu.FpuState.C2;
import static jkvm.soft.fpu.FpuState.C3;

import jkvm.soft.fpu.FpuState;
import jkvm.soft.fpu.Transcendentals;
import jkvm.soft.fpu.X87;
import jkvm.soft.mmu.GuestException;

/**
 * The x87 instructions D8 to DF and WAIT: what makes them unavailable, and their register forms. Memory forms are in
 * {@link X87MemoryOps}, FXSAVE and XSAVE in {@link FpuSaveOps}.
 *
 * <p>An x87 exception waits: the instruction that meets it leaves it pending, and the next one that waits raises #MF.
 * With CR0.NE clear a real processor would signal an interrupt controller instead; like KVM on VMX, which keeps NE set,
 * this one raises #MF then too.
 */
public final class X87Ops {
    private X87Ops() {
    }

    /** Executes one instruction of the group from {@link Op#X87} to {@link Op#XRSTORS}. */
    public static void execute(Cpu cpu, Insn insn) {
        if (insn.op == Op.X87) {
            escape(cpu, insn);
        } else if (insn.op == Op.FWAIT) {
            if ((cpu.cr0 & (Cpu.CR0_MP | Cpu.CR0_TS)) == (Cpu.CR0_MP | Cpu.CR0_TS)) {
                throw cpu.fault.of(GuestException.NM);
            }
            raisePending(cpu);
        } else {
            FpuSaveOps.execute(cpu, insn);
        }
    }

    private static void escape(Cpu cpu, Insn insn) {
        if ((cpu.cr0 & (Cpu.CR0_EM | Cpu.CR0_TS)) != 0) {
            throw cpu.fault.of(GuestException.NM);
        }
        if (insn.modrm < 0xC0) {
            X87MemoryOps.execute(cpu, insn);
            return;
        }
        switch (insn.opcode) {
            case 0xD8 -> arithmetic(cpu, insn, 0, false);
            case 0xD9 -> unary(cpu, insn);
            case 0xDA -> moveIf(cpu, insn);
            case 0xDB -> moveIfNot(cpu, insn);
            case 0xDC -> arithmetic(cpu, insn, insn.modrm & 7, false);
            case 0xDD -> store(cpu, insn);
            case 0xDE -> arithmetic(cpu, insn, insn.modrm & 7, true);
            default -> popping(cpu, insn);
        }
    }

    /** Raises #MF if an exception is pending: the start of every instruction that waits. */
    static void raisePending(Cpu cpu) {
        if (cpu.fpu.pendingExceptions() != 0) {
            throw cpu.fault.of(GuestException.MF);
        }
    }

    /** The start of every instruction that waits and is no control instruction: it is noted as the last one. */
    private static FpuState begin(Cpu cpu, Insn insn) {
        raisePending(cpu);
        FpuState fpu = cpu.fpu;
        note(cpu, fpu, insn);
        fpu.lastData = 0;
        fpu.lastDataSelector = 0;
        return fpu;
    }

    /** Keeps where this instruction is, for error handlers. */
    static void note(Cpu cpu, FpuState fpu, Insn insn) {
        fpu.lastOpcode = (insn.opcode & 7) << 8 | insn.modrm;
        fpu.lastInstruction = insn.pc;
        fpu.lastInstructionSelector = cpu.segments[Segment.CS].selector;
    }

    private static GuestException undefined(Cpu cpu) {
        return cpu.fault.of(GuestException.UD);
    }

    private static void arithmetic(Cpu cpu, Insn insn, int destination, boolean pop) {
        int operation = insn.modrm >> 3 & 7;
        int i = insn.modrm & 7;
        if (operation == 2 || operation == 3) {
            if (insn.opcode == 0xDE && operation == 3 && i != 1) {
                throw undefined(cpu);
            }
            int pops = operation - 2;
            X87.compare(begin(cpu, insn), i, false, insn.opcode == 0xDE ? pops + 1 : pops);
        } else {
            X87.arithmetic(begin(cpu, insn), operation, i, destination, pop);
        }
    }

    private static void unary(Cpu cpu, Insn insn) {
        int i = insn.modrm & 7;
        switch (insn.modrm >> 3 & 7) {
            case 0 -> X87.loadRegister(begin(cpu, insn), i);
            case 1 -> X87.exchange(begin(cpu, insn), i);
            case 2 -> {
                if (i != 0) {
                    throw undefined(cpu);
                }
                begin(cpu, insn);
            }
            case 3 -> X87.storeRegisterUnchecked(begin(cpu, insn), i);
            case 4 -> {
                switch (i) {
                    case 0 -> X87.changeSign(begin(cpu, insn));
                    case 1 -> X87.absolute(begin(cpu, insn));
                    case 4 -> X87.test(begin(cpu, insn));
                    case 5 -> X87.examine(begin(cpu, insn));
                    default -> throw undefined(cpu);
                }
            }
            case 5 -> {
                if (i == 7) {
                    throw undefined(cpu);
                }
                X87.loadConstant(begin(cpu, insn), i);
            }
            case 6 -> firstFunctions(begin(cpu, insn), i);
            default -> secondFunctions(begin(cpu, insn), i);
        }
    }

    private static void firstFunctions(FpuState fpu, int i) {
        switch (i) {
            case 0 -> Transcendentals.twoToXMinusOne(fpu);
            case 1 -> Transcendentals.yLog2X(fpu);
            case 2 -> Transcendentals.partialTangent(fpu);
            case 3 -> Transcendentals.partialArctangent(fpu);
            case 4 -> X87.extract(fpu);
            case 5 -> X87.remainder(fpu, true);
            case 6 -> X87.rotate(fpu, -1);
            default -> X87.rotate(fpu, 1);
        }
    }

    private static void secondFunctions(FpuState fpu, int i) {
        switch (i) {
            case 0 -> X87.remainder(fpu, false);
            case 1 -> Transcendentals.yLog2XPlusOne(fpu);
            case 2 -> X87.squareRoot(fpu);
            case 3 -> Transcendentals.sineAndCosine(fpu);
            case 4 -> X87.roundToInteger(fpu);
            case 5 -> X87.scale(fpu);
            case 6 -> Transcendentals.sine(fpu);
            default -> Transcendentals.cosine(fpu);
        }
    }

    private static boolean condition(Cpu cpu, int kind) {
        int flags = Flags.arithmetic(cpu);
        return switch (kind) {
            case 0 -> (flags & Cpu.CF) != 0;
            case 1 -> (flags & Cpu.ZF) != 0;
            case 2 -> (flags & (Cpu.CF | Cpu.ZF)) != 0;
            default -> (flags & Cpu.PF) != 0;
        };
    }

    private static void moveIf(Cpu cpu, Insn insn) {
        int kind = insn.modrm >> 3 & 7;
        if (kind < 4) {
            require(cpu, Feature.CMOV);
            X87.moveIf(begin(cpu, insn), insn.modrm & 7, condition(cpu, kind));
        } else if (insn.modrm == 0xE9) {
            X87.compare(begin(cpu, insn), 1, true, 2);
        } else {
            throw undefined(cpu);
        }
    }

    private static void moveIfNot(Cpu cpu, Insn insn) {
        int kind = insn.modrm >> 3 & 7;
        if (kind < 4) {
            require(cpu, Feature.CMOV);
            X87.moveIf(begin(cpu, insn), insn.modrm & 7, !condition(cpu, kind));
        } else if (kind == 4) {
            control(cpu, insn.modrm & 7);
        } else if (kind < 7) {
            compareToFlags(cpu, insn, kind == 5, false);
        } else {
            throw undefined(cpu);
        }
    }

    private static void require(Cpu cpu, long feature) {
        if ((cpu.features & feature) == 0) {
            throw undefined(cpu);
        }
    }

    /** DB E0 to E7. Three of them were control instructions of the 8087 and 80287, and do nothing since. */
    private static void control(Cpu cpu, int i) {
        switch (i) {
            case 0, 1, 4 -> {
            }
            case 2 -> cpu.fpu.status &= FpuState.CONDITIONS;
            case 3 -> cpu.fpu.initialiseX87();
            default -> throw undefined(cpu);
        }
    }

    private static void compareToFlags(Cpu cpu, Insn insn, boolean quiet, boolean pop) {
        require(cpu, Feature.CMOV);
        int conditions = X87.compareToFlags(begin(cpu, insn), insn.modrm & 7, quiet, pop);
        Flags.setArithmetic(cpu, ((conditions & C0) != 0 ? Cpu.CF : 0) | ((conditions & C2) != 0 ? Cpu.PF : 0)
                | ((conditions & C3) != 0 ? Cpu.ZF : 0));
    }

    private static void store(Cpu cpu, Insn insn) {
        int i = insn.modrm & 7;
        switch (insn.modrm >> 3 & 7) {
            case 0 -> X87.free(begin(cpu, insn), i, false);
            case 1 -> X87.exchange(begin(cpu, insn), i);
            case 2 -> X87.storeRegister(begin(cpu, insn), i, false);
            case 3 -> X87.storeRegister(begin(cpu, insn), i, true);
            case 4 -> X87.compare(begin(cpu, insn), i, true, 0);
            case 5 -> X87.compare(begin(cpu, insn), i, true, 1);
            default -> throw undefined(cpu);
        }
    }

    private static void popping(Cpu cpu, Insn insn) {
        int i = insn.modrm & 7;
        switch (insn.modrm >> 3 & 7) {
            case 0 -> X87.free(begin(cpu, insn), i, true);
            case 1 -> X87.exchange(begin(cpu, insn), i);
            case 2, 3 -> X87.storeRegister(begin(cpu, insn), i, true);
            case 4 -> {
                if (i != 0) {
                    throw undefined(cpu);
                }
                cpu.r[Cpu.RAX] = cpu.r[Cpu.RAX] & ~0xFFFFL | cpu.fpu.statusWord();
            }
            case 5 -> compareToFlags(cpu, insn, true, true);
            case 6 -> compareToFlags(cpu, insn, false, true);
            default -> throw undefined(cpu);
        }
    }
}

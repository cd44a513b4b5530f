package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.setRegister;

import jkvm.soft.mmu.GuestException;

/** Decimal adjustment (SDM volume 2: AAA to AAS, DAA, DAS). Flags that are undefined there: see the comments. */
final class DecimalOps {
    private DecimalOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.DAA -> packed(cpu, false);
            case Op.DAS -> packed(cpu, true);
            case Op.AAA -> unpacked(cpu, 1);
            case Op.AAS -> unpacked(cpu, -1);
            case Op.AAM -> {
                int divisor = (int) in.imm;
                if (divisor == 0) {
                    throw cpu.fault.of(GuestException.DE);
                }
                int al = (int) cpu.r[Cpu.RAX] & 0xFF;
                setRegister(cpu, Cpu.RAX, 2, al / divisor << 8 | al % divisor);
                // OF, AF and CF are undefined: cleared.
                Flags.setMisc(cpu, 0, (byte) (al % divisor));
            }
            default -> {
                int ax = (int) cpu.r[Cpu.RAX];
                int al = (ax & 0xFF) + (ax >> 8 & 0xFF) * (int) in.imm & 0xFF;
                setRegister(cpu, Cpu.RAX, 2, al);
                Flags.setMisc(cpu, 0, (byte) al);
            }
        }
    }

    /** DAA and DAS: OF is undefined, cleared. */
    private static void packed(Cpu cpu, boolean subtract) {
        int flags = Flags.arithmetic(cpu);
        int al = (int) cpu.r[Cpu.RAX] & 0xFF;
        int old = al;
        boolean carry = false;
        int newFlags = 0;
        if ((al & 15) > 9 || (flags & Cpu.AF) != 0) {
            carry = (flags & Cpu.CF) != 0 || (subtract ? al < 6 : al > 0xF9);
            al = al + (subtract ? -6 : 6) & 0xFF;
            newFlags |= Cpu.AF;
        }
        if (old > 0x99 || (flags & Cpu.CF) != 0) {
            al = al + (subtract ? -0x60 : 0x60) & 0xFF;
            carry = true;
        }
        setRegister(cpu, Cpu.RAX, 1, al);
        Flags.setMisc(cpu, newFlags | (carry ? Cpu.CF : 0), (byte) al);
    }

    /** AAA and AAS: OF is cleared, SF, ZF and PF go by the result. */
    private static void unpacked(Cpu cpu, int sign) {
        int flags = Flags.arithmetic(cpu);
        int ax = (int) cpu.r[Cpu.RAX] & 0xFFFF;
        int newFlags = 0;
        if ((ax & 15) > 9 || (flags & Cpu.AF) != 0) {
            ax += sign * 0x106;
            newFlags = Cpu.AF | Cpu.CF;
        }
        ax &= 0xFF0F;
        setRegister(cpu, Cpu.RAX, 2, ax);
        Flags.setMisc(cpu, newFlags, (byte) ax);
    }
}

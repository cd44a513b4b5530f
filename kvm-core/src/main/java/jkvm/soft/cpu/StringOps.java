package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.load;
import static jkvm.soft.cpu.Operands.setRegister;
import static jkvm.soft.cpu.Operands.sign;
import static jkvm.soft.cpu.Operands.store;

import jkvm.soft.mmu.Interruption;
import jkvm.soft.mmu.Mmu;

/**
 * String instructions, with and without repetition. Each item changes the registers when it is complete, so that a
 * fault or an exit between two items leaves a state that the instruction goes on from. A repetition is left after some
 * thousand items, with RIP at the instruction, for the loop to look for interrupts.
 */
final class StringOps {
    private static final int MAX_ITEMS = 4096;
    /** Fewer items than this are not worth the look at the TLB. */
    private static final int MIN_BULK = 2;

    private StringOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        if ((in.prefixes & (Insn.REP | Insn.REPNE)) == 0) {
            if (in.op == Op.INS || in.op == Op.OUTS) {
                port(cpu, in, 1);
            } else {
                item(cpu, in);
            }
            return;
        }
        long count = cpu.r[Cpu.RCX] & in.addressMask;
        if (count == 0) {
            if (in.op == Op.INS || in.op == Op.OUTS) {
                PortOps.check(cpu, (int) cpu.r[Cpu.RDX] & 0xFFFF, Math.min(in.size, 4));
            }
            return;
        }
        if (in.op == Op.INS || in.op == Op.OUTS) {
            repeatPort(cpu, in, count);
            return;
        }
        boolean alone = cpu.mmu.single || (cpu.systemFlags & Cpu.TF) != 0 || (cpu.guestDebug & Cpu.USER_STEPS) != 0;
        if (cpu.counts) {
            repeatCounted(cpu, in, count, alone ? 1 : MAX_ITEMS);
        } else {
            repeat(cpu, in, count, alone ? 1 : MAX_ITEMS);
        }
    }

    /** Each item counts as an instruction; the last one of this pass is counted by who executes it. */
    private static void repeatCounted(Cpu cpu, Insn in, long count, int items) {
        if (!cpu.alone) {
            throw Interruption.COUNTED;
        }
        long allowed = Math.clamp(cpu.countLimit - cpu.instructions, 1, items);
        boolean finished = false;
        try {
            repeat(cpu, in, count, (int) allowed);
            finished = true;
        } finally {
            long done = count - (cpu.r[Cpu.RCX] & in.addressMask);
            cpu.instructions += finished ? done - 1 : done;
        }
    }

    private static void repeat(Cpu cpu, Insn in, long count, int items) {
        boolean compares = in.op == Op.CMPS || in.op == Op.SCAS;
        boolean whileEqual = (in.prefixes & Insn.REP) != 0;
        int left = items;
        while (count != 0) {
            if (left <= 0) {
                cpu.rip = in.pc;
                return;
            }
            int bulk = compares || items == 1 ? 0 : bulk(cpu, in, cpu.counts ? Math.min(count, left) : count);
            if (bulk > 0) {
                count -= bulk;
                left -= cpu.counts ? bulk : 1 + (bulk >> 3);
                setRegister(cpu, Cpu.RCX, in.addressSize, count);
                continue;
            }
            item(cpu, in);
            count--;
            left--;
            setRegister(cpu, Cpu.RCX, in.addressSize, count);
            if (compares && (cpu.flagResult == 0) != whileEqual) {
                return;
            }
        }
    }

    private static long source(Cpu cpu, Insn in, int size) {
        long offset = cpu.r[Cpu.RSI] & in.addressMask;
        return in.segment < 0 ? offset : Segments.linear(cpu, in.segment, offset, size, false);
    }

    private static long destination(Cpu cpu, Insn in, int size, boolean write) {
        long offset = cpu.r[Cpu.RDI] & in.addressMask;
        return (cpu.mode & (CpuMode.CODE_64 | CpuMode.FLAT_DATA)) != 0 ? offset
                : Segments.linear(cpu, Segment.ES, offset, size, write);
    }

    private static void advance(Cpu cpu, Insn in, int register, long bytes) {
        long step = (cpu.systemFlags & Cpu.DF) != 0 ? -bytes : bytes;
        setRegister(cpu, register, in.addressSize, cpu.r[register] + step);
    }

    private static void item(Cpu cpu, Insn in) {
        int size = in.size;
        Mmu mmu = cpu.mmu;
        switch (in.op) {
            case Op.MOVS -> {
                long value = load(mmu, source(cpu, in, size), size);
                store(mmu, destination(cpu, in, size, true), size, value);
                advance(cpu, in, Cpu.RSI, size);
                advance(cpu, in, Cpu.RDI, size);
            }
            case Op.STOS -> {
                store(mmu, destination(cpu, in, size, true), size, cpu.r[Cpu.RAX]);
                advance(cpu, in, Cpu.RDI, size);
            }
            case Op.LODS -> {
                setRegister(cpu, Cpu.RAX, size, load(mmu, source(cpu, in, size), size));
                advance(cpu, in, Cpu.RSI, size);
            }
            case Op.CMPS -> {
                // ES:(E)DI first: seen where both fault (Intel family 6)
                long y = sign(load(mmu, destination(cpu, in, size, false), size), size);
                long x = sign(load(mmu, source(cpu, in, size), size), size);
                advance(cpu, in, Cpu.RSI, size);
                advance(cpu, in, Cpu.RDI, size);
                Flags.set(cpu, Flags.SUB, x, y, sign(x - y, size));
            }
            default -> {
                long x = sign(cpu.r[Cpu.RAX], size);
                long y = sign(load(mmu, destination(cpu, in, size, false), size), size);
                advance(cpu, in, Cpu.RDI, size);
                Flags.set(cpu, Flags.SUB, x, y, sign(x - y, size));
            }
        }
    }

    /**
     * Moves or fills many items inside one page of plain RAM.
     *
     * @return how many; 0 where that cannot be done
     */
    private static int bulk(Cpu cpu, Insn in, long count) {
        if ((cpu.systemFlags & Cpu.DF) != 0 || in.op == Op.LODS || count < MIN_BULK) {
            return 0;
        }
        int size = in.size;
        long to = cpu.r[Cpu.RDI] & in.addressMask;
        int bytes = (int) Math.min(count, MAX_ITEMS) * size;
        bytes = Math.min(bytes, CodePage.SIZE - (int) (to & 0xFFF));
        boolean flat = (cpu.mode & (CpuMode.CODE_64 | CpuMode.FLAT_DATA)) != 0;
        long destination = flat ? to : linear(cpu, Segment.ES, to, bytes, size, true, in.addressMask);
        if (in.op == Op.STOS) {
            bytes = destination < 0 && !flat ? 0 : cpu.mmu.fillPlain(destination, size, cpu.r[Cpu.RAX], bytes);
        } else {
            long from = cpu.r[Cpu.RSI] & in.addressMask;
            bytes = Math.min(bytes, CodePage.SIZE - (int) (from & 0xFFF));
            long source = in.segment < 0 ? from : linear(cpu, in.segment, from, bytes, size, false, in.addressMask);
            boolean slow = destination < 0 && !flat || source < 0 && in.segment >= 0 && !CpuMode.is64(cpu);
            bytes = slow ? 0 : cpu.mmu.copyPlain(destination, source, size, bytes);
            advance(cpu, in, Cpu.RSI, bytes);
        }
        advance(cpu, in, Cpu.RDI, bytes);
        return bytes / size;
    }

    /** The linear address of many items in a segment, or -1 where one of them could fault. */
    private static long linear(Cpu cpu, int segment, long offset, int bytes, int size, boolean write, long mask) {
        if (CpuMode.is64(cpu)) {
            return Segments.linear(cpu, segment, offset, size, write);
        }
        Segment s = cpu.segments[segment];
        boolean whole = bytes > 0 && offset + bytes - 1 <= mask && Segments.isAccessible(s, offset, bytes)
                && Segments.isAllowed(cpu, s, write);
        return whole ? Segments.linear(cpu, segment, offset, size, write) : -1;
    }

    /** RIP leaves the instruction when its count is zero; after an exit of OUTS only when it is looked at again. */
    private static void repeatPort(Cpu cpu, Insn in, long count) {
        port(cpu, in, count);
        if ((cpu.r[Cpu.RCX] & in.addressMask) != 0 || cpu.exit == ExitCause.COMPLETED) {
            cpu.rip = in.pc;
        }
    }

    /** Transfers what can be transferred now, at least one item or nothing. */
    private static void port(Cpu cpu, Insn in, long count) {
        int size = Math.min(in.size, 4);
        int port = (int) cpu.r[Cpu.RDX] & 0xFFFF;
        PortOps.check(cpu, port, size);
        if (in.op == Op.OUTS) {
            long value = load(cpu.mmu, source(cpu, in, size), size);
            if (cpu.host.portOutString(port, size, value) != CpuHost.DONE) {
                cpu.exit = ExitCause.COMPLETED;
            }
            advance(cpu, in, Cpu.RSI, size);
            countDown(cpu, in);
            return;
        }
        long address = destination(cpu, in, size, true);
        cpu.mmu.probeWrite(address, size);
        int inPage = (int) address & 0xFFF;
        boolean down = (cpu.systemFlags & Cpu.DF) != 0;
        int items = cpu.host.portInString(port, size, count, Math.max(1, down ? inPage : 4096 - inPage));
        if (items == 0) {
            exit(cpu, in);
        }
        for (int i = 0; i < items; i++) {
            store(cpu.mmu, destination(cpu, in, size, true), size, cpu.host.stringInput(i));
            advance(cpu, in, Cpu.RDI, size);
            countDown(cpu, in);
        }
    }

    private static void countDown(Cpu cpu, Insn in) {
        if ((in.prefixes & (Insn.REP | Insn.REPNE)) != 0) {
            setRegister(cpu, Cpu.RCX, in.addressSize, cpu.r[Cpu.RCX] - 1);
        }
    }

    private static void exit(Cpu cpu, Insn in) {
        cpu.exit = ExitCause.USER_SPACE;
        cpu.rip = in.pc;
    }
}

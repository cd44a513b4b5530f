package jkvm.soft.cpu;

import static jkvm.soft.cpu.Operands.setRegister;

import java.lang.invoke.VarHandle;
import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Mmu;

/**
 * IN and OUT. When user space has to answer, the instruction has changed nothing: {@link Cpu#exit} says so and RIP
 * stays at it, without an exception, so that a port exit is cheap.
 */
final class PortOps {
    private static final int IO_MAP_BASE = 0x66;

    private PortOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        int port = in.src >= 0 ? (int) cpu.r[Cpu.RDX] & 0xFFFF : (int) in.imm;
        int size = Math.min(in.size, 4);
        check(cpu, port, size);
        boolean isInput = in.op == Op.IN;
        int answer = isInput ? cpu.host.portIn(port, size)
                : cpu.host.portOut(port, size, Operands.unsigned(cpu.r[Cpu.RAX], size));
        if (answer != CpuHost.DONE) {
            cpu.exit = ExitCause.USER_SPACE;
            cpu.rip = in.pc;
            return;
        }
        if (isInput) {
            setRegister(cpu, Cpu.RAX, size, cpu.transfer);
        }
        // Ports come after all earlier stores, and before all later loads (SDM vol. 3, 10.2.5).
        VarHandle.fullFence();
    }

    /** Permission for a port: by IOPL, else by the bit map of the task state segment (SDM 20.5). */
    static void check(Cpu cpu, int port, int size) {
        boolean isProtected = (cpu.cr0 & Cpu.CR0_PE) != 0;
        int ioPrivilege = (cpu.systemFlags & Cpu.IOPL) >> 12;
        if (isProtected && (cpu.cpl > ioPrivilege || (cpu.systemFlags & Cpu.VM) != 0)) {
            checkMap(cpu, port, size);
        }
    }

    private static void checkMap(Cpu cpu, int port, int size) {
        Segment task = cpu.segments[Segment.TR];
        boolean is32 = (task.type() & 9) == 9;
        if (task.unusable || !is32 || task.limit < IO_MAP_BASE + 1) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
        Mmu mmu = cpu.mmu;
        int context = mmu.context;
        long bits;
        mmu.context = Mmu.SUPERVISOR_OVER_USER;
        try {
            long offset = mmu.load16(task.base + IO_MAP_BASE) + (port >> 3);
            if (offset + 1 > task.limit) {
                throw cpu.fault.of(GuestException.GP, 0);
            }
            bits = mmu.load16(task.base + offset) >> (port & 7);
        } finally {
            mmu.context = context;
        }
        if ((bits & (1L << size) - 1) != 0) {
            throw cpu.fault.of(GuestException.GP, 0);
        }
    }
}

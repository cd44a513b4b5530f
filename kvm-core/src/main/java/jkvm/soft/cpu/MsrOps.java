package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.GP;

import jkvm.soft.mmu.Interruption;

/** RDMSR, WRMSR and the instructions that read the time stamp counter and its kin. */
final class MsrOps {
    private MsrOps() {
    }

    static void execute(Cpu cpu, Insn in) {
        switch (in.op) {
            case Op.RDMSR -> read(cpu);
            case Op.WRMSR -> write(cpu);
            case Op.RDTSC, Op.RDTSCP -> {
                requireAllowed(cpu, Cpu.CR4_TSD, false);
                pair(cpu, cpu.host.timeStamp());
                if (in.op == Op.RDTSCP) {
                    cpu.r[Cpu.RCX] = cpu.tscAux;
                }
            }
            case Op.RDPID -> cpu.r[in.rm] = cpu.tscAux;
            default -> {
                // There are four performance counters, as on each AMD processor, and they do not count.
                requireAllowed(cpu, Cpu.CR4_PCE, true);
                if ((cpu.r[Cpu.RCX] & 0xFFFFFFFFL) > 3) {
                    throw cpu.fault.of(GP, 0);
                }
                pair(cpu, 0);
            }
        }
    }

    /** #GP above privilege level 0 if the bit of CR4 is not as it must be. */
    private static void requireAllowed(Cpu cpu, long bit, boolean set) {
        if (cpu.cpl != 0 && (cpu.cr4 & bit) != 0 != set) {
            throw cpu.fault.of(GP, 0);
        }
    }

    private static void pair(Cpu cpu, long value) {
        cpu.r[Cpu.RAX] = value & 0xFFFFFFFFL;
        cpu.r[Cpu.RDX] = value >>> 32;
    }

    private static void read(Cpu cpu) {
        SystemOps.requirePrivilege(cpu);
        int index = (int) cpu.r[Cpu.RCX];
        boolean filtered = cpu.host.filtersMsrs();
        int result = filtered ? cpu.host.readMsr(index) : CpuHost.UNKNOWN;
        if (result == CpuHost.UNKNOWN) {
            result = cpu.msrs.read(index);
        }
        if (result == CpuHost.UNKNOWN && !filtered) {
            result = cpu.host.readMsr(index);
        }
        check(cpu, result, index, false, 0);
        pair(cpu, cpu.transfer);
    }

    private static void write(Cpu cpu) {
        SystemOps.requirePrivilege(cpu);
        int index = (int) cpu.r[Cpu.RCX];
        long value = cpu.r[Cpu.RAX] & 0xFFFFFFFFL | cpu.r[Cpu.RDX] << 32;
        boolean filtered = cpu.host.filtersMsrs();
        int result = filtered ? cpu.host.writeMsr(index, value) : CpuHost.UNKNOWN;
        if (result == CpuHost.UNKNOWN) {
            result = cpu.msrs.write(index, value, false);
        }
        if (result == CpuHost.UNKNOWN && !filtered) {
            result = cpu.host.writeMsr(index, value);
        }
        check(cpu, result, index, true, value);
    }

    private static void check(Cpu cpu, int result, int index, boolean write, long value) {
        if (result == CpuHost.UNKNOWN || result == CpuHost.FAULT) {
            result = cpu.host.refuseMsr(index, write, value, result == CpuHost.UNKNOWN);
        }
        if (result == CpuHost.EXIT) {
            throw Interruption.EXIT;
        }
        if (result != CpuHost.DONE) {
            throw cpu.fault.of(GP, 0);
        }
    }
}

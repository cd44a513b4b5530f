package jkvm.soft.kvm;

import jkvm.abi.KvmMsrs;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.CpuHost;
import jkvm.soft.irqchip.Lapic;

/**
 * Model-specific registers of a vCPU that the processor does not hold itself: time, APIC, machine checks, KVM's own. On
 * the vCPU's thread.
 */
final class VcpuMsrs {
    /** Reasons for which an access goes to user space: bits of KVM_CAP_X86_USER_SPACE_MSR. */
    static final int INVALID = 1, UNKNOWN = 2, FILTERED = 4;
    static final int TSC = 0x10, APIC_BASE = 0x1B, TSC_ADJUST = 0x3B, TSC_DEADLINE = 0x6E0;
    /** KVM's registers ({@code Documentation/virt/kvm/x86/msr.rst}), and the first numbers of the first two. */
    static final int WALL_CLOCK = 0x4B564D00, SYSTEM_TIME = 0x4B564D01, ASYNC_PF = 0x4B564D02,
            STEAL_TIME = 0x4B564D03, PV_EOI = 0x4B564D04, POLL_CONTROL = 0x4B564D05, OLD_WALL_CLOCK = 0x11,
            OLD_SYSTEM_TIME = 0x12;

    private final SoftVcpu vcpu;
    private final Cpu cpu;
    private final Lapic lapic;
    private final KvmClock clock;
    private final MachineChecks machineChecks = new MachineChecks();
    private final long[] result = new long[1];
    private long pollControl = 1;
    private long pvEoi;

    VcpuMsrs(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.cpu = vcpu.cpu();
        this.lapic = vcpu.lapic();
        this.clock = vcpu.kvmClock();
    }

    MachineChecks machineChecks() {
        return machineChecks;
    }

    /** Answers as {@link CpuHost#readMsr}, the value in the processor's transfer register. */
    int read(int index) {
        switch (index) {
            case TSC -> cpu.transfer = vcpu.tsc().read();
            case TSC_ADJUST -> cpu.transfer = vcpu.tsc().adjustment();
            case APIC_BASE -> cpu.transfer = vcpu.apicBase();
            case TSC_DEADLINE -> cpu.transfer = lapic == null ? 0 : lapic.tscDeadline();
            case WALL_CLOCK, OLD_WALL_CLOCK -> cpu.transfer = clock.wallClockMsr();
            case SYSTEM_TIME, OLD_SYSTEM_TIME -> cpu.transfer = clock.systemTimeMsr();
            case ASYNC_PF, STEAL_TIME -> cpu.transfer = 0;
            case PV_EOI -> cpu.transfer = pvEoi;
            case POLL_CONTROL -> cpu.transfer = pollControl;
            default -> {
                return readOther(index);
            }
        }
        return CpuHost.DONE;
    }

    private int readOther(int index) {
        if (machineChecks.has(index)) {
            cpu.transfer = machineChecks.read(index);
            return CpuHost.DONE;
        }
        if (!Lapic.isX2ApicMsr(index)) {
            return CpuHost.UNKNOWN;
        }
        if (lapic == null || !lapic.readMsr(index, result)) {
            return CpuHost.FAULT;
        }
        cpu.transfer = result[0];
        return CpuHost.DONE;
    }

    /**
     * Answers as {@link CpuHost#writeMsr}.
     *
     * @param byUser user space restores a state
     */
    int write(int index, long value, boolean byUser) {
        switch (index) {
            case TSC -> {
                if (byUser) {
                    vcpu.tsc().setByUser(value);
                } else {
                    vcpu.tsc().write(value);
                }
                clock.request();
            }
            case TSC_ADJUST -> {
                vcpu.tsc().adjust(value, byUser);
                clock.request();
            }
            case APIC_BASE -> {
                return vcpu.apicBase(value, !byUser) ? CpuHost.DONE : CpuHost.FAULT;
            }
            case TSC_DEADLINE -> {
                if (lapic != null) {
                    lapic.setTscDeadline(value);
                }
            }
            case WALL_CLOCK, OLD_WALL_CLOCK -> clock.setWallClock(value);
            case SYSTEM_TIME, OLD_SYSTEM_TIME -> clock.setSystemTime(value);
            case ASYNC_PF, STEAL_TIME -> {
                return value == 0 ? CpuHost.DONE : CpuHost.FAULT;
            }
            case PV_EOI -> {
                return writePvEoi(value);
            }
            case POLL_CONTROL -> {
                if ((value & ~1) != 0) {
                    return CpuHost.FAULT;
                }
                pollControl = value;
            }
            default -> {
                return writeOther(index, value, byUser);
            }
        }
        return CpuHost.DONE;
    }

    private int writeOther(int index, long value, boolean byUser) {
        if (machineChecks.has(index)) {
            return machineChecks.write(index, value, byUser) ? CpuHost.DONE : CpuHost.FAULT;
        }
        if (!Lapic.isX2ApicMsr(index)) {
            return CpuHost.UNKNOWN;
        }
        return lapic != null && lapic.writeMsr(index, value) ? CpuHost.DONE : CpuHost.FAULT;
    }

    private int writePvEoi(long value) {
        if (lapic == null || (value & 2) != 0) {
            return CpuHost.FAULT;
        }
        pvEoi = value;
        vcpu.pvEoi((value & 1) != 0 ? value & ~3L : -1);
        return CpuHost.DONE;
    }

    /**
     * KVM_GET_MSRS, KVM_SET_MSRS.
     *
     * @return how many were done before the first that cannot be, or a negated errno
     */
    long transfer(long address, boolean write) {
        int count = ProcessMemory.getInt(address + KvmMsrs.NMSRS_OFFSET);
        if (Integer.compareUnsigned(count, MsrLists.MAX_ENTRIES) >= 0) {
            return NegatedErrno.E2BIG;
        }
        long size = KvmMsrs.ENTRIES_OFFSET + count * KvmMsrs.ENTRY_SIZE;
        ProcessMemory memory = vcpu.kvm.hostMemory();
        if (write ? !memory.isReadable(address, size) : !memory.isWritable(address, size)) {
            return NegatedErrno.EFAULT;
        }
        for (int i = 0; i < count; i++) {
            long entry = address + KvmMsrs.ENTRIES_OFFSET + i * KvmMsrs.ENTRY_SIZE;
            int index = ProcessMemory.getInt(entry + KvmMsrs.ENTRY_INDEX_OFFSET);
            long data = entry + KvmMsrs.ENTRY_DATA_OFFSET;
            int done = write ? writeByUser(index, ProcessMemory.getLong(data)) : readByUser(index);
            if (done != CpuHost.DONE) {
                return i;
            }
            if (!write) {
                ProcessMemory.setLong(data, cpu.transfer);
            }
        }
        return count;
    }

    private int readByUser(int index) {
        int answer = read(index);
        return answer == CpuHost.UNKNOWN ? cpu.msrs.read(index) : answer;
    }

    private int writeByUser(int index, long value) {
        int answer = write(index, value, true);
        return answer == CpuHost.UNKNOWN ? cpu.msrs.write(index, value, true) : answer;
    }
}

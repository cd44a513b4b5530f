package jkvm.soft.kvm;

import jkvm.abi.KvmClockData;
import jkvm.work.Clock;

/** The clock that kvmclock guests see: nanoseconds since the VM was made, as its clock counts. */
final class MasterClock {
    private static final int FLAGS = KvmClockData.TSC_STABLE | KvmClockData.REALTIME | KvmClockData.HOST_TSC;

    private final Clock clock;
    private volatile long start;
    /** True once a vCPU ran: from then on the clock is tied to the time stamp counter. */
    private volatile boolean isRunning;

    MasterClock(Clock clock) {
        this.clock = clock;
        this.start = clock.nanos();
    }

    long nanos() {
        return clock.nanos() - start;
    }

    /** The wall clock at the moment when this clock was zero, in nanoseconds since 1970. */
    long bootWallNanos() {
        return clock.wallNanos() - nanos();
    }

    void vcpuRuns() {
        if (!isRunning) {
            isRunning = true;
        }
    }

    /** KVM_GET_CLOCK. */
    long get(long address) {
        ProcessMemory.at(address, KvmClockData.SIZE).fill((byte) 0);
        long host = clock.nanos();
        ProcessMemory.setLong(address + KvmClockData.CLOCK_OFFSET, host - start);
        if (isRunning) {
            ProcessMemory.setInt(address + KvmClockData.FLAGS_OFFSET, FLAGS);
            ProcessMemory.setLong(address + KvmClockData.REALTIME_OFFSET, clock.wallNanos());
            ProcessMemory.setLong(address + KvmClockData.HOST_TSC_OFFSET, host);
        }
        return 0;
    }

    /** KVM_SET_CLOCK. */
    long set(long address) {
        int flags = ProcessMemory.getInt(address + KvmClockData.FLAGS_OFFSET);
        if ((flags & ~FLAGS) != 0) {
            return NegatedErrno.EINVAL;
        }
        long value = ProcessMemory.getLong(address + KvmClockData.CLOCK_OFFSET);
        if ((flags & KvmClockData.REALTIME) != 0) {
            value += Math.max(0, clock.wallNanos() - ProcessMemory.getLong(address + KvmClockData.REALTIME_OFFSET));
        }
        start = clock.nanos() - value;
        return 0;
    }
}

package jkvm.soft.kvm;

import jkvm.abi.KvmClockData;

/** The clock that kvmclock guests see: nanoseconds since the VM was made, as the host's monotonic clock counts. */
final class VmClock {
    private static final int FLAGS = KvmClockData.TSC_STABLE | KvmClockData.REALTIME | KvmClockData.HOST_TSC;
    private static final long NANOS_PER_MILLI = 1_000_000;

    private volatile long start = System.nanoTime();
    /** True once a vCPU ran: from then on the clock is tied to the time stamp counter. */
    private volatile boolean isRunning;

    long nanos() {
        return System.nanoTime() - start;
    }

    /** The wall clock at the moment when this clock was zero, in nanoseconds since 1970. */
    long bootWallNanos() {
        return wallNanos() - nanos();
    }

    private static long wallNanos() {
        return System.currentTimeMillis() * NANOS_PER_MILLI;
    }

    void vcpuRuns() {
        if (!isRunning) {
            isRunning = true;
        }
    }

    /** KVM_GET_CLOCK. */
    long get(long address) {
        HostMemory.at(address, KvmClockData.SIZE).fill((byte) 0);
        long host = System.nanoTime();
        HostMemory.setLong(address + KvmClockData.CLOCK_OFFSET, host - start);
        if (isRunning) {
            HostMemory.setInt(address + KvmClockData.FLAGS_OFFSET, FLAGS);
            HostMemory.setLong(address + KvmClockData.REALTIME_OFFSET, wallNanos());
            HostMemory.setLong(address + KvmClockData.HOST_TSC_OFFSET, host);
        }
        return 0;
    }

    /** KVM_SET_CLOCK. */
    long set(long address) {
        int flags = HostMemory.getInt(address + KvmClockData.FLAGS_OFFSET);
        if ((flags & ~FLAGS) != 0) {
            return Failure.EINVAL;
        }
        long clock = HostMemory.getLong(address + KvmClockData.CLOCK_OFFSET);
        if ((flags & KvmClockData.REALTIME) != 0) {
            clock += Math.max(0, wallNanos() - HostMemory.getLong(address + KvmClockData.REALTIME_OFFSET));
        }
        start = System.nanoTime() - clock;
        return 0;
    }
}

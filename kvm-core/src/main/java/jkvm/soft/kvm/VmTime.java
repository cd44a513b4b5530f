package jkvm.soft.kvm;

import jkvm.work.Clock;

/**
 * The time stamp counters of a VM's vCPUs. The host's counter is its monotonic clock, at 1 GHz: constant, and the same
 * on all processors. A guest's counter is that one scaled to the guest's frequency, plus an offset.
 */
final class VmTime {
    /** The host's frequency, and the guest's unless it is set. */
    static final int HOST_KHZ = 1_000_000;
    private static final long HZ_PER_KHZ = 1000;

    private final Clock clock;
    private int defaultKhz = HOST_KHZ;
    /** The last value that user space gave a counter, when, at which frequency, and the offset that it led to. */
    private long lastValue, lastMoment, lastOffset;
    private int lastKhz = HOST_KHZ;

    VmTime(Clock clock) {
        this.clock = clock;
        this.lastMoment = hostTsc();
        this.lastOffset = -lastMoment;
    }

    long hostTsc() {
        return clock.nanos();
    }

    /** A moment of the host's counter on one of {@code khz}. */
    static long scale(long hostTsc, int khz) {
        return khz == HOST_KHZ ? hostTsc : hostTsc / HOST_KHZ * khz + hostTsc % HOST_KHZ * khz / HOST_KHZ;
    }

    /** The inverse of {@link #scale}: ticks of a counter as ticks of the host's. */
    static long unscale(long ticks, int khz) {
        return khz == HOST_KHZ ? ticks : ticks / khz * HOST_KHZ + ticks % khz * HOST_KHZ / khz;
    }

    synchronized int defaultKhz() {
        return defaultKhz;
    }

    /** KVM_SET_TSC_KHZ of the VM: what vCPUs that are made later begin with; zero for the host's frequency. */
    synchronized long setDefaultKhz(long khz) {
        if ((int) khz < 0) {
            return NegatedErrno.EINVAL;
        }
        defaultKhz = (int) khz == 0 ? HOST_KHZ : (int) khz;
        return 0;
    }

    /**
     * The offset for a counter that is to have a value now. User space that writes all vCPUs' counters one after the
     * other means them to agree: a value within a second of what the last one has become gets the same offset.
     */
    synchronized long offsetFor(long value, int khz) {
        long now = hostTsc();
        long expected = lastValue + scale(now - lastMoment, khz);
        long second = khz * HZ_PER_KHZ;
        boolean same = khz == lastKhz && (value == 0 || value < expected + second && value + second > expected);
        lastValue = value;
        lastMoment = now;
        lastKhz = khz;
        if (!same || value != 0 && lastOffset == 0) {
            lastOffset = value - scale(now, khz);
        }
        return lastOffset;
    }
}

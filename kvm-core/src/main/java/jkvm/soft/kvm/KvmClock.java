package jkvm.soft.kvm;

/**
 * kvmclock of one vCPU: a structure in the guest's memory from which it computes the time by its time stamp counter
 * ({@code Documentation/virt/kvm/x86/timekeeping.rst}). The counter is constant, so that the structure has to be
 * written only when the guest asks for it or when the counter or the clock is set. Written on the vCPU's thread, inside
 * the guest; any thread may ask for it.
 */
final class KvmClock {
    /** {@code struct pvclock_vcpu_time_info}. */
    private static final int TSC_OFFSET = 8, TIME_OFFSET = 16, MULTIPLIER_OFFSET = 24, SHIFT_OFFSET = 28,
            FLAGS_OFFSET = 29, INFO_SIZE = 32;
    /** {@code struct pvclock_wall_clock}. */
    private static final int SECONDS_OFFSET = 4, NANOS_OFFSET = 8, WALL_SIZE = 12;
    private static final int TSC_STABLE = 1, GUEST_STOPPED = 2;
    private static final long NANOS_PER_SECOND = 1_000_000_000, HZ_PER_KHZ = 1000;

    private final SoftVcpu vcpu;
    private long wallClockMsr;
    private volatile long systemTimeMsr;
    private volatile boolean requested;
    private boolean wallRequested;
    private boolean wasStopped;
    private int version;

    KvmClock(SoftVcpu vcpu) {
        this.vcpu = vcpu;
    }

    long wallClockMsr() {
        return wallClockMsr;
    }

    long systemTimeMsr() {
        return systemTimeMsr;
    }

    void setWallClock(long value) {
        wallClockMsr = value;
        // Zero asks for nothing, in the kernel too: it is what a state of a guest without kvmclock is restored to.
        wallRequested = value != 0;
        request();
    }

    void setSystemTime(long value) {
        systemTimeMsr = value;
        request();
    }

    /** Asks for the structure to be written before the guest goes on. */
    void request() {
        requested = true;
        vcpu.cpu().raiseAttention();
    }

    boolean isRequested() {
        return requested;
    }

    private boolean isEnabled() {
        return (systemTimeMsr & 1) != 0;
    }

    /** KVM_KVMCLOCK_CTRL: tells the guest that it was stopped. */
    long markStopped() {
        if (!isEnabled()) {
            return NegatedErrno.EINVAL;
        }
        wasStopped = true;
        request();
        return 0;
    }

    /** Writes what was asked for. An address where the guest has no memory is the guest's mistake. */
    void update() {
        requested = false;
        if (wallRequested) {
            wallRequested = false;
            writeWallClock();
        }
        if (isEnabled()) {
            writeSystemTime();
        }
    }

    private long place(long gpa, int size) {
        if ((gpa & ProcessMemory.PAGE - 1) > ProcessMemory.PAGE - size) {
            return 0;
        }
        long page = vcpu.bus().ownPage(gpa);
        return page == 0 ? 0 : page + (gpa & ProcessMemory.PAGE - 1);
    }

    private void writeSystemTime() {
        long address = place(systemTimeMsr & ~1L, INFO_SIZE);
        if (address == 0) {
            return;
        }
        version = (Math.max(version, ProcessMemory.getInt(address)) | 1) + 1;
        ProcessMemory.setIntRelease(address, version - 1);
        ProcessMemory.setLong(address + TSC_OFFSET, vcpu.tsc().read());
        ProcessMemory.setLong(address + TIME_OFFSET, vcpu.vm().clock().nanos());
        writeScale(address, vcpu.tsc().khz() * HZ_PER_KHZ);
        int flags = ProcessMemory.getByte(address + FLAGS_OFFSET) & GUEST_STOPPED;
        ProcessMemory.setByte(address + FLAGS_OFFSET, TSC_STABLE | flags | (wasStopped ? GUEST_STOPPED : 0));
        wasStopped = false;
        ProcessMemory.setIntRelease(address, version);
    }

    /** nanoseconds = (ticks << shift) * multiplier >> 32, with as many significant bits as the multiplier has. */
    private static void writeScale(long address, long hertz) {
        int shift = 0;
        long ticks = hertz;
        long nanos = NANOS_PER_SECOND;
        while (ticks > 2 * nanos || ticks >>> 32 != 0) {
            ticks >>>= 1;
            shift--;
        }
        while (ticks <= nanos) {
            if ((ticks & 0x8000_0000L) != 0) {
                nanos >>>= 1;
            } else {
                ticks <<= 1;
            }
            shift++;
        }
        ProcessMemory.setInt(address + MULTIPLIER_OFFSET, (int) ((nanos << 32) / ticks));
        ProcessMemory.setByte(address + SHIFT_OFFSET, shift);
    }

    private void writeWallClock() {
        long address = place(wallClockMsr, WALL_SIZE);
        if (address == 0) {
            return;
        }
        int next = (ProcessMemory.getInt(address) | 1) + 1;
        long boot = vcpu.vm().clock().bootWallNanos();
        ProcessMemory.setIntRelease(address, next - 1);
        ProcessMemory.setInt(address + SECONDS_OFFSET, (int) (boot / NANOS_PER_SECOND));
        ProcessMemory.setInt(address + NANOS_OFFSET, (int) (boot % NANOS_PER_SECOND));
        ProcessMemory.setIntRelease(address, next);
    }
}

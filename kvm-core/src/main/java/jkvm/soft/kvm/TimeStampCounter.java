package jkvm.soft.kvm;

/** One vCPU's time stamp counter (SDM 18.17). Set on its thread or while it is outside KVM_RUN; any thread may read. */
final class TimeStampCounter {
    private final VmTime time;
    private volatile int khz;
    private volatile long offset;
    /** IA32_TSC_ADJUST: what the guest has added to the counter. */
    private long adjustment;

    TimeStampCounter(VmTime time) {
        this.time = time;
        this.khz = time.defaultKhz();
        this.offset = time.offsetFor(0, khz);
    }

    long read() {
        return VmTime.scale(time.hostTsc(), khz) + offset;
    }

    /** When the counter reaches a value, in nanoseconds of the clock that it follows. */
    long nanosAt(long value) {
        return VmTime.unscale(value - offset, khz);
    }

    int khz() {
        return khz;
    }

    /** KVM_SET_TSC_KHZ: the counter goes on from where it is. Zero for the default. */
    long setKhz(long wanted) {
        if ((int) wanted < 0) {
            return NegatedErrno.EINVAL;
        }
        long now = read();
        khz = (int) wanted == 0 ? time.defaultKhz() : (int) wanted;
        offset = now - VmTime.scale(time.hostTsc(), khz);
        return 0;
    }

    long offset() {
        return offset;
    }

    void offset(long value) {
        offset = value;
    }

    /** Written by user space. */
    void setByUser(long value) {
        offset = time.offsetFor(value, khz);
    }

    /** WRMSR of the counter. */
    void write(long value) {
        long difference = value - read();
        offset += difference;
        adjustment += difference;
    }

    long adjustment() {
        return adjustment;
    }

    /** WRMSR of IA32_TSC_ADJUST moves the counter; user space only stores it. */
    void adjust(long value, boolean byUser) {
        if (!byUser) {
            offset += value - adjustment;
        }
        adjustment = value;
    }
}

package jkvm.device.platform;

import jkvm.bus.IrqLine;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/** One timer of an {@link Hpet}, whose lock guards it. */
final class HpetTimer {
    static final int LEVEL_BIT = 1 << 1;
    static final int ENABLE_BIT = 1 << 2;
    static final int PERIODIC_BIT = 1 << 3;
    static final int SET_VALUE_BIT = 1 << 6;
    static final int NARROW_BIT = 1 << 8;
    static final int COMPARATOR_OFFSET = 8;

    /** Can be periodic, has 64 bits, and reaches input 2 of the IOAPIC. */
    private static final long CAPABILITIES = 1L << 2 + 32 | 1 << 4 | 1 << 5;
    private static final int WRITABLE = LEVEL_BIT | ENABLE_BIT | PERIODIC_BIT | SET_VALUE_BIT | NARROW_BIT | 0x1F << 9;
    private static final long NARROW_MASK = 0xFFFF_FFFFL;

    private final Hpet hpet;
    private final VmClock clock;
    private final int mask;
    private final IrqLine legacyLine;
    private final IrqLine ownLine;
    private final VmClock.Timer timer;
    private IrqLine line;
    private int configuration;
    private long comparator = -1;
    private long period;
    /** The timer is armed for the moment at which a counter of 32 bits begins anew, and not for the comparator. */
    private boolean isForWrap;
    private long lastInterrupt = Long.MIN_VALUE / 2;

    /** @param mask the timer's bit in the status register */
    HpetTimer(Hpet hpet, VmClock clock, int mask, IrqLine legacyLine, IrqLine ownLine) {
        this.hpet = hpet;
        this.mask = mask;
        this.clock = clock;
        this.legacyLine = legacyLine;
        this.ownLine = ownLine;
        this.line = ownLine;
        this.timer = clock.newTimer(this::due);
    }

    long register(int offset) {
        return switch (offset) {
            case 0 -> configuration | CAPABILITIES;
            case COMPARATOR_OFFSET -> comparator;
            default -> 0;
        };
    }

    /** @param written the bits that the guest has written */
    void write(int offset, long value, long written) {
        if (offset == 0) {
            configure((int) (configuration & ~written | value) & WRITABLE);
        } else if (offset == COMPARATOR_OFFSET) {
            setComparator(value, isNarrow() ? written & NARROW_MASK : written);
        }
    }

    private void configure(int value) {
        boolean isSwitched = ((configuration ^ value) & ENABLE_BIT) != 0;
        configuration = value;
        if (isNarrow()) {
            comparator &= NARROW_MASK;
            period &= NARROW_MASK;
        }
        if (!isEnabled()) {
            lower();
            disarm();
        } else if (isSwitched) {
            arm();
        }
    }

    /** In periodic mode a write sets the period, and the comparator too where the guest has said so before. */
    private void setComparator(long value, long written) {
        if (!isPeriodic() || (configuration & SET_VALUE_BIT) != 0) {
            comparator = comparator & ~written | value & written;
        }
        if (isPeriodic()) {
            period = (period & ~written | value & written) & (isNarrow() ? NARROW_MASK : -1L) >>> 1;
        }
        configuration &= ~SET_VALUE_BIT;
        arm();
    }

    private boolean isEnabled() {
        return (configuration & ENABLE_BIT) != 0;
    }

    private boolean isPeriodic() {
        return (configuration & PERIODIC_BIT) != 0;
    }

    private boolean isNarrow() {
        return (configuration & NARROW_BIT) != 0;
    }

    void setLegacy(boolean isLegacy) {
        line = isLegacy ? legacyLine : ownLine;
    }

    /** Waits for the comparator, if the counter runs and somebody wants to know. */
    void arm() {
        boolean isUnset = comparator == -1 && !isNarrow();
        if (!hpet.isEnabled() || !isEnabled() || isUnset) {
            timer.cancel();
            return;
        }
        long now = hpet.counter();
        long ticks = isNarrow() ? (int) (comparator - now) : comparator - now;
        ticks = Math.max(ticks, 1);
        long toWrap = NARROW_MASK + 1 - (now & NARROW_MASK);
        isForWrap = isNarrow() && !isPeriodic() && toWrap < ticks;
        timer.arm(Math.max(hpet.timeAfter(isForWrap ? toWrap : ticks), lastInterrupt + Hpet.SHORTEST_NANOS));
    }

    void disarm() {
        timer.cancel();
    }

    private void due() {
        synchronized (hpet) {
            if (!hpet.isEnabled() || !isEnabled()) {
                return;
            }
            lastInterrupt = clock.nanoTime();
            interrupt();
            if (isPeriodic() && period != 0) {
                nextPeriod();
                arm();
            } else if (isForWrap) {
                arm();
            }
        }
    }

    /** The first multiple of the period after now. */
    private void nextPeriod() {
        long now = hpet.counter();
        long passed = isNarrow() ? (int) (now - comparator) : now - comparator;
        comparator += period * (1 + Math.max(passed, 0) / period);
        if (isNarrow()) {
            comparator &= NARROW_MASK;
        }
    }

    private void interrupt() {
        if ((configuration & LEVEL_BIT) != 0) {
            hpet.setStatus(mask);
            line.set(true);
        } else {
            line.set(true);
            line.set(false);
        }
    }

    void lower() {
        line.set(false);
    }

    void reset() {
        configuration = 0;
        comparator = -1;
        period = 0;
        lastInterrupt = Long.MIN_VALUE / 2;
    }

    void save(StateWriter out) {
        out.putInt("timerConfiguration", configuration);
        out.putLong("comparator", comparator);
        out.putLong("period", period);
    }

    void load(StateReader in, boolean isRaised) {
        configuration = in.getInt("timerConfiguration", 0, WRITABLE) & WRITABLE;
        comparator = in.getLong("comparator");
        period = in.getLong("period") & Long.MAX_VALUE;
        lastInterrupt = Long.MIN_VALUE / 2;
        line.set(isRaised);
        arm();
    }
}

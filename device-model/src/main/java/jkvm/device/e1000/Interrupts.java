package jkvm.device.e1000;

import jkvm.bus.IrqLine;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * Interrupt causes, their mask, and the moderation of both kinds: delay timers that hold a cause back (RDTR, RADV,
 * TIDV, TADV), and ITR, which keeps two interrupts apart (manual sections 13.4.17-13.4.21, 3.2.7 and 3.4.3).
 *
 * <p>Its monitor guards all of it and is taken after the device's lock; a vCPU that reads or masks causes waits for
 * no DMA.
 */
final class Interrupts {
    private static final long ITR_UNIT = 256;
    private static final long DELAY_UNIT = 1024;
    private static final long LONG_AGO = Long.MIN_VALUE / 2;
    /** Longer than any interval: what is further away does not matter any more. */
    private static final long LONG_ENOUGH = 1_000_000_000;
    private static final long LONGEST_DELAY = 0xFFFF * DELAY_UNIT;
    private static final long NONE = -1;

    private final VmClock clock;
    private final IrqLine line;
    private final VmClock.Timer throttle;
    private final Delay receive;
    private final Delay transmit;
    private int causes;
    private int mask;
    private boolean level;
    private int interval;
    private long lastInterrupt = LONG_AGO;
    /** When ITR lets the next interrupt through; after a cause that it held back. */
    private long throttledUntil;

    Interrupts(VmClock clock, IrqLine line) {
        this.clock = clock;
        this.line = line;
        throttle = clock.newTimer(this::throttleEnded);
        receive = new Delay(RegisterMap.RXT0_BIT);
        transmit = new Delay(RegisterMap.TXDW_BIT);
    }

    /** A cause that waits: for a time without another event, and at most for a time since the first. */
    private final class Delay {
        private final int cause;
        private final VmClock.Timer timer;
        private int packetDelay;
        private int absoluteDelay;
        private boolean pending;
        private boolean armed;
        private long quietAt;
        private long latestAt;

        Delay(int cause) {
            this.cause = cause;
            timer = clock.newTimer(this::expired);
        }

        void event() {
            if (packetDelay == 0) {
                fire();
                return;
            }
            long now = clock.nanoTime();
            if (!pending) {
                latestAt = absoluteDelay == 0 ? Long.MAX_VALUE : now + absoluteDelay * DELAY_UNIT;
            }
            pending = true;
            quietAt = now + packetDelay * DELAY_UNIT;
            // Later events only move the deadline, which is looked at when the timer fires.
            if (!armed) {
                armed = true;
                timer.arm(Math.min(quietAt, latestAt));
            }
        }

        private void expired() {
            synchronized (Interrupts.this) {
                armed = false;
                if (!pending) {
                    return;
                }
                long deadline = Math.min(quietAt, latestAt);
                if (clock.nanoTime() < deadline) {
                    armed = true;
                    timer.arm(deadline);
                } else {
                    fire();
                }
            }
        }

        void fire() {
            pending = false;
            raise(cause);
        }

        void flush() {
            if (pending) {
                fire();
            }
        }

        void reset() {
            packetDelay = 0;
            absoluteDelay = 0;
            pending = false;
            armed = false;
            timer.cancel();
        }

        void save(StateWriter out) {
            out.putInt("packet-delay", packetDelay);
            out.putInt("absolute-delay", absoluteDelay);
            out.putBoolean("pending", pending);
            long now = clock.nanoTime();
            out.putLong("quiet-left", pending ? Math.max(0, quietAt - now) : 0);
            out.putLong("latest-left", !pending || latestAt == Long.MAX_VALUE ? NONE : Math.max(0, latestAt - now));
        }

        void load(StateReader in) {
            reset();
            packetDelay = in.getInt("packet-delay", 0, 0xFFFF);
            absoluteDelay = in.getInt("absolute-delay", 0, 0xFFFF);
            pending = in.getBoolean("pending");
            long now = clock.nanoTime();
            quietAt = now + Math.clamp(in.getLong("quiet-left"), 0, LONGEST_DELAY);
            long latestLeft = in.getLong("latest-left");
            latestAt = latestLeft < 0 ? Long.MAX_VALUE : now + Math.min(latestLeft, LONGEST_DELAY);
            if (pending) {
                armed = true;
                timer.arm(Math.min(quietAt, latestAt));
            }
        }
    }

    /** Something happened that interrupts at once where the mask lets it. */
    synchronized void raise(int newCauses) {
        if (newCauses != 0) {
            causes |= newCauses & RegisterMap.CAUSES_MASK;
            update();
        }
    }

    /** A packet was stored. */
    synchronized void received() {
        receive.event();
    }

    /**
     * Descriptors were written back.
     *
     * @param delayed the driver lets the interrupt wait
     */
    synchronized void transmitted(boolean delayed) {
        if (delayed) {
            transmit.event();
        } else {
            transmit.fire();
        }
    }

    /** ICR: reads and clears. */
    synchronized int readCauses() {
        int value = causes;
        causes = 0;
        update();
        return value;
    }

    /** ICS: reads. */
    synchronized int causes() {
        return causes;
    }

    /** ICR written: a one clears. */
    synchronized void clear(int bits) {
        causes &= ~bits;
        update();
    }

    synchronized int mask() {
        return mask;
    }

    synchronized void enable(int bits) {
        mask |= bits & RegisterMap.CAUSES_MASK;
        update();
    }

    synchronized void disable(int bits) {
        mask &= ~bits;
        update();
    }

    private void update() {
        if ((causes & mask) == 0) {
            setLevel(false);
        } else if (!level) {
            if (interval == 0) {
                setLevel(true);
                return;
            }
            long now = clock.nanoTime();
            long allowed = lastInterrupt + interval * ITR_UNIT;
            if (now >= allowed) {
                lastInterrupt = now;
                setLevel(true);
            } else {
                throttledUntil = allowed;
                throttle.arm(allowed);
            }
        }
    }

    private synchronized void throttleEnded() {
        update();
    }

    private void setLevel(boolean newLevel) {
        if (level != newLevel) {
            level = newLevel;
            line.set(newLevel);
        }
    }

    /** Reads ITR, RDTR, RADV, TIDV or TADV. */
    synchronized int readModeration(int offset) {
        return switch (offset) {
            case RegisterMap.ITR_OFFSET -> interval;
            case RegisterMap.RDTR_OFFSET -> receive.packetDelay;
            case RegisterMap.RADV_OFFSET -> receive.absoluteDelay;
            case RegisterMap.TIDV_OFFSET -> transmit.packetDelay;
            default -> transmit.absoluteDelay;
        };
    }

    /** Writes ITR, RDTR, RADV, TIDV or TADV. */
    synchronized void writeModeration(int offset, int value) {
        int delay = value & 0xFFFF;
        switch (offset) {
            case RegisterMap.ITR_OFFSET -> interval = delay;
            case RegisterMap.RDTR_OFFSET -> {
                receive.packetDelay = delay;
                if ((value & RegisterMap.RDTR_FPD_BIT) != 0) {
                    receive.flush();
                }
            }
            case RegisterMap.RADV_OFFSET -> receive.absoluteDelay = delay;
            case RegisterMap.TIDV_OFFSET -> transmit.packetDelay = delay;
            default -> transmit.absoluteDelay = delay;
        }
    }

    synchronized void reset() {
        causes = 0;
        mask = 0;
        interval = 0;
        lastInterrupt = LONG_AGO;
        throttle.cancel();
        receive.reset();
        transmit.reset();
        setLevel(false);
    }

    synchronized void save(StateWriter out) {
        long now = clock.nanoTime();
        out.putInt("causes", causes);
        out.putInt("mask", mask);
        out.putInt("interval", interval);
        out.putBoolean("level", level);
        out.putLong("since-interrupt", Math.min(now - lastInterrupt, LONG_ENOUGH));
        out.putLong("throttle-left", isHeldBack() ? Math.max(0, throttledUntil - now) : 0);
        receive.save(out);
        transmit.save(out);
    }

    /** A cause that the mask lets through waits for ITR. */
    private boolean isHeldBack() {
        return !level && (causes & mask) != 0;
    }

    /** Drives the pin as it was; what was held back stays so, for as long as was left. */
    synchronized void load(StateReader in) {
        long now = clock.nanoTime();
        causes = in.getInt("causes", 0, RegisterMap.CAUSES_MASK);
        mask = in.getInt("mask", 0, RegisterMap.CAUSES_MASK);
        interval = in.getInt("interval", 0, 0xFFFF);
        level = in.getBoolean("level") && (causes & mask) != 0;
        lastInterrupt = now - Math.clamp(in.getLong("since-interrupt"), 0, LONG_ENOUGH);
        throttledUntil = now + Math.clamp(in.getLong("throttle-left"), 0, LONG_ENOUGH);
        receive.load(in);
        transmit.load(in);
        line.set(level);
        throttle.cancel();
        if (isHeldBack()) {
            throttle.arm(throttledUntil);
        }
    }
}

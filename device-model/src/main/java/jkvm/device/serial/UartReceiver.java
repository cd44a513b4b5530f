package jkvm.device.serial;

import static jkvm.device.serial.UartRegisters.*;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * The receiving half of a 16550A: the register or FIFO, the line's errors, and the character timeout. Its owner's lock
 * guards it.
 */
final class UartReceiver {
    private static final long NEVER = Long.MAX_VALUE;

    private final Fifo fifo = new Fifo();
    private final VmClock clock;
    private final VmClock.Timer timer;
    /** As the owner's FCR has it. */
    private int fcr;
    /** The bits of LSR that reading it clears. */
    private int errors;
    private boolean timeoutPending;
    private long deadline = NEVER;

    /** @param timeout called when the timer is due; asks {@link #timedOut()} under the owner's lock */
    UartReceiver(VmClock clock, Runnable timeout) {
        this.clock = clock;
        this.timer = clock.newTimer(timeout);
    }

    /** The power-on state. The owner updates the timeout. */
    void reset() {
        fcr = 0;
        errors = 0;
        clear();
    }

    /** Follows FCR; a FIFO that is switched on or off is empty. */
    void setFcr(int value) {
        fcr = value;
    }

    /** Drops all bytes. */
    void clear() {
        fifo.clear();
        timeoutPending = false;
    }

    boolean isEmpty() {
        return fifo.isEmpty();
    }

    int room() {
        return capacity() - fifo.count();
    }

    private int capacity() {
        return isFifoEnabled() ? Fifo.CAPACITY : 1;
    }

    private boolean isFifoEnabled() {
        return (fcr & FCR_ENABLE_BIT) != 0;
    }

    /** A byte arrives. Without room it is an overrun. */
    void put(int value) {
        if (fifo.count() == capacity()) {
            errors |= LSR_OE_BIT;
            if (isFifoEnabled()) {
                return;
            }
            fifo.clear();
        }
        fifo.put(value);
    }

    /** The line is low for longer than a character. */
    void putBreak() {
        put(0);
        errors |= LSR_BI_BIT | (isFifoEnabled() ? LSR_FIFO_ERROR_BIT : 0);
    }

    /** The next byte; there is one. */
    int take() {
        timeoutPending = false;
        return fifo.take();
    }

    boolean hasErrors() {
        return errors != 0;
    }

    /** The receiver's bits of LSR, whose errors are gone then. */
    int readLsr() {
        int value = errors | (fifo.isEmpty() ? 0 : LSR_DR_BIT);
        errors = 0;
        return value;
    }

    /** The cause that the receiver has for an interrupt, as IIR shows it. */
    int interruptCause(int ier) {
        if ((ier & IER_RLS_BIT) != 0 && (errors & LSR_ERROR_MASK) != 0) {
            return IIR_RLS;
        }
        if ((ier & IER_RDA_BIT) != 0 && fifo.count() >= triggerLevel()) {
            return IIR_RDA;
        }
        return (ier & IER_RDA_BIT) != 0 && timeoutPending ? IIR_TIMEOUT : IIR_NONE;
    }

    private int triggerLevel() {
        if (!isFifoEnabled()) {
            return 1;
        }
        return switch (fcr & FCR_TRIGGER_MASK) {
            case 0x00 -> 1;
            case 0x40 -> 4;
            case 0x80 -> 8;
            default -> 14;
        };
    }

    /**
     * Starts the wait for the character timeout anew: bytes below the trigger level, and none came or went for a while.
     *
     * @param timeout of this line, in nanoseconds
     */
    void updateTimeout(int ier, long timeout) {
        boolean waits = isFifoEnabled() && (ier & IER_RDA_BIT) != 0 && !timeoutPending
                && !fifo.isEmpty() && fifo.count() < triggerLevel();
        if (waits) {
            deadline = clock.nanoTime() + timeout;
            timer.arm(deadline);
        } else if (deadline != NEVER) {
            deadline = NEVER;
            timer.cancel();
        }
    }

    /** Whether the timeout has come. The guest may have read while the timer waited for the lock. */
    boolean timedOut() {
        if (clock.nanoTime() < deadline) {
            return false;
        }
        deadline = NEVER;
        timeoutPending = true;
        return true;
    }

    void save(StateWriter out) {
        out.putInt("lineErrors", errors);
        out.putBoolean("timeoutPending", timeoutPending);
        out.putLong("timeoutLeft", deadline == NEVER ? NEVER : Math.max(0, deadline - clock.nanoTime()));
        fifo.save(out, "receiver");
    }

    /**
     * Takes the state over.
     *
     * @param timeout of this line, in nanoseconds
     */
    void load(StateReader in, int fcrValue, int ier, long timeout) {
        fcr = fcrValue;
        errors = in.getInt("lineErrors", 0, 0xff);
        timeoutPending = in.getBoolean("timeoutPending");
        long left = in.getLong("timeoutLeft");
        fifo.load(in, "receiver");
        updateTimeout(ier, timeout);
        if (deadline != NEVER && left != NEVER) {
            deadline = clock.nanoTime() + Math.clamp(left, 0, timeout);
            timer.arm(deadline);
        }
    }
}

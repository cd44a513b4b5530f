package jkvm.soft.irqchip;

import jkvm.abi.KvmPitChannelState;

/** One counter of the 8254 in {@link Pit}: what it counts from, its mode, and what the next access reads or writes. */
final class PitChannel {
    static final int LOW = 1, HIGH = 2, LOW_THEN_HIGH = 3, HIGH_OF_BOTH = 4;
    private static final int UNPROGRAMMED = 0xFF, LONGEST = 0x10000;
    private static final long NANOS_PER_SECOND = 1_000_000_000;

    /** 1 to 65536 by ports; anything of 32 bits, as unsigned, from a restored state. */
    long count;
    int mode;
    int gate;
    long loadTime;
    private int latchedCount, countLatched, statusLatched, status, readState, writeState, writeLatch, access, bcd;

    void reset(boolean gateHigh) {
        mode = UNPROGRAMMED;
        gate = gateHigh ? 1 : 0;
    }

    /** Ticks of 1,193,181 Hz in a time that is not negative. */
    static long ticks(long nanos) {
        long seconds = nanos / NANOS_PER_SECOND;
        return seconds * Pit.FREQUENCY + nanos % NANOS_PER_SECOND * Pit.FREQUENCY / NANOS_PER_SECOND;
    }

    static long nanos(long ticks) {
        return ticks * NANOS_PER_SECOND / Pit.FREQUENCY;
    }

    void setCount(long value) {
        count = value == 0 ? LONGEST : value;
    }

    /**
     * A control word for this counter.
     *
     * @param elapsed nanoseconds since the count was loaded
     */
    void control(int value, long elapsed) {
        int newAccess = value >> 4 & 3;
        if (newAccess == 0) {
            latchCount(elapsed);
            return;
        }
        access = newAccess;
        readState = newAccess;
        writeState = newAccess;
        mode = value >> 1 & 7;
        if (mode > 5) {
            mode -= 4;
        }
        bcd = value & 1;
    }

    void latchCount(long elapsed) {
        if (countLatched == 0) {
            latchedCount = current(elapsed);
            countLatched = access;
        }
    }

    void latchStatus(long elapsed) {
        if (statusLatched == 0) {
            status = ((output(elapsed) ? 1 : 0) << 7 | access << 4 | mode << 1 | bcd) & 0xFF;
            statusLatched = 1;
        }
    }

    private int current(long elapsed) {
        long ticks = ticks(elapsed);
        return (int) switch (mode) {
            case 0, 1, 4, 5 -> count - ticks & 0xFFFF;
            case 3 -> count - 2 * ticks % count;
            default -> count - ticks % count;
        } & 0xFFFF;
    }

    boolean output(long elapsed) {
        long ticks = ticks(elapsed);
        return switch (mode) {
            case 1 -> ticks < count;
            case 2 -> ticks != 0 && ticks % count == 0;
            case 3 -> ticks % count < count + 1 >> 1;
            case 4, 5 -> ticks == count;
            default -> ticks >= count;
        };
    }

    /**
     * A write to the counter's port.
     *
     * @return the new count, or -1 if another byte is to come
     */
    int write(int value) {
        switch (writeState) {
            case HIGH -> {
                return value << 8;
            }
            case LOW_THEN_HIGH -> {
                writeLatch = value;
                writeState = HIGH_OF_BOTH;
                return -1;
            }
            case HIGH_OF_BOTH -> {
                writeState = LOW_THEN_HIGH;
                return writeLatch | value << 8;
            }
            default -> {
                return value;
            }
        }
    }

    /** A read of the counter's port: one byte. */
    int read(long elapsed) {
        if (statusLatched != 0) {
            statusLatched = 0;
            return status;
        }
        if (countLatched != 0) {
            return readLatched();
        }
        int value = current(elapsed);
        switch (readState) {
            case HIGH -> {
                return value >> 8;
            }
            case LOW_THEN_HIGH -> readState = HIGH_OF_BOTH;
            case HIGH_OF_BOTH -> {
                readState = LOW_THEN_HIGH;
                return value >> 8;
            }
            default -> {
                return value & 0xFF;
            }
        }
        return value & 0xFF;
    }

    private int readLatched() {
        int latched = countLatched;
        countLatched = latched == LOW_THEN_HIGH ? HIGH : 0;
        return latched == HIGH ? latchedCount >> 8 : latchedCount & 0xFF;
    }

    void read(KvmPitChannelState state) {
        state.count((int) count);
        state.latchedCount(latchedCount);
        state.countLatched(countLatched);
        state.statusLatched(statusLatched);
        state.status(status);
        state.readState(readState);
        state.writeState(writeState);
        state.writeLatch(writeLatch);
        state.rwMode(access);
        state.mode(mode);
        state.bcd(bcd);
        state.gate(gate);
        state.countLoadTime(loadTime);
    }

    void write(KvmPitChannelState state) {
        count = Integer.toUnsignedLong(state.count());
        latchedCount = state.latchedCount();
        countLatched = state.countLatched();
        statusLatched = state.statusLatched();
        status = state.status();
        readState = state.readState();
        writeState = state.writeState();
        writeLatch = state.writeLatch();
        access = state.rwMode();
        mode = state.mode();
        bcd = state.bcd();
        gate = state.gate();
        loadTime = state.countLoadTime();
    }
}

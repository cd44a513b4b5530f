package jkvm.abi;

import java.lang.foreign.MemorySegment;

/** {@code struct kvm_pit_channel_state}: one counter of the 8254. Lies inside {@link KvmPitState2}. */
public final class KvmPitChannelState extends KvmStruct {
    public static final long SIZE = 24;
    public static final long COUNT_OFFSET = 0;
    public static final long LATCHED_COUNT_OFFSET = 4;
    public static final long COUNT_LATCHED_OFFSET = 6;
    public static final long STATUS_LATCHED_OFFSET = 7;
    public static final long STATUS_OFFSET = 8;
    public static final long READ_STATE_OFFSET = 9;
    public static final long WRITE_STATE_OFFSET = 10;
    public static final long WRITE_LATCH_OFFSET = 11;
    public static final long RW_MODE_OFFSET = 12;
    public static final long MODE_OFFSET = 13;
    public static final long BCD_OFFSET = 14;
    public static final long GATE_OFFSET = 15;
    public static final long COUNT_LOAD_TIME_OFFSET = 16;

    KvmPitChannelState(MemorySegment segment) {
        super(segment);
    }

    /** The reload value, 1 to 65536. */
    public int count() {
        return getInt(COUNT_OFFSET);
    }

    public void count(int value) {
        setInt(COUNT_OFFSET, value);
    }

    public int latchedCount() {
        return Short.toUnsignedInt(getShort(LATCHED_COUNT_OFFSET));
    }

    public void latchedCount(int value) {
        setShort(LATCHED_COUNT_OFFSET, (short) value);
    }

    public int countLatched() {
        return Byte.toUnsignedInt(getByte(COUNT_LATCHED_OFFSET));
    }

    public void countLatched(int value) {
        setByte(COUNT_LATCHED_OFFSET, (byte) value);
    }

    public int statusLatched() {
        return Byte.toUnsignedInt(getByte(STATUS_LATCHED_OFFSET));
    }

    public void statusLatched(int value) {
        setByte(STATUS_LATCHED_OFFSET, (byte) value);
    }

    public int status() {
        return Byte.toUnsignedInt(getByte(STATUS_OFFSET));
    }

    public void status(int value) {
        setByte(STATUS_OFFSET, (byte) value);
    }

    public int readState() {
        return Byte.toUnsignedInt(getByte(READ_STATE_OFFSET));
    }

    public void readState(int value) {
        setByte(READ_STATE_OFFSET, (byte) value);
    }

    public int writeState() {
        return Byte.toUnsignedInt(getByte(WRITE_STATE_OFFSET));
    }

    public void writeState(int value) {
        setByte(WRITE_STATE_OFFSET, (byte) value);
    }

    public int writeLatch() {
        return Byte.toUnsignedInt(getByte(WRITE_LATCH_OFFSET));
    }

    public void writeLatch(int value) {
        setByte(WRITE_LATCH_OFFSET, (byte) value);
    }

    public int rwMode() {
        return Byte.toUnsignedInt(getByte(RW_MODE_OFFSET));
    }

    public void rwMode(int value) {
        setByte(RW_MODE_OFFSET, (byte) value);
    }

    public int mode() {
        return Byte.toUnsignedInt(getByte(MODE_OFFSET));
    }

    public void mode(int value) {
        setByte(MODE_OFFSET, (byte) value);
    }

    public int bcd() {
        return Byte.toUnsignedInt(getByte(BCD_OFFSET));
    }

    public void bcd(int value) {
        setByte(BCD_OFFSET, (byte) value);
    }

    public int gate() {
        return Byte.toUnsignedInt(getByte(GATE_OFFSET));
    }

    public void gate(int value) {
        setByte(GATE_OFFSET, (byte) value);
    }

    /** Host monotonic nanoseconds of the last load. */
    public long countLoadTime() {
        return getLong(COUNT_LOAD_TIME_OFFSET);
    }

    public void countLoadTime(long value) {
        setLong(COUNT_LOAD_TIME_OFFSET, value);
    }
}

package jkvm.state;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * One device's state as bytes: written field by field, then read back in the same order.
 *
 * <p>Each field is a kind ({@code V} version, {@code N} number, {@code B} bytes), its name (one length byte, then
 * UTF-8) and its value. Numbers are base-128, lowest group first, the sign folded into bit 0; bytes are preceded by
 * their count. The version carries the device's name, so that one device's state is never taken for another's. Not
 * safe for use by several threads.
 */
public final class StateBuffer implements StateWriter, StateReader {
    /** The most bytes that {@link #getBytes} takes with a length of -1. */
    public static final int MAX_BYTES = 1 << 20;

    private static final int VERSION_KIND = 'V';
    private static final int NUMBER_KIND = 'N';
    private static final int BYTES_KIND = 'B';
    private static final int MAX_NAME = 255;

    private final String device;
    private byte[] data;
    private int end;
    private int position;

    /**
     * Makes an empty state, to be written.
     *
     * @param device the device's name
     */
    public StateBuffer(String device) {
        this(device, new byte[64], 0);
    }

    /**
     * Makes a state that can be read.
     *
     * @param device name of the device that reads
     */
    public StateBuffer(String device, byte[] state) {
        this(device, state.clone(), state.length);
    }

    private StateBuffer(String device, byte[] data, int end) {
        this.device = device;
        this.data = data;
        this.end = end;
    }

    /** The bytes written so far. */
    public byte[] toByteArray() {
        return Arrays.copyOf(data, end);
    }

    /** Forgets what was written: the state is written anew, into the same memory. */
    public void clear() {
        end = 0;
        position = 0;
    }

    /** True if two states have the same bytes. */
    public boolean hasSameBytes(StateBuffer other) {
        return Arrays.equals(data, 0, end, other.data, 0, other.end);
    }

    /** Starts to read at the first field. */
    public void rewind() {
        position = 0;
    }

    /** @throws StateException if unread fields are left: the state is of a device with more of them */
    public void requireEnd() {
        if (position != end) {
            throw new StateException("%s: %d bytes of state are left over".formatted(device, end - position));
        }
    }

    @Override
    public void putVersion(int version) {
        putField(VERSION_KIND, device);
        putNumber(version);
    }

    @Override
    public void putLong(String name, long value) {
        putField(NUMBER_KIND, name);
        putNumber(value);
    }

    @Override
    public void putBytes(String name, byte[] value) {
        putField(BYTES_KIND, name);
        putNumber(value.length);
        reserve(value.length);
        System.arraycopy(value, 0, data, end, value.length);
        end += value.length;
    }

    @Override
    public int getVersion(int newest) {
        expectField(VERSION_KIND, device);
        long version = takeNumber(device);
        if (version < 1 || version > newest) {
            throw new StateException("%s: its state has version %d, this jkvm reads 1-%d"
                    .formatted(device, version, newest));
        }
        return (int) version;
    }

    @Override
    public long getLong(String name) {
        expectField(NUMBER_KIND, name);
        return takeNumber(name);
    }

    @Override
    public int getInt(String name, int lowest, int highest) {
        long value = getLong(name);
        if (value < lowest || value > highest) {
            throw new StateException("%s: field %s is %d, not within %d-%d"
                    .formatted(device, name, value, lowest, highest));
        }
        return (int) value;
    }

    @Override
    public byte[] getBytes(String name, int length) {
        expectField(BYTES_KIND, name);
        long stored = takeNumber(name);
        if (length < 0 ? stored < 0 || stored > MAX_BYTES : stored != length) {
            throw new StateException("%s: field %s has %d bytes, not %s"
                    .formatted(device, name, stored, length < 0 ? "up to " + MAX_BYTES : length));
        }
        requireLeft((int) stored, name);
        byte[] value = Arrays.copyOfRange(data, position, position + (int) stored);
        position += (int) stored;
        return value;
    }

    private void putField(int kind, String name) {
        byte[] encoded = name.getBytes(StandardCharsets.UTF_8);
        if (encoded.length > MAX_NAME) {
            throw new IllegalArgumentException("a field name of " + encoded.length + " bytes");
        }
        reserve(2 + encoded.length);
        data[end++] = (byte) kind;
        data[end++] = (byte) encoded.length;
        System.arraycopy(encoded, 0, data, end, encoded.length);
        end += encoded.length;
    }

    private void putNumber(long value) {
        reserve(10);
        long rest = value << 1 ^ value >> 63;
        while ((rest & ~0x7fL) != 0) {
            data[end++] = (byte) (rest | 0x80);
            rest >>>= 7;
        }
        data[end++] = (byte) rest;
    }

    private void reserve(int count) {
        if (data.length - end < count) {
            data = Arrays.copyOf(data, Math.max(2 * data.length, end + count));
        }
    }

    private void expectField(int kind, String name) {
        requireLeft(2, name);
        int found = data[position];
        int length = data[position + 1] & 0xff;
        position += 2;
        requireLeft(length, name);
        String foundName = new String(data, position, length, StandardCharsets.UTF_8);
        position += length;
        if (found != kind || !foundName.equals(name)) {
            throw new StateException("%s: the state has %s where field %s is due".formatted(device,
                    found == VERSION_KIND ? "the start of device " + foundName : "field " + foundName, name));
        }
    }

    private long takeNumber(String name) {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            requireLeft(1, name);
            byte group = data[position++];
            value |= (group & 0x7fL) << shift;
            if (group >= 0) {
                return value >>> 1 ^ -(value & 1);
            }
        }
        throw new StateException("%s: field %s holds no number".formatted(device, name));
    }

    private void requireLeft(int count, String name) {
        if (end - position < count) {
            throw new StateException("%s: the state ends within field %s".formatted(device, name));
        }
    }
}

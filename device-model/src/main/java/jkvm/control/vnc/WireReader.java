package jkvm.control.vnc;

import java.io.EOFException;
import java.io.IOException;

/** Reads a viewer's messages, big-endian as the protocol has them. Keeps a fixed number of bytes. For one thread. */
final class WireReader {
    private static final int ROOM = 4096;

    private final Wire wire;
    private final byte[] bytes = new byte[ROOM];
    private int next;
    private int end;

    WireReader(Wire wire) {
        this.wire = wire;
    }

    /** @throws EOFException if the viewer is gone */
    int u8() throws IOException {
        if (next == end) {
            fill();
        }
        return bytes[next++] & 0xff;
    }

    private void fill() throws IOException {
        int count = wire.read(bytes, 0, ROOM);
        if (count < 0) {
            throw new EOFException("the viewer is gone");
        }
        next = 0;
        end = count;
    }

    int u16() throws IOException {
        return u8() << 8 | u8();
    }

    int s32() throws IOException {
        return u16() << 16 | u16();
    }

    byte[] bytes(int count) throws IOException {
        byte[] read = new byte[count];
        for (int i = 0; i < count; i++) {
            read[i] = (byte) u8();
        }
        return read;
    }

    /**
     * Reads what is there, one byte at least.
     *
     * @return how much
     */
    int some(byte[] into, int offset, int max) throws IOException {
        if (next == end) {
            fill();
        }
        int count = Math.min(max, end - next);
        System.arraycopy(bytes, next, into, offset, count);
        next += count;
        return count;
    }

    void skip(int count) throws IOException {
        for (int left = count; left > 0;) {
            if (next == end) {
                fill();
            }
            int taken = Math.min(left, end - next);
            next += taken;
            left -= taken;
        }
    }
}

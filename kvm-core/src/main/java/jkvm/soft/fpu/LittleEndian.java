package jkvm.soft.fpu;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Little-endian fields of any alignment in a byte array: what the layouts of saved state are made of. */
final class LittleEndian {
    private static final VarHandle SHORT =
            MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INT = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private LittleEndian() {
    }

    static int get16(byte[] image, int offset) {
        return (short) SHORT.get(image, offset) & 0xFFFF;
    }

    static int get32(byte[] image, int offset) {
        return (int) INT.get(image, offset);
    }

    static long get64(byte[] image, int offset) {
        return (long) LONG.get(image, offset);
    }

    static void put16(byte[] image, int offset, int value) {
        SHORT.set(image, offset, (short) value);
    }

    static void put32(byte[] image, int offset, int value) {
        INT.set(image, offset, value);
    }

    static void put64(byte[] image, int offset, long value) {
        LONG.set(image, offset, value);
    }
}

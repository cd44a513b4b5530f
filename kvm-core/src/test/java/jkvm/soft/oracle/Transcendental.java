package jkvm.soft.oracle;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * The x87's transcendental instructions: their results may be one unit in the last place apart (SDM volume 1, 8.3.10).
 * C1 says in which direction a result was rounded, and differs with it.
 */
final class Transcendental {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.LITTLE_ENDIAN);
    private static final int C1 = 0x200;

    private Transcendental() {
    }

    /** F2XM1, FYL2X, FPTAN, FPATAN, FYL2XP1, FSINCOS, FSIN, FCOS. */
    static boolean is(Snippet snippet) {
        if (snippet.opcode.map() != 0 || snippet.opcode.value() != 0xD9) {
            return false;
        }
        return switch (snippet.modrm) {
            case 0xF0, 0xF1, 0xF2, 0xF3, 0xF9, 0xFB, 0xFE, 0xFF -> true;
            default -> false;
        };
    }

    /** True if two 80-bit numbers follow one another. */
    static boolean areNeighbours(byte[] a, byte[] b, int at) {
        return isNext(a, b, at) || isNext(b, a, at);
    }

    private static boolean isNext(byte[] a, byte[] b, int at) {
        long significand = (long) LONG.get(a, at) + 1;
        int exponent = (short) SHORT.get(a, at + 8) & 0xFFFF;
        if (significand == 0) {
            significand = 1L << 63;
            exponent++;
        } else if (significand == 1L << 63 && (exponent & 0x7FFF) == 0) {
            exponent++;
        }
        return significand == (long) LONG.get(b, at) && exponent == ((short) SHORT.get(b, at + 8) & 0xFFFF);
    }

    static boolean isSameButForRounding(byte[] a, byte[] b) {
        int difference = ((short) SHORT.get(a, State.FSW) ^ (short) SHORT.get(b, State.FSW)) & 0xFFFF;
        return (difference & ~C1) == 0;
    }
}

package jkvm.soft.fpu;

/**
 * Packed integer arithmetic on 64 bits: an MMX register, or one half of an XMM register. Methods are named as the
 * instructions (SDM volume 2): {@code a} is the destination's old value, {@code b} the source, the result goes to the
 * destination.
 *
 * <p>Most operations keep their lanes in one half. Packs and horizontal additions give the lower half of an XMM register
 * from the destination's two halves, and the upper half from the source's two. Of PUNPCKL the low one is for the lower
 * half and the high one for the upper half, both from the lower halves; of PUNPCKH both from the upper halves.
 *
 * <p>Lane 0 is in the lowest bits. Nothing here allocates.
 */
public final class PackedInteger {
    /** The highest bit of each lane. */
    private static final long TOP_8 = 0x8080808080808080L, TOP_16 = 0x8000800080008000L, TOP_32 = 0x8000000080000000L;

    private PackedInteger() {
    }

    private static long add(long a, long b, long top) {
        return (a & ~top) + (b & ~top) ^ (a ^ b) & top;
    }

    private static long sub(long a, long b, long top) {
        return (a | top) - (b & ~top) ^ (a ^ ~b) & top;
    }

    private static int clamp(int value, int low, int high) {
        return Math.min(Math.max(value, low), high);
    }

    public static long paddb(long a, long b) {
        return add(a, b, TOP_8);
    }

    public static long paddw(long a, long b) {
        return add(a, b, TOP_16);
    }

    public static long paddd(long a, long b) {
        return add(a, b, TOP_32);
    }

    public static long psubb(long a, long b) {
        return sub(a, b, TOP_8);
    }

    public static long psubw(long a, long b) {
        return sub(a, b, TOP_16);
    }

    public static long psubd(long a, long b) {
        return sub(a, b, TOP_32);
    }

    public static long paddsb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((long) clamp(x + y, -128, 127) & 0xFFL) << i;
        }
        return result;
    }

    public static long paddsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) clamp(x + y, -32768, 32767) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long paddusb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (int) (a >>> i) & 0xFF;
            int y = (int) (b >>> i) & 0xFF;
            result |= ((long) Math.min(x + y, 0xFF) & 0xFFL) << i;
        }
        return result;
    }

    public static long paddusw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) Math.min(x + y, 0xFFFF) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long psubsb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((long) clamp(x - y, -128, 127) & 0xFFL) << i;
        }
        return result;
    }

    public static long psubsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) clamp(x - y, -32768, 32767) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long psubusb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (int) (a >>> i) & 0xFF;
            int y = (int) (b >>> i) & 0xFF;
            result |= ((long) Math.max(x - y, 0) & 0xFFL) << i;
        }
        return result;
    }

    public static long psubusw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) Math.max(x - y, 0) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmullw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) (x * y) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmulhw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) (x * y >> 16) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmulhuw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) (x * y >>> 16) & 0xFFFFL) << i;
        }
        return result;
    }

    /** SSSE3: the product of two fractions of 15 bits, rounded. */
    public static long pmulhrsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) ((x * y >> 14) + 1 >> 1) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmulld(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            result |= ((long) (x * y) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    /** The unsigned product of the lower lanes of 32 bits. */
    public static long pmuludq(long a, long b) {
        return (a & 0xFFFFFFFFL) * (b & 0xFFFFFFFFL);
    }

    /** The signed product of the lower lanes of 32 bits. */
    public static long pmuldq(long a, long b) {
        return (long) (int) a * (int) b;
    }

    /** Products of signed words, added by pairs into 32 bits. */
    public static long pmaddwd(long a, long b) {
        int low = (short) a * (short) b + (short) (a >>> 16) * (short) (b >>> 16);
        int high = (short) (a >>> 32) * (short) (b >>> 32) + (short) (a >>> 48) * (short) (b >>> 48);
        return low & 0xFFFFFFFFL | (long) high << 32;
    }

    /** SSSE3: products of unsigned bytes of {@code a} and signed bytes of {@code b}, added by pairs, saturated. */
    public static long pmaddubsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int low = ((int) (a >>> i) & 0xFF) * (byte) (b >>> i);
            int high = ((int) (a >>> i + 8) & 0xFF) * (byte) (b >>> i + 8);
            result |= (clamp(low + high, -32768, 32767) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pcmpeqb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((x == y ? -1L : 0) & 0xFFL) << i;
        }
        return result;
    }

    public static long pcmpeqw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((x == y ? -1L : 0) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pcmpeqd(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            result |= ((x == y ? -1L : 0) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    public static long pcmpgtb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((x > y ? -1L : 0) & 0xFFL) << i;
        }
        return result;
    }

    public static long pcmpgtw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((x > y ? -1L : 0) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pcmpgtd(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            result |= ((x > y ? -1L : 0) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    public static long pavgb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (int) (a >>> i) & 0xFF;
            int y = (int) (b >>> i) & 0xFF;
            result |= ((long) (x + y + 1 >> 1) & 0xFFL) << i;
        }
        return result;
    }

    public static long pavgw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) (x + y + 1 >> 1) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pminub(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (int) (a >>> i) & 0xFF;
            int y = (int) (b >>> i) & 0xFF;
            result |= ((long) Math.min(x, y) & 0xFFL) << i;
        }
        return result;
    }

    public static long pminuw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) Math.min(x, y) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pminud(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            long x = a >>> i & 0xFFFFFFFFL;
            long y = b >>> i & 0xFFFFFFFFL;
            result |= (Math.min(x, y) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    public static long pminsb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((long) Math.min(x, y) & 0xFFL) << i;
        }
        return result;
    }

    public static long pminsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) Math.min(x, y) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pminsd(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            result |= ((long) Math.min(x, y) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    public static long pmaxub(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (int) (a >>> i) & 0xFF;
            int y = (int) (b >>> i) & 0xFF;
            result |= ((long) Math.max(x, y) & 0xFFL) << i;
        }
        return result;
    }

    public static long pmaxuw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (int) (a >>> i) & 0xFFFF;
            int y = (int) (b >>> i) & 0xFFFF;
            result |= ((long) Math.max(x, y) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmaxud(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            long x = a >>> i & 0xFFFFFFFFL;
            long y = b >>> i & 0xFFFFFFFFL;
            result |= (Math.max(x, y) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    public static long pmaxsb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((long) Math.max(x, y) & 0xFFL) << i;
        }
        return result;
    }

    public static long pmaxsw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) Math.max(x, y) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long pmaxsd(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            result |= ((long) Math.max(x, y) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    /** Sum of the differences of unsigned bytes. */
    public static long psadbw(long a, long b) {
        int sum = 0;
        for (int i = 0; i < 64; i += 8) {
            sum += Math.abs(((int) (a >>> i) & 0xFF) - ((int) (b >>> i) & 0xFF));
        }
        return sum;
    }

    /** @param count unsigned: 16 and more give zero */
    public static long psllw(long a, long count) {
        return Long.compareUnsigned(count, 15) > 0 ? 0 : (a & (0xFFFFL >>> count) * 0x0001000100010001L) << count;
    }

    /** @param count unsigned: 16 and more give zero */
    public static long psrlw(long a, long count) {
        return Long.compareUnsigned(count, 15) > 0 ? 0 : a >>> count & (0xFFFFL >>> count) * 0x0001000100010001L;
    }

    /** @param count unsigned: 16 and more fill each lane with its sign */
    public static long psraw(long a, long count) {
        int bits = Long.compareUnsigned(count, 15) > 0 ? 15 : (int) count;
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            result |= ((short) (a >>> i) >> bits & 0xFFFFL) << i;
        }
        return result;
    }

    /** @param count unsigned: 32 and more give zero */
    public static long pslld(long a, long count) {
        return Long.compareUnsigned(count, 31) > 0 ? 0 : (a & (0xFFFFFFFFL >>> count) * 0x0000000100000001L) << count;
    }

    /** @param count unsigned: 32 and more give zero */
    public static long psrld(long a, long count) {
        return Long.compareUnsigned(count, 31) > 0 ? 0 : a >>> count & (0xFFFFFFFFL >>> count) * 0x0000000100000001L;
    }

    /** @param count unsigned: 32 and more fill each lane with its sign */
    public static long psrad(long a, long count) {
        int bits = Long.compareUnsigned(count, 31) > 0 ? 31 : (int) count;
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            result |= ((int) (a >>> i) >> bits & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    /** @param count unsigned: 64 and more give zero */
    public static long psllq(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a << count;
    }

    /** @param count unsigned: 64 and more give zero */
    public static long psrlq(long a, long count) {
        return Long.compareUnsigned(count, 63) > 0 ? 0 : a >>> count;
    }

    /** Signed words to signed bytes. */
    public static long packsswb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            result |= (clamp((short) (a >>> i), -128, 127) & 0xFFL) << i / 2;
            result |= (clamp((short) (b >>> i), -128, 127) & 0xFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Signed words to unsigned bytes. */
    public static long packuswb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            result |= (clamp((short) (a >>> i), 0, 255) & 0xFFL) << i / 2;
            result |= (clamp((short) (b >>> i), 0, 255) & 0xFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Signed double words to signed words. */
    public static long packssdw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            result |= (clamp((int) (a >>> i), -32768, 32767) & 0xFFFFL) << i / 2;
            result |= (clamp((int) (b >>> i), -32768, 32767) & 0xFFFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Signed double words to unsigned words. */
    public static long packusdw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            result |= (clamp((int) (a >>> i), 0, 65535) & 0xFFFFL) << i / 2;
            result |= (clamp((int) (b >>> i), 0, 65535) & 0xFFFFL) << i / 2 + 32;
        }
        return result;
    }

    /** Interleaves the lower four bytes. */
    public static long punpcklbw(long a, long b) {
        return spreadBytes(a) | spreadBytes(b) << 8;
    }

    /** Interleaves the upper four bytes. */
    public static long punpckhbw(long a, long b) {
        return punpcklbw(a >>> 32, b >>> 32);
    }

    private static long spreadBytes(long value) {
        long words = value & 0xFFFF | (value & 0xFFFF0000L) << 16;
        return words & 0x000000FF000000FFL | (words & 0x0000FF000000FF00L) << 8;
    }

    /** Interleaves the lower two words. */
    public static long punpcklwd(long a, long b) {
        return a & 0xFFFF | (b & 0xFFFF) << 16 | (a & 0xFFFF0000L) << 16 | (b & 0xFFFF0000L) << 32;
    }

    /** Interleaves the upper two words. */
    public static long punpckhwd(long a, long b) {
        return punpcklwd(a >>> 32, b >>> 32);
    }

    /** Joins the lower double words. */
    public static long punpckldq(long a, long b) {
        return a & 0xFFFFFFFFL | b << 32;
    }

    /** Joins the upper double words. */
    public static long punpckhdq(long a, long b) {
        return a >>> 32 | b & 0xFFFFFFFF00000000L;
    }

    /** PSHUFW, and one half of PSHUFLW and PSHUFHW: two bits of {@code order} choose each word. */
    public static long pshufw(long value, int order) {
        long result = 0;
        for (int i = 0; i < 4; i++) {
            result |= (value >>> (order >> 2 * i & 3) * 16 & 0xFFFF) << 16 * i;
        }
        return result;
    }

    /** SSSE3's byte shuffle of an MMX register; an index with bit 7 set gives zero. */
    public static long pshufb(long value, long indexes) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int index = (int) (indexes >>> i);
            if ((index & 0x80) == 0) {
                result |= (value >>> (index & 7) * 8 & 0xFF) << i;
            }
        }
        return result;
    }

    /** SSSE3's PALIGNR of an MMX register: eight bytes of {@code a:b} from byte {@code shift} on. */
    public static long palignr(long a, long b, int shift) {
        if (shift < 8) {
            return shift == 0 ? b : b >>> 8 * shift | a << 64 - 8 * shift;
        }
        return shift < 16 ? a >>> 8 * (shift - 8) : 0;
    }

    /** The sign bits of the bytes, in bits 0 to 7. */
    public static int pmovmskb(long value) {
        return (int) ((value & TOP_8) * 0x0002040810204081L >>> 56);
    }

    /** SSSE3: adds neighbours. */
    public static long phaddw(long a, long b) {
        long lower = paddw(a, a >>> 16);
        long upper = paddw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: adds neighbours, saturated. */
    public static long phaddsw(long a, long b) {
        long lower = paddsw(a, a >>> 16);
        long upper = paddsw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: adds neighbours. */
    public static long phaddd(long a, long b) {
        return a + (a >>> 32) & 0xFFFFFFFFL | b + (b >>> 32) << 32;
    }

    /** SSSE3: subtracts the upper of two neighbours from the lower. */
    public static long phsubw(long a, long b) {
        long lower = psubw(a, a >>> 16);
        long upper = psubw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: subtracts neighbours, saturated. */
    public static long phsubsw(long a, long b) {
        long lower = psubsw(a, a >>> 16);
        long upper = psubsw(b, b >>> 16);
        return lower & 0xFFFF | (lower >>> 32 & 0xFFFF) << 16 | (upper & 0xFFFF) << 32 | (upper >>> 32) << 48;
    }

    /** SSSE3: subtracts neighbours. */
    public static long phsubd(long a, long b) {
        return a - (a >>> 32) & 0xFFFFFFFFL | b - (b >>> 32) << 32;
    }

    public static long psignb(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 8) {
            int x = (byte) (a >>> i);
            int y = (byte) (b >>> i);
            result |= ((long) (x * Integer.signum(y)) & 0xFFL) << i;
        }
        return result;
    }

    public static long psignw(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 16) {
            int x = (short) (a >>> i);
            int y = (short) (b >>> i);
            result |= ((long) (x * Integer.signum(y)) & 0xFFFFL) << i;
        }
        return result;
    }

    public static long psignd(long a, long b) {
        long result = 0;
        for (int i = 0; i < 64; i += 32) {
            int x = (int) (a >>> i);
            int y = (int) (b >>> i);
            result |= ((long) (x * Integer.signum(y)) & 0xFFFFFFFFL) << i;
        }
        return result;
    }

    public static long pabsb(long b) {
        return psignb(b, b);
    }

    public static long pabsw(long b) {
        return psignw(b, b);
    }

    public static long pabsd(long b) {
        return psignd(b, b);
    }

    /** PINSRW into one half: {@code lane} 0 to 3. */
    public static long insertWord(long value, int word, int lane) {
        return value & ~(0xFFFFL << 16 * lane) | (word & 0xFFFFL) << 16 * lane;
    }
}

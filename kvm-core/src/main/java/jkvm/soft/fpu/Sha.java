package jkvm.soft.fpu;

/** The SHA instructions (FIPS 180-4; SDM volume 2). Each method leaves its result in the unit's low and high. */
public final class Sha {
    private static final int[] SHA1_CONSTANTS = {0x5A827999, 0x6ED9EBA1, 0x8F1BBCDC, 0xCA62C1D6};

    private Sha() {
    }

    private static long join(int low, int high) {
        return low & 0xFFFFFFFFL | (long) high << 32;
    }

    private static int lower(long value) {
        return (int) value;
    }

    private static int upper(long value) {
        return (int) (value >>> 32);
    }

    /** SHA1RNDS4: four rounds; A is the highest word of the first operand, and the second one has E added already. */
    public static void sha1Rounds(SimdUnit unit, long low, long high, long wordsLow, long wordsHigh, int function) {
        int a = upper(high);
        int b = lower(high);
        int c = upper(low);
        int d = lower(low);
        int e = 0;
        for (int i = 0; i < 4; i++) {
            long pair = i < 2 ? wordsHigh : wordsLow;
            int word = (i & 1) == 0 ? upper(pair) : lower(pair);
            int f = switch (function) {
                case 0 -> b & c ^ ~b & d;
                case 2 -> b & c ^ b & d ^ c & d;
                default -> b ^ c ^ d;
            };
            int next = f + Integer.rotateLeft(a, 5) + word + e + SHA1_CONSTANTS[function];
            e = d;
            d = c;
            c = Integer.rotateLeft(b, 30);
            b = a;
            a = next;
        }
        unit.low = join(d, c);
        unit.high = join(b, a);
    }

    /** SHA1NEXTE. */
    public static void sha1NextE(SimdUnit unit, long high, long wordsLow, long wordsHigh) {
        unit.low = wordsLow;
        unit.high = join(lower(wordsHigh), upper(wordsHigh) + Integer.rotateLeft(upper(high), 30));
    }

    /** SHA1MSG1. */
    public static void sha1Message1(SimdUnit unit, long low, long high, long nextHigh) {
        unit.high = high ^ low;
        unit.low = low ^ nextHigh;
    }

    /** SHA1MSG2. */
    public static void sha1Message2(SimdUnit unit, long low, long high, long wordsLow, long wordsHigh) {
        int w16 = Integer.rotateLeft(upper(high) ^ lower(wordsHigh), 1);
        int w17 = Integer.rotateLeft(lower(high) ^ upper(wordsLow), 1);
        int w18 = Integer.rotateLeft(upper(low) ^ lower(wordsLow), 1);
        int w19 = Integer.rotateLeft(lower(low) ^ w16, 1);
        unit.low = join(w19, w18);
        unit.high = join(w17, w16);
    }

    /** SHA256RNDS2: two rounds; the first operand has C, D, G, H, the second A, B, E, F, highest words first. */
    public static void sha256Rounds(SimdUnit unit, long low, long high, long otherLow, long otherHigh, long words) {
        int c = upper(high);
        int d = lower(high);
        int g = upper(low);
        int h = lower(low);
        int a = upper(otherHigh);
        int b = lower(otherHigh);
        int e = upper(otherLow);
        int f = lower(otherLow);
        for (int i = 0; i < 2; i++) {
            int word = i == 0 ? lower(words) : upper(words);
            int sum1 = Integer.rotateRight(e, 6) ^ Integer.rotateRight(e, 11) ^ Integer.rotateRight(e, 25);
            int sum0 = Integer.rotateRight(a, 2) ^ Integer.rotateRight(a, 13) ^ Integer.rotateRight(a, 22);
            int t1 = h + sum1 + (e & f ^ ~e & g) + word;
            int t2 = sum0 + (a & b ^ a & c ^ b & c);
            h = g;
            g = f;
            f = e;
            e = d + t1;
            d = c;
            c = b;
            b = a;
            a = t1 + t2;
        }
        unit.low = join(f, e);
        unit.high = join(b, a);
    }

    /** SHA256MSG1. */
    public static void sha256Message1(SimdUnit unit, long low, long high, long nextLow) {
        unit.low = join(lower(low) + sigma0(upper(low)), upper(low) + sigma0(lower(high)));
        unit.high = join(lower(high) + sigma0(upper(high)), upper(high) + sigma0(lower(nextLow)));
    }

    /** SHA256MSG2. */
    public static void sha256Message2(SimdUnit unit, long low, long high, long wordsHigh) {
        int w16 = lower(low) + sigma1(lower(wordsHigh));
        int w17 = upper(low) + sigma1(upper(wordsHigh));
        int w18 = lower(high) + sigma1(w16);
        int w19 = upper(high) + sigma1(w17);
        unit.low = join(w16, w17);
        unit.high = join(w18, w19);
    }

    private static int sigma0(int x) {
        return Integer.rotateRight(x, 7) ^ Integer.rotateRight(x, 18) ^ x >>> 3;
    }

    private static int sigma1(int x) {
        return Integer.rotateRight(x, 17) ^ Integer.rotateRight(x, 19) ^ x >>> 10;
    }
}

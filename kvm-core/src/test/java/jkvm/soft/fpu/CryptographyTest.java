package jkvm.soft.fpu;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.SplittableRandom;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;

/** Whole ciphers and digests built of the instructions are those of the JDK. */
class CryptographyTest {
    private static final int[] SHA256_CONSTANTS = new int[64];

    private final SplittableRandom random = new SplittableRandom(9);
    private final SimdUnit unit = new SimdUnit();

    static {
        // The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
        int count = 0;
        for (int n = 2; count < 64; n++) {
            if (java.math.BigInteger.valueOf(n).isProbablePrime(30)) {
                double root = Math.cbrt(n);
                SHA256_CONSTANTS[count++] = (int) (long) ((root - Math.floor(root)) * 0x1p32);
            }
        }
    }

    @Test
    void shouldEncryptAndDecryptAsTheJdksAes() throws GeneralSecurityException {
        for (int n = 0; n < 100; n++) {
            // given
            byte[] key = bytes(16);
            byte[] text = bytes(16);
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"));
            long[] keys = expand(key);

            // when
            byte[] encrypted = encrypt(text, keys);
            byte[] decrypted = decrypt(encrypted, keys);

            // then
            assertArrayEquals(cipher.doFinal(text), encrypted);
            assertArrayEquals(text, decrypted);
        }
    }

    /** The eleven round keys of AES-128, by AESKEYGENASSIST. */
    private long[] expand(byte[] key) {
        int[] words = new int[44];
        ByteBuffer.wrap(key).order(ByteOrder.LITTLE_ENDIAN).asIntBuffer().get(words, 0, 4);
        int constant = 1;
        for (int i = 4; i < 44; i += 4) {
            Aes.assistKeyGeneration(unit, 0, (long) words[i - 1] << 32, constant);
            words[i] = words[i - 4] ^ (int) (unit.high >>> 32);
            for (int k = 1; k < 4; k++) {
                words[i + k] = words[i + k - 4] ^ words[i + k - 1];
            }
            constant = constant << 1 ^ (constant >> 7) * 0x11B;
        }
        long[] keys = new long[22];
        for (int i = 0; i < 22; i++) {
            keys[i] = words[2 * i] & 0xFFFFFFFFL | (long) words[2 * i + 1] << 32;
        }
        return keys;
    }

    private byte[] encrypt(byte[] text, long[] keys) {
        ByteBuffer block = ByteBuffer.wrap(text.clone()).order(ByteOrder.LITTLE_ENDIAN);
        unit.low = block.getLong(0) ^ keys[0];
        unit.high = block.getLong(8) ^ keys[1];
        for (int round = 1; round <= 10; round++) {
            Aes.encrypt(unit, unit.low, unit.high, keys[2 * round], keys[2 * round + 1], round == 10);
        }
        return block.putLong(0, unit.low).putLong(8, unit.high).array();
    }

    private byte[] decrypt(byte[] text, long[] keys) {
        ByteBuffer block = ByteBuffer.wrap(text.clone()).order(ByteOrder.LITTLE_ENDIAN);
        unit.low = block.getLong(0) ^ keys[20];
        unit.high = block.getLong(8) ^ keys[21];
        for (int round = 9; round >= 0; round--) {
            boolean last = round == 0;
            long low = keys[2 * round];
            long high = keys[2 * round + 1];
            Aes.decrypt(unit, unit.low, unit.high, last ? low : Aes.inverseMixColumns(low),
                    last ? high : Aes.inverseMixColumns(high), last);
        }
        return block.putLong(0, unit.low).putLong(8, unit.high).array();
    }

    @Test
    void shouldDigestAsTheJdksSha256() throws GeneralSecurityException {
        // given
        byte[] block = new byte[64];
        block[0] = 'a';
        block[1] = 'b';
        block[2] = 'c';
        block[3] = (byte) 0x80;
        block[63] = 24;
        int[] message = new int[64];
        ByteBuffer.wrap(block).asIntBuffer().get(message, 0, 16);

        // when
        for (int i = 16; i < 64; i += 4) {
            schedule(message, i);
        }
        int[] start = {0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19};
        int[] state = start.clone();
        for (int i = 0; i < 64; i += 2) {
            twoRounds(state, message[i] + SHA256_CONSTANTS[i], message[i + 1] + SHA256_CONSTANTS[i + 1]);
        }

        // then
        ByteBuffer digest = ByteBuffer.allocate(32);
        for (int i = 0; i < 8; i++) {
            digest.putInt(start[i] + state[i]);
        }
        byte[] expected = MessageDigest.getInstance("SHA-256").digest("abc".getBytes());
        assertArrayEquals(expected, digest.array());
    }

    private void schedule(int[] w, int i) {
        Sha.sha256Message1(unit, join(w[i - 16], w[i - 15]), join(w[i - 14], w[i - 13]), join(w[i - 12], w[i - 11]));
        long low = add(unit.low, join(w[i - 7], w[i - 6]));
        long high = add(unit.high, join(w[i - 5], w[i - 4]));
        Sha.sha256Message2(unit, low, high, join(w[i - 2], w[i - 1]));
        w[i] = (int) unit.low;
        w[i + 1] = (int) (unit.low >>> 32);
        w[i + 2] = (int) unit.high;
        w[i + 3] = (int) (unit.high >>> 32);
    }

    private void twoRounds(int[] s, int word0, int word1) {
        int a = s[0];
        int b = s[1];
        int e = s[4];
        int f = s[5];
        Sha.sha256Rounds(unit, join(s[7], s[6]), join(s[3], s[2]), join(f, e), join(b, a), join(word0, word1));
        s[0] = (int) (unit.high >>> 32);
        s[1] = (int) unit.high;
        s[4] = (int) (unit.low >>> 32);
        s[5] = (int) unit.low;
        s[2] = a;
        s[3] = b;
        s[6] = e;
        s[7] = f;
    }

    private static long add(long a, long b) {
        return PackedInteger.paddd(a, b);
    }

    private static long join(int low, int high) {
        return low & 0xFFFFFFFFL | (long) high << 32;
    }

    @Test
    void shouldMultiplyPolynomialsBitByBit() {
        for (int n = 0; n < 20_000; n++) {
            // given
            long a = random.nextLong();
            long b = n % 3 == 0 ? -1 : random.nextLong();
            long low = 0;
            long high = 0;
            for (int i = 0; i < 64; i++) {
                if ((b >>> i & 1) != 0) {
                    low ^= a << i;
                    high ^= i == 0 ? 0 : a >>> 64 - i;
                }
            }

            // when
            CarrylessMultiply.multiply(unit, a, b);

            // then
            assertEquals(low, unit.low);
            assertEquals(high, unit.high);
        }
    }

    private byte[] bytes(int count) {
        byte[] bytes = new byte[count];
        random.nextBytes(bytes);
        return bytes;
    }
}

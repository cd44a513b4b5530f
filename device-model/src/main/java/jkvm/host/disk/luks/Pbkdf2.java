package jkvm.host.disk.luks;

import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Key derivation of PKCS #5 (RFC 8018, section 5.2). The Java platform's own takes characters, and passphrases here
 * are bytes.
 */
final class Pbkdf2 {
    private static final long PROBE_NANOS = 20_000_000;
    private static final int PROBE_ITERATIONS = 2000;

    private Pbkdf2() {
    }

    /**
     * Derives a key.
     *
     * @param secret     stays as it is
     * @param iterations from 1 on
     * @param length     of the key, in bytes
     */
    static byte[] derive(HashAlgorithm hash, byte[] secret, byte[] salt, int iterations, int length) {
        Mac mac = hash.mac();
        byte[] key = new byte[length];
        byte[] sum = new byte[hash.length()];
        byte[] step = new byte[hash.length()];
        try {
            // An empty key is no key to the platform; it is filled up with zeros, so one of them is the same.
            mac.init(new SecretKeySpec(secret.length == 0 ? new byte[1] : secret, "HMAC"));
            for (int block = 1, at = 0; at < length; block++, at += sum.length) {
                mac.update(salt);
                mac.update(new byte[] {(byte) (block >>> 24), (byte) (block >>> 16), (byte) (block >>> 8),
                        (byte) block});
                mac.doFinal(step, 0);
                System.arraycopy(step, 0, sum, 0, sum.length);
                for (int i = 1; i < iterations; i++) {
                    mac.update(step);
                    mac.doFinal(step, 0);
                    for (int j = 0; j < sum.length; j++) {
                        sum[j] ^= step[j];
                    }
                }
                System.arraycopy(sum, 0, key, at, Math.min(sum.length, length - at));
            }
            return key;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        } finally {
            Arrays.fill(sum, (byte) 0);
            Arrays.fill(step, (byte) 0);
        }
    }

    /** How many iterations for a key of {@code length} bytes this host makes in {@code milliseconds}. */
    static long iterations(HashAlgorithm hash, int length, long milliseconds) {
        long end = System.nanoTime() + PROBE_NANOS;
        long nanos;
        do {
            // The first rounds are interpreted: the last one counts.
            long start = System.nanoTime();
            derive(hash, new byte[length], new byte[LuksHeader.SALT_LENGTH], PROBE_ITERATIONS, length);
            nanos = Math.max(1, System.nanoTime() - start);
        } while (System.nanoTime() < end);
        return (long) (PROBE_ITERATIONS * (milliseconds * 1e6 / nanos));
    }
}

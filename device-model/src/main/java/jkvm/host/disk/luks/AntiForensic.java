package jkvm.host.disk.luks;

import java.security.DigestException;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;

/**
 * Spreads a key over many stripes of which each single one is needed to get it back: wiping any sector of them wipes
 * the key.
 */
final class AntiForensic {
    private AntiForensic() {
    }

    /** The stripes of a key, one after another. */
    static byte[] split(HashAlgorithm hash, byte[] key, int stripes, SecureRandom random) {
        byte[] split = new byte[key.length * stripes];
        random.nextBytes(split);
        byte[] sum = sum(hash, split, key.length, stripes - 1);
        int last = split.length - key.length;
        for (int i = 0; i < key.length; i++) {
            split[last + i] = (byte) (sum[i] ^ key[i]);
        }
        Arrays.fill(sum, (byte) 0);
        return split;
    }

    /** The key of {@code length} bytes that was split. */
    static byte[] merge(HashAlgorithm hash, byte[] split, int length) {
        byte[] key = sum(hash, split, length, split.length / length - 1);
        int last = split.length - length;
        for (int i = 0; i < length; i++) {
            key[i] ^= split[last + i];
        }
        return key;
    }

    private static byte[] sum(HashAlgorithm hash, byte[] split, int length, int stripes) {
        MessageDigest digest = hash.digest();
        byte[] sum = new byte[length];
        byte[] hashed = new byte[hash.length()];
        for (int stripe = 0; stripe < stripes; stripe++) {
            for (int i = 0; i < length; i++) {
                sum[i] ^= split[stripe * length + i];
            }
            diffuse(digest, sum, hashed);
        }
        Arrays.fill(hashed, (byte) 0);
        return sum;
    }

    /** Puts the hash of its place and content in the place of each part as long as a hash. */
    private static void diffuse(MessageDigest digest, byte[] block, byte[] hashed) {
        for (int part = 0, at = 0; at < block.length; part++, at += hashed.length) {
            int count = Math.min(hashed.length, block.length - at);
            digest.update(new byte[] {0, 0, 0, (byte) part});
            digest.update(block, at, count);
            try {
                digest.digest(hashed, 0, hashed.length);
            } catch (DigestException e) {
                throw new IllegalStateException(e);
            }
            System.arraycopy(hashed, 0, block, at, count);
        }
    }
}

package jkvm.host.disk.luks;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import javax.crypto.Cipher;
import javax.crypto.spec.SecretKeySpec;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.luks.CipherChoice.Generator;
import jkvm.host.disk.luks.CipherChoice.Mode;

/**
 * Encrypts and decrypts whole sectors, up to a fixed number at a time. Belongs to one thread, and makes no objects
 * after its construction.
 */
final class SectorCipher {
    /** The most bytes of one call. */
    static final int MAX_BYTES = 1 << 16;

    private static final int SECTOR = DiskImage.SECTOR_SIZE;
    /** An AES block, and so a vector, in bytes. */
    private static final int BLOCK = 16;
    /** What the polynomial of XTS adds when a bit leaves the tweak. */
    private static final long POLYNOMIAL = 0x87;
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    private final CipherChoice choice;
    private final Cipher encryptor;
    private final Cipher decryptor;
    /** Encrypts the numbers of sectors; null where the generator does not. */
    private final Cipher numberCipher;
    /** Encrypts vectors to XTS's first tweaks; null for other modes. */
    private final Cipher tweakCipher;
    private final byte[] vectors = new byte[MAX_BYTES / SECTOR * BLOCK];
    private final byte[] tweaks = new byte[MAX_BYTES];
    private final byte[] result = new byte[MAX_BYTES];

    /** @param key of the length that the choice says; stays as it is */
    SectorCipher(CipherChoice choice, byte[] key) {
        this.choice = choice;
        boolean isXts = choice.mode() == Mode.XTS;
        int single = isXts ? key.length / 2 : key.length;
        this.encryptor = aes(Cipher.ENCRYPT_MODE, key, 0, single);
        this.decryptor = aes(Cipher.DECRYPT_MODE, key, 0, single);
        this.tweakCipher = isXts ? aes(Cipher.ENCRYPT_MODE, key, single, single) : null;
        this.numberCipher = choice.generator() == Generator.ESSIV ? essiv(key) : null;
    }

    private static Cipher essiv(byte[] key) {
        byte[] hashed = CipherChoice.ESSIV_HASH.digest().digest(key);
        Cipher cipher = aes(Cipher.ENCRYPT_MODE, hashed, 0, hashed.length);
        Arrays.fill(hashed, (byte) 0);
        return cipher;
    }

    private static Cipher aes(int direction, byte[] key, int from, int length) {
        try {
            Cipher cipher = Cipher.getInstance("AES/ECB/NoPadding");
            cipher.init(direction, new SecretKeySpec(key, from, length, "AES"));
            return cipher;
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("the Java platform lacks AES with " + length * 8 + " bits", e);
        }
    }

    /**
     * Encrypts in place.
     *
     * @param sector number of the first one
     * @param length whole sectors, {@link #MAX_BYTES} at most, from the array's begin on
     */
    void encrypt(long sector, byte[] data, int length) {
        fillVectors(sector, length);
        if (choice.mode() == Mode.XTS) {
            applyXts(encryptor, data, length);
        } else {
            encryptCbc(data, length);
        }
    }

    /** As {@link #encrypt}, backwards. */
    void decrypt(long sector, byte[] data, int length) {
        fillVectors(sector, length);
        if (choice.mode() == Mode.XTS) {
            applyXts(decryptor, data, length);
        } else {
            decryptCbc(data, length);
        }
    }

    private static void update(Cipher cipher, byte[] from, int at, int length, byte[] to) {
        try {
            cipher.update(from, at, length, to, at);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void fillVectors(long sector, int length) {
        int count = length / SECTOR;
        for (int i = 0; i < count; i++) {
            long number = sector + i;
            LONG.set(vectors, i * BLOCK, choice.generator() == Generator.PLAIN ? number & 0xffff_ffffL : number);
            LONG.set(vectors, i * BLOCK + Long.BYTES, 0L);
        }
        if (numberCipher != null) {
            encryptVectors(numberCipher, count);
        }
        if (tweakCipher != null) {
            encryptVectors(tweakCipher, count);
        }
    }

    private void encryptVectors(Cipher cipher, int count) {
        update(cipher, vectors, 0, count * BLOCK, result);
        System.arraycopy(result, 0, vectors, 0, count * BLOCK);
    }

    private void applyXts(Cipher cipher, byte[] data, int length) {
        for (int sector = 0; sector < length / SECTOR; sector++) {
            long low = (long) LONG.get(vectors, sector * BLOCK);
            long high = (long) LONG.get(vectors, sector * BLOCK + Long.BYTES);
            for (int at = sector * SECTOR; at < (sector + 1) * SECTOR; at += BLOCK) {
                LONG.set(tweaks, at, low);
                LONG.set(tweaks, at + Long.BYTES, high);
                long carry = high >> 63 & POLYNOMIAL;
                high = high << 1 | low >>> 63;
                low = low << 1 ^ carry;
            }
        }
        xor(data, data, tweaks, length);
        update(cipher, data, 0, length, result);
        xor(data, result, tweaks, length);
    }

    private static void xor(byte[] to, byte[] left, byte[] right, int length) {
        for (int at = 0; at < length; at += Long.BYTES) {
            LONG.set(to, at, (long) LONG.get(left, at) ^ (long) LONG.get(right, at));
        }
    }

    /** Each block is mixed with the one before it, encrypted: there is no more than one at a time. */
    private void encryptCbc(byte[] data, int length) {
        for (int at = 0; at < length; at += BLOCK) {
            boolean isFirst = at % SECTOR == 0;
            mix(data, at, isFirst ? vectors : result, isFirst ? at / SECTOR * BLOCK : at - BLOCK);
            update(encryptor, data, at, BLOCK, result);
        }
        System.arraycopy(result, 0, data, 0, length);
    }

    private void decryptCbc(byte[] data, int length) {
        update(decryptor, data, 0, length, result);
        for (int at = 0; at < length; at += BLOCK) {
            boolean isFirst = at % SECTOR == 0;
            mix(result, at, isFirst ? vectors : data, isFirst ? at / SECTOR * BLOCK : at - BLOCK);
        }
        System.arraycopy(result, 0, data, 0, length);
    }

    private static void mix(byte[] to, int at, byte[] with, int from) {
        LONG.set(to, at, (long) LONG.get(to, at) ^ (long) LONG.get(with, from));
        LONG.set(to, at + Long.BYTES, (long) LONG.get(to, at + Long.BYTES) ^ (long) LONG.get(with, from + Long.BYTES));
    }
}

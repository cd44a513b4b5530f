package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Arrays;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;

/** Puts an image's key into its key slots, encrypted under a passphrase, and gets it back. */
final class MasterKey {
    private MasterKey() {
    }

    /**
     * The key that the passphrase unlocks; the caller wipes it.
     *
     * @throws ImageException if there is no slot of the passphrase
     */
    static byte[] unlock(BlockFile file, LuksHeader header, byte[] passphrase) throws IOException {
        for (KeySlot slot : header.slots()) {
            byte[] key = open(file, header, slot, passphrase);
            if (key.length > 0) {
                return key;
            }
        }
        throw new ImageException(Kind.UNUSABLE, "Invalid password, cannot unlock any keyslot");
    }

    /** True if a slot is one of the passphrase. */
    static boolean fits(BlockFile file, LuksHeader header, int slot, byte[] passphrase) throws IOException {
        byte[] key = open(file, header, header.slots().get(slot), passphrase);
        Arrays.fill(key, (byte) 0);
        return key.length > 0;
    }

    /** @return the key; empty if the slot is not one of the passphrase */
    private static byte[] open(BlockFile file, LuksHeader header, KeySlot slot, byte[] passphrase)
            throws IOException {
        if (!slot.active()) {
            return new byte[0];
        }
        byte[] key = material(file, header, slot, passphrase);
        byte[] digest = digest(header.hash(), key, header.digestSalt(), header.iterations());
        if (MessageDigest.isEqual(digest, header.digest())) {
            return key;
        }
        Arrays.fill(key, (byte) 0);
        return new byte[0];
    }

    static byte[] digest(HashAlgorithm hash, byte[] key, byte[] salt, int iterations) {
        return Pbkdf2.derive(hash, key, salt, iterations, LuksHeader.DIGEST_LENGTH);
    }

    private static byte[] material(BlockFile file, LuksHeader header, KeySlot slot, byte[] passphrase)
            throws IOException {
        CipherChoice choice = header.cipher();
        byte[] split = Bytes.readFully(file, position(slot), (long) choice.keyLength() * slot.stripes(),
                "the material of a key").toArray(ValueLayout.JAVA_BYTE);
        apply(header, slot, passphrase, split, false);
        byte[] key = AntiForensic.merge(header.hash(), split, choice.keyLength());
        Arrays.fill(split, (byte) 0);
        return key;
    }

    /** Writes the stripes of a key. */
    static void store(BlockFile file, LuksHeader header, KeySlot slot, byte[] passphrase, byte[] key,
            SecureRandom random) throws IOException {
        byte[] split = AntiForensic.split(header.hash(), key, slot.stripes(), random);
        apply(header, slot, passphrase, split, true);
        file.write(position(slot), MemorySegment.ofArray(split));
    }

    static long position(KeySlot slot) {
        return Integer.toUnsignedLong(slot.keySector()) * DiskImage.SECTOR_SIZE;
    }

    /** Encrypts or decrypts stripes under the key that is derived from the passphrase. */
    private static void apply(LuksHeader header, KeySlot slot, byte[] passphrase, byte[] split, boolean encrypt) {
        byte[] key = Pbkdf2.derive(header.hash(), passphrase, slot.salt(), slot.iterations(),
                header.cipher().keyLength());
        SectorCipher cipher = new SectorCipher(header.cipher(), key);
        Arrays.fill(key, (byte) 0);
        byte[] part = new byte[SectorCipher.MAX_BYTES];
        for (int at = 0; at < split.length; at += part.length) {
            int count = Math.min(part.length, split.length - at);
            System.arraycopy(split, at, part, 0, count);
            if (encrypt) {
                cipher.encrypt(at / DiskImage.SECTOR_SIZE, part, count);
            } else {
                cipher.decrypt(at / DiskImage.SECTOR_SIZE, part, count);
            }
            System.arraycopy(part, 0, split, at, count);
        }
        Arrays.fill(part, (byte) 0);
    }
}

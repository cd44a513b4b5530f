package jkvm.host.disk.luks;

import java.io.IOException;
import java.util.Arrays;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.NamedFiles;

/**
 * The first kind of encryption that qcow images had, before LUKS: AES-128 in CBC mode whose key is the passphrase
 * itself, up to 16 bytes of it. A sector's number is its place on the disk. It is weak: who knows plain text can try
 * passphrases fast, and equal begins of sectors show. QEMU reads and writes it in qemu-img only.
 */
public final class LegacyAes {
    private static final int KEY_LENGTH = 16;
    private static final CipherChoice CHOICE = new CipherChoice(CipherChoice.Mode.CBC,
            CipherChoice.Generator.PLAIN64, KEY_LENGTH);

    private LegacyAes() {
    }

    /**
     * The data as plain bytes. Any passphrase fits: a wrong one shows noise.
     *
     * @param secret the id of the passphrase, null if the user names none
     * @param prefix of the option's name, for messages
     * @param data   where the data is; not closed with the file that is returned
     * @return numbers sectors by their places in {@code data}; see {@link CipherFile#numbered}
     */
    public static CipherFile unlock(String secret, String prefix, NamedFiles files, BlockFile data)
            throws IOException {
        byte[] passphrase = files.secret(LuksVolume.requireSecret(secret, prefix));
        byte[] key = Arrays.copyOf(passphrase, KEY_LENGTH);
        return new CipherFile(data, CHOICE, 0, key);
    }

    /**
     * Refuses what cannot be made.
     *
     * @param secret as {@link #unlock} gets it
     */
    public static void check(String secret, String prefix) throws IOException {
        LuksVolume.requireSecret(secret, prefix);
    }
}

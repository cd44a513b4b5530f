package jkvm.host.disk.luks;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ForwardingFile;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.NamedFiles;
import jkvm.json.Json;

/**
 * The header and key slots of LUKS inside an image of another format, which has them in a part of its file and encrypts
 * its data with their key. The options' names are those of a LUKS image, without the format's prefix.
 */
public final class LuksVolume {
    /** The option that names the passphrase. */
    public static final String KEY_SECRET = LuksCreator.KEY_SECRET;

    private LuksVolume() {
    }

    /** A part of a file. */
    private static final class Part extends ForwardingFile {
        private final long start;
        private final long length;

        Part(BlockFile file, long start, long length) {
            super(file);
            this.start = start;
            this.length = length;
        }

        @Override
        public long size() throws IOException {
            return Math.clamp(file.size() - start, 0, length);
        }

        @Override
        public long read(long position, MemorySegment memory, long at, long count) throws IOException {
            return position >= length ? 0 : file.read(start + position, memory, at, Math.min(count, length - position));
        }

        @Override
        public void write(long position, MemorySegment memory, long at, long count) throws IOException {
            if (position > length || count > length - position) {
                throw new IOException("the encryption header has " + length + " bytes only");
            }
            file.write(start + position, memory, at, count);
        }
    }

    /**
     * Refuses what cannot be made.
     *
     * @param prefix of the options' names, for messages
     */
    public static void check(CreateValues values, String prefix) throws IOException {
        requireSecret(values.text(LuksCreator.KEY_SECRET).orElse(null), prefix);
        LuksCreator.check(values);
    }

    static String requireSecret(String id, String prefix) throws IOException {
        if (id == null) {
            throw new ImageException(Kind.INVALID_OPTION, "Parameter '" + prefix + LuksCreator.KEY_SECRET
                    + "' is required for cipher");
        }
        return id;
    }

    /** How many bytes header and key slots take. */
    public static long length(CreateValues values) throws IOException {
        return LuksCreator.payloadOffset(values);
    }

    /**
     * Makes a new key and writes header and key slots.
     *
     * @param start where to, in the file, which has {@link #length} bytes there
     */
    public static void create(BlockFile file, long start, CreateValues values, NamedFiles files) throws IOException {
        byte[] passphrase = files.secret(values.text(LuksCreator.KEY_SECRET).orElseThrow());
        LuksCreator.writeKeys(new Part(file, start, length(values)), values, passphrase);
    }

    /** Describes header and key slots, under QEMU's names. */
    public static Json.Members describe(BlockFile file, long start, long length) throws IOException {
        return describe(LuksHeader.read(new Part(file, start, length)));
    }

    /**
     * Unlocks the key.
     *
     * @param secret the id of the passphrase, null if the user names none
     * @param prefix of the option's name, for messages
     * @param data   where the data is; not closed with the file that is returned
     * @return the data as plain bytes: the caller calls {@link CipherFile#forget}
     */
    public static CipherFile unlock(BlockFile file, long start, long length, String secret, String prefix,
            NamedFiles files, BlockFile data) throws IOException {
        byte[] passphrase = files.secret(requireSecret(secret, prefix));
        Part part = new Part(file, start, length);
        LuksHeader header = LuksHeader.read(part);
        return new CipherFile(data, header.cipher(), 0, MasterKey.unlock(part, header, passphrase));
    }

    /** The options by which passphrases are added and erased, in the order of their names. */
    public static List<CreateOption> amendOptions() {
        return KeySlots.OPTIONS;
    }

    /**
     * Adds a passphrase or erases some.
     *
     * @param values of {@link #amendOptions()}
     * @param force  whether the last passphrase may be erased, and one overwritten
     * @param secret the id of a passphrase that unlocks the key, null if the user names none
     */
    public static void amend(BlockFile file, long start, long length, CreateValues values, boolean force,
            String secret, String prefix, NamedFiles files) throws IOException {
        new KeySlots(new Part(file, start, length), values, force, files).change(requireSecret(secret, prefix));
    }

    static Json.Members describe(LuksHeader header) {
        CipherChoice cipher = header.cipher();
        List<Json> slots = new ArrayList<>();
        for (KeySlot slot : header.slots()) {
            Json.Members members = Json.Members.empty().with("active", slot.active()).with("key-offset",
                    Integer.toUnsignedLong(slot.keySector()) * DiskImage.SECTOR_SIZE);
            slots.add(slot.active() ? members.with("iters", slot.iterations()).with("stripes", slot.stripes())
                    : members);
        }
        Json.Members all = Json.Members.empty().with("ivgen-alg", cipher.generator().text())
                .with("hash-alg", header.hash().text()).with("cipher-alg", cipher.algorithm())
                .with("uuid", header.uuid()).with("cipher-mode", cipher.mode().text())
                .with("slots", new Json.Items(slots)).with("payload-offset", header.payloadOffset())
                .with("master-key-iters", header.iterations());
        return cipher.generator() == CipherChoice.Generator.ESSIV
                ? all.with("ivgen-hash-alg", CipherChoice.ESSIV_HASH.text()) : all;
    }
}

package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.Optional;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.luks.CipherFile;
import jkvm.host.disk.luks.LegacyAes;
import jkvm.host.disk.luks.LuksVolume;
import jkvm.json.Json;

/**
 * How an image's data clusters are encrypted (docs/interop/qcow2, "Full disk encryption header pointer" and "Data
 * encryption"). With LUKS a sector's number is that of its place in the file, with AES alone that of its place on the
 * disk. Tables and compressed clusters are plain.
 *
 * @param method the header's: {@link #NO_METHOD}, {@link #AES}, {@link #LUKS}
 * @param offset where the LUKS header is in the file
 * @param length of it and its key slots
 */
record Encryption(int method, long offset, long length) {
    static final int NO_METHOD = 0, AES = 1, LUKS = 2;
    static final Encryption NONE = new Encryption(NO_METHOD, 0, 0);
    static final int EXTENSION = 0x0537be77, METHOD_FIELD = 32;
    /** The names of options that are about it, as the user gives them when the image is opened or made. */
    static final String PREFIX = "encrypt.", FORMAT = PREFIX + "format", KEY_SECRET = PREFIX + "key-secret";

    /** Eight keys of the longest kind take less than a twentieth of it. */
    private static final long MAX_LENGTH = 64 << 20;
    private static final String[] NAMES = {"", "aes", "luks"};

    /**
     * Reads what the first cluster says.
     *
     * @param extension the header extension's content; null if there is none
     * @throws IOException if it contradicts itself
     */
    static Encryption read(int method, MemorySegment extension, int clusterSize) throws IOException {
        if (method < 0 || method >= NAMES.length) {
            throw new IOException("Unsupported encryption method " + Integer.toUnsignedString(method));
        }
        if (method != LUKS) {
            if (extension != null) {
                throw new IOException("CRYPTO header extension only expected with LUKS encryption method");
            }
            return method == NO_METHOD ? NONE : new Encryption(method, 0, 0);
        }
        if (extension == null || extension.byteSize() != 2 * Long.BYTES) {
            throw new IOException("the image is encrypted with LUKS, and its header does not say where the key is");
        }
        Encryption found = new Encryption(method, Bytes.getLong(extension, 0), Bytes.getLong(extension, Long.BYTES));
        if (found.offset % clusterSize != 0) {
            throw new IOException("Encryption header offset '" + Long.toUnsignedString(found.offset)
                    + "' is not a multiple of cluster size '" + clusterSize + "'");
        }
        if (found.offset <= 0 || found.offset > Long.MAX_VALUE - MAX_LENGTH || found.length <= 0
                || found.length > MAX_LENGTH) {
            throw new IOException("the encryption header's place is invalid: "
                    + Long.toUnsignedString(found.length) + " bytes at " + Long.toUnsignedString(found.offset));
        }
        return found;
    }

    boolean isNone() {
        return method == NO_METHOD;
    }

    /** Describes it, under QEMU's names. */
    Json.Members describe(BlockFile file) throws IOException {
        return (method == LUKS ? LuksVolume.describe(file, offset, length) : Json.Members.empty())
                .with("format", NAMES[method]);
    }

    /** Refuses settings of the user's that are about another encryption. */
    void check(NamedFiles files) throws IOException {
        Optional<String> wanted = files.setting(FORMAT);
        if (wanted.isPresent() && isNone()) {
            throw invalid("No encryption in image header, but options specified format '" + wanted.get() + "'");
        }
        if (wanted.isPresent() && !wanted.get().equals(NAMES[method])) {
            throw invalid("Header reported '" + NAMES[method] + "' encryption format but options specify '"
                    + wanted.get() + "'");
        }
    }

    /**
     * The data as plain bytes.
     *
     * @param file the image itself
     * @param data where its clusters are
     */
    CipherFile unlock(BlockFile file, BlockFile data, NamedFiles files) throws IOException {
        String secret = files.setting(KEY_SECRET).orElse(null);
        return method == AES ? LegacyAes.unlock(secret, PREFIX, files, data)
                : LuksVolume.unlock(file, offset, length, secret, PREFIX, files, data);
    }

    /** Changes the passphrases of LUKS. */
    void amend(BlockFile file, CreateValues values, boolean force, NamedFiles files) throws IOException {
        LuksVolume.amend(file, offset, length, values, force, files.setting(KEY_SECRET).orElse(null), PREFIX, files);
    }

    static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}

package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.List;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.Preallocation;
import jkvm.host.disk.luks.LegacyAes;
import jkvm.host.disk.luks.LuksVolume;

/**
 * Settings of a new qcow2 image, checked.
 *
 * @param size          of the disk, in bytes; rounded up to sectors
 * @param clusterSize   a power of two from 512 to 2 MiB
 * @param version       2 or 3
 * @param refcountBits  a refcount's width: a power of two up to 64; 16 in version 2
 * @param lazyRefcounts whether refcounts are written when the image is closed only; version 3
 * @param backingFile   the name to store, or null
 * @param backingFormat the backing file's format, as it is stored; null if there is none
 * @param features      what version 2 does not have
 * @param preallocation the room that it takes at once
 * @param encryption    its values without their prefix; empty if the data is plain
 * @param method        the header's number of the encryption
 */
record Qcow2Settings(long size, int clusterSize, int version, int refcountBits, boolean lazyRefcounts,
        String backingFile, String backingFormat, Features features, Preallocation preallocation,
        CreateValues encryption, int method) {
    /**
     * Features that an older reader does not know.
     *
     * @param compression how compressed clusters are packed
     * @param extendedL2  whether clusters have subclusters
     * @param dataFile    the name of the external data file, or null
     * @param rawDataFile whether that shows the disk by itself too
     */
    record Features(CompressionType compression, boolean extendedL2, String dataFile, boolean rawDataFile) {
        /** The header's incompatible features. */
        long incompatible() {
            return (compression == CompressionType.ZLIB ? 0 : Qcow2Header.COMPRESSION_BIT)
                    | (extendedL2 ? Qcow2Header.EXTENDED_L2_BIT : 0)
                    | (dataFile == null ? 0 : Qcow2Header.DATA_FILE_BIT);
        }
    }

    static final int MAX_REFCOUNT_BITS = 64;
    private static final int MIN_CLUSTER_SIZE = 512, MAX_CLUSTER_SIZE = 2 << 20;
    private static final int DEFAULT_CLUSTER_SIZE = 65536, DEFAULT_REFCOUNT_BITS = 16;
    private static final String CLUSTER_SIZE = "cluster_size", COMPRESSION_TYPE = "compression_type",
            EXTENDED_L2 = "extended_l2", ENCRYPTION = "encryption";
    static final String COMPAT = "compat", LAZY_REFCOUNTS = "lazy_refcounts", REFCOUNT_BITS = "refcount_bits",
            DATA_FILE = "data_file", DATA_FILE_RAW = "data_file_raw";
    static final List<CreateOption> OPTIONS = List.of(
            CreateOption.flag(ENCRYPTION,
                    "Encrypt the image with format 'aes'. (Deprecated in favor of encrypt.format=aes)"),
            CreateOption.text("encrypt.format", "Encrypt the image, format choices: 'aes', 'luks'"),
            CreateOption.text("encrypt.key-secret", "ID of secret providing qcow AES key or LUKS passphrase"),
            CreateOption.text("encrypt.cipher-alg", "Name of encryption cipher algorithm"),
            CreateOption.text("encrypt.cipher-mode", "Name of encryption cipher mode"),
            CreateOption.text("encrypt.ivgen-alg", "Name of IV generator algorithm"),
            CreateOption.text("encrypt.ivgen-hash-alg", "Name of IV generator hash algorithm"),
            CreateOption.text("encrypt.hash-alg", "Name of encryption hash algorithm"),
            CreateOption.number("encrypt.iter-time", "Time to spend in PBKDF in milliseconds"),
            CreateOption.size(CLUSTER_SIZE, "qcow2 cluster size").withPreset("65536"),
            CreateOption.flag(EXTENDED_L2, "Extended L2 tables").withPreset("off"),
            CreateOption.text(CreateOption.PREALLOCATION,
                    "Preallocation mode (allowed values: off, metadata, falloc, full)"),
            CreateOption.text(COMPRESSION_TYPE, "Compression method used for image cluster compression")
                    .withPreset("zlib"),
            CreateOption.size(CreateOption.SIZE, "Virtual disk size"),
            CreateOption.text(COMPAT, "Compatibility level (v2 [0.10] or v3 [1.1])"),
            CreateOption.text(CreateOption.BACKING_FILE, "File name of a base image"),
            CreateOption.text(CreateOption.BACKING_FORMAT, "Image format of the base image"),
            CreateOption.text(DATA_FILE, "File name of an external data file"),
            CreateOption.flag(DATA_FILE_RAW, "The external data file must stay valid as a raw image"),
            CreateOption.flag(LAZY_REFCOUNTS, "Postpone refcount updates").withPreset("off"),
            CreateOption.number(REFCOUNT_BITS, "Width of a reference count entry in bits").withPreset("16"));

    /**
     * Reads the values of {@link #OPTIONS}.
     *
     * @throws IOException if a value is wrong or not supported, or values do not go together
     */
    static Qcow2Settings of(CreateValues values) throws IOException {
        long clusterSize = values.bytes(CLUSTER_SIZE).orElse(DEFAULT_CLUSTER_SIZE);
        if (Long.bitCount(clusterSize) != 1 || clusterSize < MIN_CLUSTER_SIZE || clusterSize > MAX_CLUSTER_SIZE) {
            throw invalid("Cluster size must be a power of two between 512 and 2048k");
        }
        int version = version(values.text(COMPAT).orElse("1.1"), "Invalid compatibility level: ");
        long refcountBits = values.number(REFCOUNT_BITS).orElse(DEFAULT_REFCOUNT_BITS);
        if (Long.bitCount(refcountBits) != 1 || refcountBits < 0 || refcountBits > MAX_REFCOUNT_BITS) {
            throw invalid("Refcount width must be a power of two and may not exceed 64 bits");
        }
        if (version < 3 && refcountBits != DEFAULT_REFCOUNT_BITS) {
            throw invalid("Different refcount widths than 16 bits require compatibility level 1.1 or above"
                    + " (use compat=1.1 or greater)");
        }
        boolean lazyRefcounts = values.flag(LAZY_REFCOUNTS).orElse(false);
        if (version < 3 && lazyRefcounts) {
            throw invalid("Lazy refcounts only supported with compatibility level 1.1 and above"
                    + " (use compat=1.1 or greater)");
        }
        Features features = features(values, (int) clusterSize, version);
        Qcow2Settings settings = new Qcow2Settings(values.size(), (int) clusterSize, version, (int) refcountBits,
                lazyRefcounts, values.text(CreateOption.BACKING_FILE).filter(name -> !name.isEmpty()).orElse(null),
                values.text(CreateOption.BACKING_FORMAT).orElse(null), features,
                preallocation(values, features), values.within(Encryption.PREFIX), encryption(values));
        settings.requireNoBackingWhereNoneCanBe();
        return settings;
    }

    private static Features features(CreateValues values, int clusterSize, int version) throws IOException {
        String compression = values.text(COMPRESSION_TYPE).orElse(CompressionType.ZLIB.text());
        CompressionType type = CompressionType.of(compression).orElseThrow(() -> invalid(
                "Parameter 'compression-type' does not accept value '" + compression + "'"));
        boolean extended = values.flag(EXTENDED_L2).orElse(false);
        String dataFile = values.text(DATA_FILE).orElse(null);
        boolean raw = values.flag(DATA_FILE_RAW).orElse(false);
        String needed = " only supported with compatibility level 1.1 and above (use version=v3 or greater)";
        if (version < 3 && dataFile != null) {
            throw invalid("External data files are" + needed);
        }
        if (version < 3 && extended) {
            throw invalid("Extended L2 entries are" + needed);
        }
        if (version < 3 && type != CompressionType.ZLIB) {
            throw invalid("Non-zlib compression type is" + needed);
        }
        if (raw && dataFile == null) {
            throw invalid("data-file-raw requires data-file");
        }
        if (extended && clusterSize < 1 << Qcow2Header.MIN_EXTENDED_CLUSTER_BITS) {
            throw invalid("Extended L2 entries are only supported with cluster sizes of at least 16384 bytes");
        }
        return new Features(type, extended, dataFile, raw);
    }

    /** A raw data file has each of its bytes, so that the tables name it whole. */
    private static Preallocation preallocation(CreateValues values, Features features) throws IOException {
        Preallocation told = Preallocation.of(values);
        return features.rawDataFile() && told == Preallocation.OFF ? Preallocation.METADATA : told;
    }

    private void requireNoBackingWhereNoneCanBe() throws IOException {
        if (backingFile == null) {
            return;
        }
        if (features.rawDataFile()) {
            throw invalid("Backing file and data-file-raw cannot be used at the same time");
        }
        if (preallocation != Preallocation.OFF && !features.extendedL2()) {
            throw invalid("Backing file and preallocation can only be used at the same time if extended_l2 is on");
        }
    }

    /** How many bytes in the file the encryption's keys take. */
    long keyBytes() throws IOException {
        return method == Encryption.LUKS ? LuksVolume.length(encryption) : 0;
    }

    /** @return the header's number of the encryption */
    private static int encryption(CreateValues values) throws IOException {
        CreateValues own = values.within(Encryption.PREFIX);
        String format = values.text(Encryption.FORMAT).orElse(null);
        if (values.flag(ENCRYPTION).orElse(false)) {
            if (format != null) {
                throw invalid("'" + Encryption.FORMAT + "' and its alias '" + ENCRYPTION
                        + "' can't be used at the same time");
            }
            format = "aes";
        } else if (own.isEmpty()) {
            return Encryption.NO_METHOD;
        }
        switch (format) {
            case null -> throw invalid("Parameter '" + Encryption.FORMAT + "' is missing");
            case "luks" -> {
                LuksVolume.check(own, Encryption.PREFIX);
                return Encryption.LUKS;
            }
            case "aes" -> {
                checkAes(values);
                return Encryption.AES;
            }
            default -> throw invalid("Parameter 'format' does not accept value '" + format + "'");
        }
    }

    private static void checkAes(CreateValues values) throws IOException {
        LegacyAes.check(values.text(Encryption.KEY_SECRET).orElse(null), Encryption.PREFIX);
        for (CreateOption option : OPTIONS) {
            if (option.name().startsWith(Encryption.PREFIX) && !option.name().equals(Encryption.FORMAT)
                    && !option.name().equals(Encryption.KEY_SECRET) && values.has(option.name())) {
                throw invalid("Parameter '" + option.name() + "' is unexpected");
            }
        }
    }

    /** @param what the beginning of the message for any other text */
    static int version(String compat, String what) throws IOException {
        return switch (compat) {
            case "0.10", "v2" -> 2;
            case "1.1", "v3" -> 3;
            default -> throw invalid(what + "'" + compat + "'; use 0.10 or 1.1");
        };
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }
}

package jkvm.host.disk.luks;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.UUID;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;

/** Makes images, with one passphrase. */
final class LuksCreator {
    static final String KEY_SECRET = "key-secret";

    static final String TIME = "iter-time";

    private static final String CIPHER = "cipher-alg", MODE = "cipher-mode", GENERATOR = "ivgen-alg",
            GENERATOR_HASH = "ivgen-hash-alg", HASH = "hash-alg";

    static final List<CreateOption> OPTIONS = List.of(CreateOption.size(CreateOption.SIZE, "Virtual disk size"),
            CreateOption.text(KEY_SECRET, "ID of the secret that provides the keyslot passphrase"),
            CreateOption.text(CIPHER, "Name of encryption cipher algorithm"),
            CreateOption.text(MODE, "Name of encryption cipher mode"),
            CreateOption.text(GENERATOR, "Name of IV generator algorithm"),
            CreateOption.text(GENERATOR_HASH, "Name of IV generator hash algorithm"),
            CreateOption.text(HASH, "Name of encryption hash algorithm"),
            CreateOption.number(TIME, "Time to spend in PBKDF in milliseconds"));

    static final int DEFAULT_MILLISECONDS = 2000;

    private static final int MIN_ITERATIONS = 1000;
    /** The master key is not guessed: its digest takes this much less time than the passphrase. */
    private static final int DIGEST_SHARE = 8;

    private static final List<String> CIPHERS = List.of("aes-128", "aes-192", "aes-256", "des", "3des", "cast5-128",
            "serpent-128", "serpent-192", "serpent-256", "twofish-128", "twofish-192", "twofish-256");
    private static final List<String> MODES = List.of("ecb", "cbc", "xts", "ctr");
    private static final List<String> GENERATORS = List.of("plain", "plain64", "essiv");
    private static final List<String> HASHES = List.of("md5", "sha1", "sha256", "sha512", "sha224", "sha384",
            "ripemd160");

    private LuksCreator() {
    }

    /**
     * The image's cipher.
     *
     * @throws IOException if a value is wrong or not supported, or values do not go together
     */
    static CipherChoice cipher(CreateValues values) throws IOException {
        String algorithm = word(values, CIPHER, CIPHERS, "aes-256");
        String mode = word(values, MODE, MODES, CipherChoice.Mode.XTS.text());
        String generator = word(values, GENERATOR, GENERATORS, CipherChoice.Generator.PLAIN64.text());
        String generatorHash = word(values, GENERATOR_HASH, HASHES, CipherChoice.ESSIV_HASH.text());
        boolean isEssiv = generator.equals(CipherChoice.Generator.ESSIV.text());
        if (values.has(GENERATOR_HASH) && !isEssiv) {
            throw invalid(GENERATOR_HASH + " is for " + GENERATOR + "=essiv");
        }
        if (!algorithm.startsWith("aes-")) {
            throw CipherChoice.unsupported("cipher", algorithm, "aes-128, aes-192 and aes-256 are");
        }
        int length = Integer.parseInt(algorithm.substring(4)) / 8;
        CipherChoice choice = CipherChoice.parse("aes", mode + "-" + generator + (isEssiv ? ":" + generatorHash : ""),
                mode.equals(CipherChoice.Mode.XTS.text()) ? 2 * length : length);
        if (choice.keyLength() * LuksHeader.STRIPES % DiskImage.SECTOR_SIZE != 0) {
            throw invalid("the stripes of a key of " + algorithm + " do not fill sectors with " + mode
                    + ": use aes-128 or aes-256");
        }
        return choice;
    }

    private static HashAlgorithm hash(CreateValues values) throws IOException {
        String name = word(values, HASH, HASHES, HashAlgorithm.SHA256.text());
        return HashAlgorithm.of(name).orElseThrow(() ->
                CipherChoice.unsupported("hash", name, "sha1, sha224, sha256, sha384 and sha512 are"));
    }

    private static String word(CreateValues values, String name, List<String> known, String absent)
            throws IOException {
        String word = values.text(name).orElse(absent).toLowerCase(Locale.ROOT);
        if (!known.contains(word)) {
            throw invalid("Parameter '" + name + "' does not accept value '" + word + "'");
        }
        return word;
    }

    private static ImageException invalid(String reason) {
        return new ImageException(Kind.INVALID_OPTION, reason);
    }

    /** Refuses what {@link #create} cannot make. */
    static void check(CreateValues values) throws IOException {
        secretId(values.text(KEY_SECRET).orElse(null));
        cipher(values);
        hash(values);
        milliseconds(values);
        if (Preallocation.of(values) == Preallocation.METADATA) {
            throw invalid("Unsupported preallocation mode 'metadata'");
        }
        if (values.size() < 0 || values.size() > Long.MAX_VALUE - payloadOffset(values)) {
            throw invalid("The requested file size is too large");
        }
    }

    /** @param id null if it is not said */
    static String secretId(String id) throws IOException {
        if (id == null) {
            throw invalid("Parameter 'key-secret' is required for cipher");
        }
        return id;
    }

    private static long milliseconds(CreateValues values) throws IOException {
        long time = values.number(TIME).orElse(DEFAULT_MILLISECONDS);
        if (time < 1) {
            throw invalid("iter-time must be non-zero");
        }
        return time;
    }

    /** Where the disk begins in a new image's file, in bytes. */
    static long payloadOffset(CreateValues values) throws IOException {
        return payloadSector(cipher(values)) * DiskImage.SECTOR_SIZE;
    }

    private static long slotSectors(CipherChoice cipher) {
        return Bytes.roundUp(LuksHeader.keySectors(cipher), LuksHeader.ALIGNMENT_SECTORS);
    }

    private static long payloadSector(CipherChoice cipher) {
        return LuksHeader.ALIGNMENT_SECTORS + LuksHeader.SLOTS * slotSectors(cipher);
    }

    /** Makes an image as {@link #check} has found well. */
    static void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        byte[] passphrase = files.secret(secretId(values.text(KEY_SECRET).orElse(null)));
        long payload = payloadOffset(values);
        long size = Bytes.roundUp(values.size(), DiskImage.SECTOR_SIZE);
        file.truncate(payload + size);
        writeKeys(file, values, passphrase);
        Preallocation.of(values).fill(file, payload, size);
    }

    /** Makes a key and writes the header and the key slots, at the begin of the file. */
    static void writeKeys(BlockFile file, CreateValues values, byte[] passphrase) throws IOException {
        CipherChoice cipher = cipher(values);
        SecureRandom random = new SecureRandom();
        byte[] key = new byte[cipher.keyLength()];
        random.nextBytes(key);
        try {
            LuksHeader header = header(cipher, hash(values), milliseconds(values), key, random);
            header.write(file);
            MasterKey.store(file, header, header.slots().getFirst(), passphrase, key, random);
        } finally {
            Arrays.fill(key, (byte) 0);
        }
    }

    private static LuksHeader header(CipherChoice cipher, HashAlgorithm hash, long milliseconds, byte[] key,
            SecureRandom random) {
        byte[] salt = salt(random);
        int digestIterations = iterations(Pbkdf2.iterations(hash, LuksHeader.DIGEST_LENGTH, milliseconds)
                / DIGEST_SHARE);
        List<KeySlot> slots = new ArrayList<>();
        for (int i = 0; i < LuksHeader.SLOTS; i++) {
            slots.add(new KeySlot(false, 0, new byte[LuksHeader.SALT_LENGTH],
                    (int) (LuksHeader.ALIGNMENT_SECTORS + i * slotSectors(cipher)), LuksHeader.STRIPES));
        }
        slots.set(0, slot(hash, slots.getFirst(), key.length, milliseconds, random));
        return new LuksHeader(cipher, hash, MasterKey.digest(hash, key, salt, digestIterations), salt,
                digestIterations, UUID.randomUUID().toString(), (int) payloadSector(cipher), slots);
    }

    /** A slot for a new passphrase at the place of another. */
    static KeySlot slot(HashAlgorithm hash, KeySlot place, int keyLength, long milliseconds, SecureRandom random) {
        return new KeySlot(true, iterations(Pbkdf2.iterations(hash, keyLength, milliseconds)), salt(random),
                place.keySector(), place.stripes());
    }

    private static int iterations(long wanted) {
        return Math.clamp(wanted, MIN_ITERATIONS, LuksHeader.MAX_ITERATIONS);
    }

    private static byte[] salt(SecureRandom random) {
        byte[] salt = new byte[LuksHeader.SALT_LENGTH];
        random.nextBytes(salt);
        return salt;
    }
}

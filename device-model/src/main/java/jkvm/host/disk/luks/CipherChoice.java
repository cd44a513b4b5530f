package jkvm.host.disk.luks;

import java.io.IOException;
import java.util.Locale;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;

/**
 * How the sectors of a disk are encrypted with AES.
 *
 * @param mode      how the blocks of a sector are chained
 * @param generator how a sector's number becomes its first vector
 * @param keyLength in bytes; for XTS that of both keys
 */
record CipherChoice(Mode mode, Generator generator, int keyLength) {
    /** The chaining modes. */
    enum Mode {
        XTS, CBC;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /** The generators of vectors. */
    enum Generator {
        PLAIN, PLAIN64,
        /** The number encrypted under the key's hash, which is always SHA-256 here. */
        ESSIV;

        String text() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    static final HashAlgorithm ESSIV_HASH = HashAlgorithm.SHA256;

    CipherChoice {
        int single = mode == Mode.XTS ? keyLength / 2 : keyLength;
        if (single != 16 && single != 24 && single != 32 || mode == Mode.XTS && keyLength % 2 != 0) {
            throw new IllegalArgumentException("keys of " + keyLength + " bytes");
        }
    }

    /**
     * Reads a header's names.
     *
     * @throws IOException if they name what is not supported
     */
    static CipherChoice parse(String cipher, String modeAndGenerator, int keyLength) throws IOException {
        if (!cipher.equals("aes")) {
            throw new ImageException(Kind.UNUSABLE, "the cipher " + cipher + " is not supported, only aes is");
        }
        String[] words = modeAndGenerator.split("-", 2);
        Mode mode = switch (words[0]) {
            case "xts" -> Mode.XTS;
            case "cbc" -> Mode.CBC;
            default -> throw unsupported("cipher mode", modeAndGenerator, "xts and cbc are");
        };
        Generator generator = switch (words.length < 2 ? "" : words[1]) {
            case "plain" -> Generator.PLAIN;
            case "plain64" -> Generator.PLAIN64;
            case "essiv:sha256" -> Generator.ESSIV;
            default -> throw unsupported("cipher mode", modeAndGenerator,
                    "vectors by plain, plain64 and essiv:sha256 are");
        };
        try {
            return new CipherChoice(mode, generator, keyLength);
        } catch (IllegalArgumentException _) {
            throw new IOException("the header has keys of " + keyLength + " bytes, which aes-" + mode.text()
                    + " does not take");
        }
    }

    static ImageException unsupported(String what, String found, String supported) {
        return new ImageException(Kind.UNUSABLE, "the " + what + " " + found + " is not supported, " + supported);
    }

    /** As headers have it, such as {@code xts-plain64}. */
    String text() {
        return mode.text() + "-" + generator.text() + (generator == Generator.ESSIV ? ":" + ESSIV_HASH.text() : "");
    }

    /** As QEMU's options have it, such as {@code aes-256}. */
    String algorithm() {
        return "aes-" + (mode == Mode.XTS ? keyLength / 2 : keyLength) * 8;
    }
}

package jkvm.host.disk.luks;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import javax.crypto.Mac;

/** The hashes that headers may name. */
enum HashAlgorithm {
    SHA1(20), SHA224(28), SHA256(32), SHA384(48), SHA512(64);

    private final int length;

    HashAlgorithm(int length) {
        this.length = length;
    }

    /** The name in headers and options. */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Optional<HashAlgorithm> of(String text) {
        return Arrays.stream(values()).filter(each -> each.text().equals(text)).findFirst();
    }

    /** Of a digest, in bytes. */
    int length() {
        return length;
    }

    MessageDigest digest() {
        try {
            return MessageDigest.getInstance("SHA-" + name().substring(3));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the Java platform lacks " + name(), e);
        }
    }

    Mac mac() {
        try {
            return Mac.getInstance("Hmac" + name());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("the Java platform lacks Hmac" + name(), e);
        }
    }
}

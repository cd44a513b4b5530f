package jkvm.app.options;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import jkvm.host.HostException;

/**
 * QEMU's object {@code secret}: {@code id=ID,data=TEXT|file=FILE[,format=raw|base64][,keyid=ID,iv=BASE64]}. With
 * {@code keyid} the data is encrypted with the secret of that id, by AES-256 in CBC mode.
 */
public final class SecretObject {
    /** The object's type. */
    public static final String TYPE = "secret";

    private static final int KEY_BYTES = 32, IV_BYTES = 16;

    private SecretObject() {
    }

    /**
     * Reads one.
     *
     * @param values  of the option, without its type
     * @param secrets those before it, by their ids; gets this one
     * @return its id
     * @throws UsageException if there is none like that
     */
    public static String add(OptionValues values, Map<String, byte[]> secrets) {
        String id = values.takeId().orElseThrow(() -> values.error("Parameter 'id' is missing"));
        Optional<String> data = values.take("data");
        Optional<String> file = values.take("file");
        boolean encoded = values.takeChoice("format", "raw", "base64").orElse("raw").equals("base64");
        Optional<String> keyId = values.take("keyid");
        Optional<String> iv = values.take("iv");
        values.end();
        if (data.isPresent() && file.isPresent()) {
            throw values.error("'file' and 'data' are mutually exclusive");
        }
        byte[] bytes = data.map(text -> text.getBytes(StandardCharsets.UTF_8))
                .or(() -> file.map(name -> read(values, name)))
                .orElseThrow(() -> values.error("Either 'file' or 'data' must be provided"));
        byte[] stored = encoded ? decoded(values, new String(bytes, StandardCharsets.ISO_8859_1)) : bytes;
        byte[] secret = keyId.isEmpty() ? stored : decrypted(values, stored, key(values, keyId.get(), secrets),
                decoded(values, iv.orElseThrow(() -> values.error("IV is required to decrypt secret"))));
        if (secrets.putIfAbsent(id, secret) != null) {
            throw values.error("Duplicate ID '" + id + "' for object");
        }
        return id;
    }

    /** Its properties, and their types. */
    static Map<String, String> types() {
        return Map.of("data", "string", "file", "string", "format", "QCryptoSecretFormat", "keyid", "string", "iv",
                "string");
    }

    private static byte[] read(OptionValues values, String file) {
        try {
            return Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw values.error("Unable to read " + file + ": " + HostException.reasonOf(e));
        }
    }

    private static byte[] decoded(OptionValues values, String text) {
        try {
            return Base64.getDecoder().decode(text.replace("\n", ""));
        } catch (IllegalArgumentException _) {
            throw values.error("Base64 data contains invalid characters");
        }
    }

    private static byte[] key(OptionValues values, String id, Map<String, byte[]> secrets) {
        byte[] key = secrets.get(id);
        if (key == null) {
            throw values.error("No secret with id '" + id + "'; its -object comes first");
        }
        if (key.length != KEY_BYTES) {
            throw values.error("Key should be 32 bytes in length");
        }
        return key;
    }

    private static byte[] decrypted(OptionValues values, byte[] stored, byte[] key, byte[] iv) {
        if (iv.length != IV_BYTES) {
            throw values.error("IV should be 16 bytes in length not " + iv.length);
        }
        try {
            Cipher cipher = Cipher.getInstance("AES/CBC/PKCS5Padding");
            cipher.init(Cipher.DECRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(iv));
            return cipher.doFinal(stored);
        } catch (GeneralSecurityException _) {
            throw values.error("the data is not encrypted with the secret that keyid= names");
        }
    }
}

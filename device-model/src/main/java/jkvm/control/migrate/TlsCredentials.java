package jkvm.control.migrate;

import java.io.IOException;
import java.io.InputStream;
import java.net.SocketAddress;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.InvalidKeySpecException;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collection;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.TrustManagerFactory;

/**
 * Certificates for encrypted migrations, in the files that QEMU's tls-creds-x509 reads: {@code ca-cert.pem}, and
 * {@code server-cert.pem} with {@code server-key.pem} or {@code client-cert.pem} with {@code client-key.pem}. A client
 * may be without its own. Keys are in PKCS#8.
 *
 * @param folder     of the files
 * @param isServer   for the side that waits
 * @param verifyPeer whether the other side needs a certificate that the authority has signed
 */
public record TlsCredentials(Path folder, boolean isServer, boolean verifyPeer) {
    private static final char[] NO_PASSWORD = {};
    private static final String KEY_BEGIN = "-----BEGIN PRIVATE KEY-----", KEY_END = "-----END PRIVATE KEY-----";
    private static final List<String> KEY_KINDS = List.of("EC", "RSA", "EdDSA");

    /**
     * Makes one side of a connection.
     *
     * @param hostName that the server's certificate has to name; empty for the one that was connected to
     * @param peer     null if it has no address
     * @throws IOException if a file is missing or not what it should be
     */
    SSLEngine engine(String hostName, SocketAddress peer) throws IOException {
        try {
            KeyStore authority = store();
            int count = 0;
            for (Certificate certificate : certificates("ca-cert.pem")) {
                authority.setCertificateEntry("ca" + count++, certificate);
            }
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(authority);
            KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own(), NO_PASSWORD);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), trust.getTrustManagers(), null);
            String name = hostName.isEmpty() ? TlsChannel.hostName(peer) : hostName;
            SSLEngine engine = context.createSSLEngine(name, 0);
            engine.setUseClientMode(!isServer);
            SSLParameters parameters = engine.getSSLParameters();
            parameters.setNeedClientAuth(isServer && verifyPeer);
            if (!isServer) {
                parameters.setEndpointIdentificationAlgorithm("HTTPS");
            }
            engine.setSSLParameters(parameters);
            return engine;
        } catch (GeneralSecurityException e) {
            throw new IOException("TLS credentials in " + folder + ": " + e.getMessage(), e);
        }
    }

    private static KeyStore store() throws GeneralSecurityException, IOException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private KeyStore own() throws GeneralSecurityException, IOException {
        KeyStore own = store();
        String side = isServer ? "server" : "client";
        if (isServer || Files.exists(folder.resolve(side + "-cert.pem"))) {
            own.setKeyEntry(side, key(side + "-key.pem"), NO_PASSWORD,
                    certificates(side + "-cert.pem").toArray(Certificate[]::new));
        }
        return own;
    }

    private Collection<Certificate> certificates(String name) throws GeneralSecurityException, IOException {
        Path file = folder.resolve(name);
        try (InputStream in = Files.newInputStream(file)) {
            return new ArrayList<>(CertificateFactory.getInstance("X.509").generateCertificates(in));
        } catch (NoSuchFileException e) {
            throw new IOException("Unable to access credentials " + file + ": No such file or directory", e);
        }
    }

    private PrivateKey key(String name) throws GeneralSecurityException, IOException {
        Path file = folder.resolve(name);
        String text;
        try {
            text = Files.readString(file);
        } catch (NoSuchFileException e) {
            throw new IOException("Unable to access credentials " + file + ": No such file or directory", e);
        }
        int begin = text.indexOf(KEY_BEGIN);
        int end = text.indexOf(KEY_END);
        if (begin < 0 || end < begin) {
            throw new IOException(file + " has no key in PKCS#8; convert it: openssl pkcs8 -topk8 -nocrypt");
        }
        PKCS8EncodedKeySpec key = new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(
                text.substring(begin + KEY_BEGIN.length(), end)));
        for (String kind : KEY_KINDS) {
            try {
                return KeyFactory.getInstance(kind).generatePrivate(key);
            } catch (InvalidKeySpecException _) {
                // The next kind may fit.
            }
        }
        throw new IOException(file + " has a key of a kind that jkvm does not know");
    }
}

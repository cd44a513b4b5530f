package jkvm.control.migrate;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.Key;
import java.security.KeyStore;
import java.util.Base64;
import java.util.Map;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerators;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Encrypted migrations, with certificates that the JDK's keytool has made. */
@Timeout(60)
class TlsMigrationTest {
    private static final String PASSWORD = "password";
    private static final String ID = "tls0";
    private static final String PEM = "-----%s %s-----\n";

    @TempDir
    private Path folder;
    private final Syscalls kvm = Accelerators.open("soft").syscalls();
    private String uri;

    @BeforeEach
    void name() {
        uri = "unix:" + folder.resolve("migration");
    }

    /** One certificate that signs itself: for the authority, for the server and for the client. */
    private Path certificates(String name) throws Exception {
        Path made = Files.createDirectory(folder.resolve(name));
        Path store = made.resolve("store.p12");
        Process keytool = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", "a", "-keyalg", "EC", "-dname", "CN=localhost", "-ext", "san=dns:localhost",
                "-ext", "bc:c", "-keystore", store.toString(), "-storepass", PASSWORD).inheritIO().start();
        assertEquals(0, keytool.waitFor());
        KeyStore keys = KeyStore.getInstance("PKCS12");
        try (InputStream in = Files.newInputStream(store)) {
            keys.load(in, PASSWORD.toCharArray());
        }
        Key key = keys.getKey("a", PASSWORD.toCharArray());
        String certificate = pem("CERTIFICATE", keys.getCertificate("a").getEncoded());
        Files.writeString(made.resolve("ca-cert.pem"), certificate);
        for (String side : new String[] {"server", "client"}) {
            Files.writeString(made.resolve(side + "-cert.pem"), certificate);
            Files.writeString(made.resolve(side + "-key.pem"), pem("PRIVATE KEY", key.getEncoded()));
        }
        return made;
    }

    private static String pem(String kind, byte[] bytes) {
        return PEM.formatted("BEGIN", kind) + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                .encodeToString(bytes) + "\n" + PEM.formatted("END", kind);
    }

    private static void encrypt(TravellingGuest guest, String hostName) throws MigrationException {
        guest.migration.settings().set(Map.of(MigrationParameter.TLS_CREDS, ID, MigrationParameter.TLS_HOSTNAME,
                hostName));
    }

    private TravellingGuest client(Path certificates) throws Exception {
        return TravellingGuest.first(kvm, folder, Map.of(ID, new TlsCredentials(certificates, false, true)));
    }

    private TravellingGuest server(Path certificates) throws Exception {
        return TravellingGuest.waitingWith(kvm, folder, config -> config,
                Map.of(ID, new TlsCredentials(certificates, true, true))).start();
    }

    @Test
    void shouldGoEncryptedToAPeerThatIsKnown() throws Exception {
        Path certificates = certificates("known");
        try (TravellingGuest source = client(certificates); TravellingGuest target = server(certificates)) {
            var _ = source.run.machine.pause();
            source.start();
            encrypt(source, "localhost");
            encrypt(target, "");
            target.migration.listen(uri);

            source.migration.start(uri);

            assertEquals(MigrationStatus.COMPLETED, source.ended().status(), source.migration.progress().toString());
            target.run.machine.resume().join();
            assertEquals(TravellingGuest.PASSED, target.run.exit().status(), target.serial.text());
        }
    }

    @Test
    void shouldRefuseStrangersAndLetTheGuestGoOn() throws Exception {
        Path known = certificates("known");
        Path stranger = certificates("stranger");
        assertRefused(stranger, "localhost", true);
        assertRefused(known, "other.example", true);
        assertRefused(known, "", false);
    }

    /** @param isEncrypted false for a source that speaks without TLS */
    private void assertRefused(Path certificates, String hostName, boolean isEncrypted) throws Exception {
        try (TravellingGuest source = client(certificates).start();
                TravellingGuest target = server(folder.resolve("known"))) {
            if (isEncrypted) {
                encrypt(source, hostName);
            }
            encrypt(target, "");
            target.migration.listen(uri);

            source.migration.start(uri);

            assertEquals(MigrationStatus.FAILED, source.ended().status());
            assertEquals(1, target.run.exit().status());
            assertTrue(target.run.exit().report().startsWith("jkvm: load of migration failed: "));
            assertEquals(TravellingGuest.PASSED, source.run.exit().status(), source.serial.text());
        }
    }
}

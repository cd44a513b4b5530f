package jkvm.host.disk.luks;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.qcow2.MemoryFile;
import jkvm.host.disk.qcow2.RandomRequests;
import jkvm.host.disk.qcow2.TestDisks;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted images in memory. */
class LuksImageTest {
    private static final int SIZE = (1 << 20) + 512;
    private static final LuksDriver DRIVER = new LuksDriver();
    private static final CreateValues VALUES = CreateValues.ofSize(SIZE).with("key-secret", "s").with("iter-time", "1");

    /** One secret that every id names. */
    private record Secret(String text) implements NamedFiles {
        @Override
        public DiskImage backing(String name, Optional<String> format) throws IOException {
            throw new IOException("no backing files");
        }

        @Override
        public byte[] secret(String id) {
            return text.getBytes(StandardCharsets.UTF_8);
        }
    }

    private static MemoryFile create(CreateValues values) throws IOException {
        MemoryFile file = new MemoryFile();
        DRIVER.checkNew(values);
        DRIVER.create(file, values, new Secret("right"));
        return file;
    }

    private static DiskImage open(BlockFile file, String secret) throws IOException {
        return DRIVER.open(file, ImageOptions.WRITABLE.withProperties(Map.of("key-secret", "s")), new Secret(secret));
    }

    @ParameterizedTest
    @CsvSource({"SHA1, 3d2eec4fe41c849b80c8d83662c0e44a8b291a964cf2f07038",
        "SHA256, 348c89dbcbd32b2f32d814b8116e84cf2b17347ebc1800181c4e2a1fb8dd53e1c635518c7dac47e9",
        "SHA512, 8c0511f4c6e597c6ac6315d8f0362e225f3c501495ba23b868c005174dc4ee71115b59f9e60cd9532fa33e0f75aefe30"
                + "225c583a186cd82bd4daea9724a3d3b8"})
    void shouldDeriveTheKeysOfThePublishedExamples(HashAlgorithm hash, String expected) {
        byte[] key = HexFormat.of().parseHex(expected);
        byte[] secret = "passwordPASSWORDpassword".getBytes(StandardCharsets.US_ASCII);
        byte[] salt = "saltSALTsaltSALTsaltSALTsaltSALTsalt".getBytes(StandardCharsets.US_ASCII);
        assertArrayEquals(key, Pbkdf2.derive(hash, secret, salt, 4096, key.length));
    }

    @Test
    void shouldDeriveAKeyFromAnEmptyPassphrase() {
        byte[] key = Pbkdf2.derive(HashAlgorithm.SHA1, new byte[0], "salt".getBytes(StandardCharsets.US_ASCII), 3, 20);
        assertEquals("0cebfb1825d38ce91db4a69a0b9e776b2a2323eb", HexFormat.of().formatHex(key));
    }

    @ParameterizedTest
    @ValueSource(strings = {"xts,plain64", "xts,plain", "cbc,essiv", "cbc,plain64"})
    void shouldKeepWhatRandomRequestsWrite(String mode) throws IOException {
        String[] words = mode.split(",");
        MemoryFile file = create(VALUES.with("cipher-mode", words[0]).with("ivgen-alg", words[1]));
        byte[] content = TestDisks.randomBytes(1, SIZE);
        try (DiskImage image = open(file, "right")) {
            assertEquals(SIZE, image.capacity());
            TestDisks.write(image, 0, content);
            RandomRequests requests = new RandomRequests(image, content, 1, 200_000);
            for (int i = 0; i < 200; i++) {
                requests.step();
            }
            content = requests.twin();
            image.flush();
        }
        try (DiskImage again = open(new MemoryFile(file.content()), "right")) {
            assertArrayEquals(content, TestDisks.readAll(again));
        }
    }

    @Test
    void shouldKeepNoPlainBytesInTheFile() throws IOException {
        MemoryFile file = create(VALUES);
        byte[] sector = new byte[DiskImage.SECTOR_SIZE];
        Arrays.fill(sector, (byte) 0x55);
        try (DiskImage image = open(file, "right")) {
            TestDisks.write(image, 0, sector);
            TestDisks.write(image, DiskImage.SECTOR_SIZE, sector);
        }
        byte[] payload = Arrays.copyOfRange(file.content(), file.content().length - SIZE, file.content().length);
        assertTrue(Arrays.compare(payload, 0, 16, sector, 0, 16) != 0, "encrypted");
        assertTrue(Arrays.compare(payload, 0, 512, payload, 512, 1024) != 0, "a sector's place counts");
    }

    @Test
    void shouldKeepTheBytesOfThreadsThatShareSectors() throws Exception {
        int threads = 4;
        int rounds = 300;
        byte[] content = create(VALUES).content();
        try (DiskImage image = open(new SharedFile(new MemoryFile(content)), "right");
                ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> ended = IntStream.range(0, threads).<Future<?>>mapToObj(thread -> pool.submit(() -> {
                for (int i = 0; i < rounds; i++) {
                    TestDisks.write(image, (long) i * threads + thread, (byte) (thread + 1));
                }
                return null;
            })).toList();
            for (Future<?> each : ended) {
                each.get();
            }
            byte[] found = TestDisks.read(image, 0, threads * rounds);
            for (int i = 0; i < found.length; i++) {
                assertEquals(i % threads + 1, found[i], "byte " + i);
            }
        }
    }

    @Test
    void shouldRefuseAnotherPassphrase() throws IOException {
        MemoryFile file = create(VALUES);
        IOException e = assertThrows(IOException.class, () -> open(file, "wrong"));
        assertEquals("Invalid password, cannot unlock any keyslot", e.getMessage());
    }

    @ParameterizedTest(name = "{0}={1}: {2}")
    @CsvSource({"cipher-alg, serpent-256, the cipher serpent-256 is not supported",
        "cipher-alg, foo, does not accept value 'foo'",
        "cipher-mode, ctr, the cipher mode ctr-plain64 is not supported",
        "hash-alg, ripemd160, the hash ripemd160 is not supported", "iter-time, 0, iter-time must be non-zero",
        "ivgen-alg, foo, does not accept value 'foo'", "preallocation, metadata, Unsupported preallocation mode"})
    void shouldRefuseOptionsByName(String option, String value, String message) {
        IOException e = assertThrows(IOException.class, () -> DRIVER.checkNew(VALUES.with(option, value)));
        assertTrue(e.getMessage().contains(message), e.getMessage());
    }

    @ParameterizedTest(name = "field at {0}: {1}: {2}")
    @CsvSource({"6, 0002, another version", "8, 7365727065, cipher serpe", "40, 637472, cipher mode ctr",
        "72, 6d6435, hash md5", "104, 00000000, overlapping with the header", "108, 00000010, keys of 16 bytes",
        "108, 7fffffff, keys of 2147483647 bytes", "108, 00000000, keys of 0 bytes",
        "104, ffffffff, the file ends before", "164, ffffffff, iterations", "164, 00000000, iterations",
        "208, 00000001, state", "212, ffffffff, iterations", "212, 05f5e101, iterations", "252, ffffffff, stripes",
        "252, 00000000, stripes", "248, 00000001, overlapping with the LUKS header",
        "248, ffffffff, overlapping with the encrypted payload", "248, 00000200, overlapping in the header"})
    void shouldRefuseHostileHeaders(int offset, String hex, String message) throws IOException {
        byte[] content = create(VALUES).content();
        byte[] bytes = HexFormat.of().parseHex(hex);
        System.arraycopy(bytes, 0, content, offset, bytes.length);
        MemoryFile file = new MemoryFile(content);
        IOException e = assertThrows(IOException.class, () -> open(file, "right"));
        assertTrue(e.getMessage().contains(message), e.getMessage());
        assertTrue(file.log().isEmpty(), "nothing is written");
    }

    @Test
    void shouldRefuseAFileThatEndsInItsKeys() throws IOException {
        byte[] content = Arrays.copyOf(create(VALUES).content(), 100_000);
        assertThrows(IOException.class, () -> open(new MemoryFile(content), "right"));
    }
}

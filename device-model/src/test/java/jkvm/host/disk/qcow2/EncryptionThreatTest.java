package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.linux.FfmSyscalls;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Encrypted images whose pointer to the keys was changed, and disks that must not be read or written without a key. */
class EncryptionThreatTest {
    private static final ImageOptions HOW = ImageOptions.WRITABLE.withFormat(ImageFormat.QCOW2)
            .withProperties(Map.of(Encryption.KEY_SECRET, "s"));
    private static final int METHOD_AT = 32, CLUSTER = 65536;

    @TempDir
    private Path folder;
    private Path file;
    private final DiskImages images = new DiskImages(new FfmSyscalls(),
            Map.of("s", "right".getBytes(StandardCharsets.UTF_8)), name -> { });

    @BeforeEach
    void makeAnImage() {
        file = folder.resolve("a");
        images.create(file, ImageFormat.QCOW2, CreateValues.ofSize(1 << 20).with(Encryption.FORMAT, "luks")
                .with(Encryption.KEY_SECRET, "s").with(Encryption.PREFIX + "iter-time", "1"));
    }

    /** Where the pointer's content is in the first cluster. */
    private static int pointer(byte[] bytes) {
        ByteBuffer fields = ByteBuffer.wrap(bytes);
        for (int at = Qcow2Header.V3_LENGTH + 8; at < CLUSTER; at += 8) {
            if (fields.getInt(at) == Encryption.EXTENSION) {
                return at + 8;
            }
        }
        throw new AssertionError("no pointer");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0                   | 2068480             | place is invalid
            1                   | 2068480             | is not a multiple of cluster size
            -65536              | 2068480             | place is invalid
            9223372036854710272 | 2068480             | place is invalid
            65536               | 2068480             | not in LUKS format
            1073741824          | 2068480             | past the end of the file
            262144              | 0                   | place is invalid
            262144              | -1                  | place is invalid
            262144              | 9223372036854775807 | place is invalid
            262144              | 500                 | not in LUKS format
            """)
    void shouldRefusePointersToNoKeys(long offset, long length, String message) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).putLong(pointer(bytes), offset).putLong(pointer(bytes) + 8, length);
        Files.write(file, bytes);
        String text = assertThrows(DiskException.class, () -> images.open(file, HOW)).getMessage();
        assertTrue(text.contains(message), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            0  | only expected with LUKS
            1  | only expected with LUKS
            3  | Unsupported encryption method 3
            -1 | Unsupported encryption method 4294967295
            """)
    void shouldRefuseOtherMethods(int method, String message) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        ByteBuffer.wrap(bytes).putInt(METHOD_AT, method);
        Files.write(file, bytes);
        String text = assertThrows(DiskException.class, () -> images.open(file, HOW)).getMessage();
        assertTrue(text.contains(message), text);
    }

    @Test
    void shouldNeverShowOrStorePlainBytes() throws IOException {
        byte[] content = TestDisks.randomBytes(1, 3 * CLUSTER);
        try (DiskImage image = images.open(file, HOW)) {
            image.write(777, MemorySegment.ofArray(content));
            image.writeZeroes(5 * CLUSTER + 100, 1000, true);
            byte[] found = new byte[content.length];
            image.read(777, MemorySegment.ofArray(found));
            assertEquals(ByteBuffer.wrap(content), ByteBuffer.wrap(found));
        }
        String stored = new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        for (int at = 0; at + 16 <= content.length; at += CLUSTER / 2) {
            assertTrue(!stored.contains(new String(content, at, 16, StandardCharsets.ISO_8859_1)), "plain at " + at);
        }
        assertThrows(DiskException.class, () -> images.open(file, HOW.withProperties(Map.of())));
    }
}

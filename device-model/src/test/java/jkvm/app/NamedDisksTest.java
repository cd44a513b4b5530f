package jkvm.app;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Disks of a machine by the names and properties that images have: over NBD, encrypted, {@code json:}. The guest's boot
 * sector copies its second sector to the third, and ends with the byte that it reads there.
 */
@Timeout(120)
class NamedDisksTest {
    private static final String IMAGES = "src/test/resources/jkvm/app/disk";
    private static final int SECTOR = 512, VALUE = 0x2A;
    private static final String SECRET = " -object secret,id=s,data=right";

    @TempDir
    private Path folder;

    @BeforeEach
    void makeADisk() throws IOException {
        QemuImg.assumePresent();
        byte[] disk = Arrays.copyOf(Files.readAllBytes(GuestImages.folder("device-model", IMAGES)
                .resolve("copy-sector.bin")), 1 << 20);
        disk[SECTOR] = VALUE - 1;
        Files.write(folder.resolve("raw"), disk);
    }

    @TestFactory
    Stream<DynamicTest> shouldBeWhatItsSourceMakes() {
        return GuestImages.check("device-model", "src/test/guest/disk", IMAGES);
    }

    /** In a line {@code @} begins a file's name. */
    private QemuImg.Outcome run(String line) {
        return jkvm(List.of("-accel", "soft", "-m", "32", "-nodefaults", "-display", "none", "-device",
                "isa-debug-exit,iobase=0xf4,iosize=4"), line);
    }

    private QemuImg.Outcome jkvm(List<String> first, String line) {
        List<String> words = new ArrayList<>(first);
        words.addAll(List.of(line.strip().replace("@", folder + "/").split(" +")));
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true);
        return new QemuImg.Outcome(Main.run(words, out, out), text.toString());
    }

    /** The guest has read and written its disk. */
    private void assertCopies(String line) {
        assertEquals(new QemuImg.Outcome(VALUE << 1 | 1, ""), run(line));
    }

    private void assertWritten(String... image) throws IOException {
        List<String> words = new ArrayList<>(List.of("qemu-io", "-c", "read -P " + VALUE + " 1024 1"));
        words.addAll(List.of(image));
        QemuImg.Outcome read = QemuImg.run(words.toArray(String[]::new));
        assertTrue(read.code() == 0 && !read.text().contains("failed"), read.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {
        "-drive file=json:{\"driver\":\"raw\",,\"file\":{\"driver\":\"file\",,\"filename\":\"@raw\"}}",
        "-drive driver=raw,file.filename=@raw", "-drive file=file:@raw,format=raw,file.locking=off",
        "-drive driver=file,filename=@raw"})
    void shouldFindAFileByEachSpelling(String line) throws IOException {
        assertCopies(line);
        assertWritten("-f", "raw", folder.resolve("raw").toString());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-drive file=nbd:unix:@s:exportname=e,format=raw",
        "-drive file=nbd+unix:///e?socket=@s,format=raw",
        "-drive file=json:{\"driver\":\"nbd\",,\"export\":\"e\",,\"path\":\"@s\"}",
        "-drive driver=nbd,server.type=unix,server.path=@s,export=e",
        "-blockdev driver=nbd,node-name=n,server.type=unix,server.path=@s,export=e -device virtio-blk-pci,drive=n"})
    void shouldReadAndWriteADiskThatAServerHas(String line) throws Exception {
        Path socket = folder.resolve("s");
        Process server = new ProcessBuilder("qemu-nbd", "-f", "raw", "-x", "e", "-k", socket.toString(), "-t",
                folder.resolve("raw").toString()).inheritIO().start();
        try {
            for (int i = 0; i < 500 && Files.notExists(socket); i++) {
                Thread.sleep(10);
            }
            assertCopies(line);
        } finally {
            server.destroy();
            server.waitFor();
        }
        assertWritten("-f", "raw", folder.resolve("raw").toString());
    }

    private void makeEncrypted() {
        assertEquals(new QemuImg.Outcome(0, ""), jkvm(List.of("img"), "convert --object secret,id=s,data=right -f raw"
                + " -O luks -o key-secret=s,iter-time=10 @raw @luks"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"-drive file=@luks,format=luks,key-secret=s", "-drive file=@luks,key-secret=s",
        "-drive driver=luks,file.filename=@luks,key-secret=s",
        "-drive file=json:{\"driver\":\"luks\",,\"key-secret\":\"s\",,\"file.filename\":\"@luks\"}",
        "-blockdev driver=file,node-name=f,filename=@luks -blockdev driver=luks,node-name=n,file=f,key-secret=s"
                + " -device virtio-blk-pci,drive=n"})
    void shouldReadAndWriteAnEncryptedDisk(String line) throws IOException {
        makeEncrypted();
        assertCopies(line + SECRET);
        assertWritten("--object", "secret,id=s,data=right", "--image-opts",
                "driver=luks,key-secret=s,file.filename=" + folder.resolve("luks"));
    }

    @Test
    void shouldReadAndWriteAnEncryptedQcow2DiskAndOneAboveIt() throws IOException {
        assertEquals(new QemuImg.Outcome(0, ""), jkvm(List.of("img"), "convert --object secret,id=s,data=right -f raw"
                + " -O qcow2 -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 @raw @qcow2"));
        assertCopies("-drive file=@qcow2,encrypt.key-secret=s -snapshot" + SECRET);
        assertCopies("-drive file=@qcow2,encrypt.key-secret=s" + SECRET);
        assertWritten("--object", "secret,id=s,data=right", "--image-opts",
                "driver=qcow2,encrypt.key-secret=s,file.filename=" + folder.resolve("qcow2"));
        QemuImg.img("create", "-q", "-f", "qcow2", "-u", "-b", "qcow2", "-F", "qcow2", folder.resolve("top"), "1M");
        assertCopies("-drive file=@top,backing.encrypt.key-secret=s" + SECRET);
    }

    @Test
    void shouldTakeSecretsFromFilesAndEncodedOrEncrypted() throws IOException {
        makeEncrypted();
        Files.writeString(folder.resolve("secret"), "cmlnaHQ=\n");
        assertCopies("-drive file=@luks,key-secret=s -object secret,id=s,format=base64,file=@secret");
        // "right" in AES-256-CBC, by openssl.
        assertCopies("-drive file=@luks,key-secret=s -object secret,id=m,data=0123456789abcdef0123456789abcdef"
                + " -object secret,id=s,keyid=m,iv=MDEyMzQ1Njc4OWFiY2RlZg==,format=base64,"
                + "data=AO7xXGTOvQpqG5lfnkjtYQ==");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            -drive file=@luks                              | Parameter 'key-secret' is required for cipher
            -drive file=@luks,key-secret=x                 | No secret with id 'x'
            -object secret,id=s,data=no -drive file=@luks,key-secret=s | Invalid password, cannot unlock any keyslot
            -drive file=@raw,format=raw,key-secret=s       | 'raw' does not support the option 'key-secret'
            -drive file=@raw,format=raw,foo=1              | unknown property foo
            -drive file=@raw,file.filename=@raw            | Can't specify 'file' and 'filename' options
            -drive file=@raw,format=raw,driver=raw         | Cannot specify both 'driver' and 'format'
            -drive file=foo:bar                            | Unknown protocol 'foo'
            -drive file=json:{bad}                         | Could not parse the JSON options
            -drive file=nbd:unix:@none,format=raw          | Failed to connect to '@none'
            -drive file=nbd://127.0.0.1:1/x,format=raw     | Failed to connect to '127.0.0.1:1': Connection refused
            -drive file=@raw,format=raw,backing.file=x     | Driver doesn't support backing files
            -drive file=https://a/b                        | not yet: -drive file=https://a/b
            """)
    void shouldSayInOneLineWhyADiskCannotBeUsed(String line, String message) throws IOException {
        makeEncrypted();
        QemuImg.Outcome ended = run(line);
        assertEquals(1, ended.code(), ended.text());
        assertTrue(ended.text().contains(message.replace("@", folder + "/")), ended.text());
        assertEquals(1, ended.text().lines().count(), ended.text());
    }

    @ParameterizedTest
    @ValueSource(strings = {"-hda @raw", "@raw", "-drive file=@raw"})
    void shouldWarnWhereAGuestCouldChooseTheFormatOfItsDisk(String line) {
        String text = run(line).text();
        assertTrue(text.contains("Image format was not specified for '" + folder.resolve("raw")), text);
    }
}

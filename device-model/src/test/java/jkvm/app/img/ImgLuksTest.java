package jkvm.app.img;

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
import jkvm.app.Main;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Encrypted images: qemu-img reads ours, and we read its. */
class ImgLuksTest {
    private static final String SECRET = "--object secret,id=s,data=right ";
    /** qemu-img 7.2 fails now and then where it measures so short a time: "Unable to get accurate CPU usage". */
    private static final int TRIES = 100;

    @TempDir
    private Path folder;

    @BeforeEach
    void makeADisk() throws IOException {
        QemuImg.assumePresent();
        byte[] content = TestDisks.randomBytes(1, 300 << 10);
        Arrays.fill(content, 100_000, 200_000, (byte) 0);
        Files.write(folder.resolve("r"), content);
    }

    /** Words in which {@code @} begins a file's name. */
    private List<String> words(String first, String line) {
        List<String> words = new ArrayList<>(List.of(first));
        words.addAll(List.of(line.strip().replace("@", folder + "/").split(" +")));
        return words;
    }

    private QemuImg.Outcome theirs(String line) throws IOException {
        return QemuImg.run(words("qemu-img", line).toArray(String[]::new));
    }

    private void makeTheirs(String line) throws IOException {
        QemuImg.Outcome outcome = theirs(line);
        for (int i = 0; i < TRIES && outcome.text().contains("accurate CPU usage"); i++) {
            outcome = theirs(line);
        }
        assertEquals(0, outcome.code(), outcome.text());
    }

    private QemuImg.Outcome ours(String line) {
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        PrintStream out = new PrintStream(text, true);
        return new QemuImg.Outcome(Main.run(words("img", line), out, out), text.toString());
    }

    private static String image(String name) {
        return "driver=luks,file.filename=@" + name + ",key-secret=s";
    }

    private void assertHoldsTheDisk(String name) throws IOException {
        String line = "compare " + SECRET + "--image-opts " + image(name) + " driver=raw,file.filename=@r";
        QemuImg.Outcome same = new QemuImg.Outcome(0, "Images are identical.\n");
        assertEquals(same, theirs(line));
        assertEquals(same, ours(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cipher-alg=aes-256", "cipher-alg=aes-192,hash-alg=sha1",
        "cipher-mode=cbc,ivgen-alg=essiv,cipher-alg=aes-128", "cipher-mode=cbc,hash-alg=sha512"})
    void shouldReadAndWriteImagesOfAllCiphers(String options) throws IOException {
        String convert = "convert " + SECRET + "-f raw -O luks -o key-secret=s,iter-time=10," + options + " @r @";
        makeTheirs(convert + "theirs");
        assertHoldsTheDisk("theirs");
        QemuImg.Outcome made = ours(convert + "ours");
        assertEquals(0, made.code(), made.text());
        assertHoldsTheDisk("ours");

        byte[] other = TestDisks.randomBytes(2, 300 << 10);
        Files.write(folder.resolve("r"), other);
        QemuImg.Outcome again = ours("convert -n " + SECRET + "--image-opts --target-image-opts "
                + "driver=raw,file.filename=@r " + image("theirs"));
        assertEquals(0, again.code(), again.text());
        assertHoldsTheDisk("theirs");
        assertEquals(theirs("info @theirs"), ours("info @theirs"));
        assertEquals(theirs("info --output=json @ours"), ours("info --output=json @ours"));
    }

    @Test
    void shouldRefuseWrongPassphrases() throws IOException {
        QemuImg.Outcome made = ours("create " + SECRET + "-f luks -o key-secret=s,iter-time=10 @t 1M");
        assertEquals("Formatting '" + folder + "/t', fmt=luks size=1048576 key-secret=s iter-time=10\n", made.text());
        for (String line : List.of("--object secret,id=s,data=wrong --image-opts " + image("t"),
                "--object secret,id=other,data=right --image-opts " + image("t"), "-f luks @t", "@t")) {
            QemuImg.Outcome refused = ours("convert -O raw " + line + " @o");
            assertEquals(1, refused.code(), line);
            assertEquals(1, refused.text().strip().lines().count(), refused.text());
            assertEquals(1, theirs("convert -O raw " + line + " @o").code(), line);
        }
    }

    @Test
    void shouldTellTheSizeOfImagesAndNeedAPassphraseForIt() throws IOException {
        assertEquals("required size: 10457088\nfully allocated size: 10457088\n",
                ours("measure -O luks " + SECRET + "-o key-secret=s --size 8M").text());
        assertEquals(1, ours("measure -O luks --size 8M").code());
        QemuImg.Outcome refused = ours("create -f luks @b 1M");
        assertEquals(1, refused.code());
        assertTrue(refused.text().contains("Parameter 'key-secret' is required for cipher"), refused.text());
    }
}

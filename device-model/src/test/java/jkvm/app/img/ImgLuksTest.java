package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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

    @TempDir
    private Path folder;
    private OneFolder both;

    @BeforeEach
    void makeADisk() throws IOException {
        both = OneFolder.withDisk(folder, 300 << 10, 200_000);
    }

    private static String image(String name) {
        return "driver=luks,file.filename=@" + name + ",key-secret=s";
    }

    private void assertHoldsTheDisk(String name) throws IOException {
        String line = "compare " + SECRET + "--image-opts " + image(name) + " driver=raw,file.filename=@r";
        QemuImg.Outcome same = new QemuImg.Outcome(0, "Images are identical.\n");
        assertEquals(same, both.theirs(line));
        assertEquals(same, both.ours(line));
    }

    @ParameterizedTest
    @ValueSource(strings = {"cipher-alg=aes-256", "cipher-alg=aes-192,hash-alg=sha1",
        "cipher-mode=cbc,ivgen-alg=essiv,cipher-alg=aes-128", "cipher-mode=cbc,hash-alg=sha512"})
    void shouldReadAndWriteImagesOfAllCiphers(String options) throws IOException {
        String convert = "convert " + SECRET + "-f raw -O luks -o key-secret=s,iter-time=10," + options + " @r @";
        both.makeTheirs(convert + "theirs");
        assertHoldsTheDisk("theirs");
        QemuImg.Outcome made = both.ours(convert + "ours");
        assertEquals(0, made.code(), made.text());
        assertHoldsTheDisk("ours");

        byte[] other = TestDisks.randomBytes(2, 300 << 10);
        Files.write(folder.resolve("r"), other);
        QemuImg.Outcome again = both.ours("convert -n " + SECRET + "--image-opts --target-image-opts "
                + "driver=raw,file.filename=@r " + image("theirs"));
        assertEquals(0, again.code(), again.text());
        assertHoldsTheDisk("theirs");
        assertEquals(both.theirs("info @theirs"), both.ours("info @theirs"));
        assertEquals(both.theirs("info --output=json @ours"), both.ours("info --output=json @ours"));
    }

    @Test
    void shouldRefuseWrongPassphrases() throws IOException {
        QemuImg.Outcome made = both.ours("create " + SECRET + "-f luks -o key-secret=s,iter-time=10 @t 1M");
        assertEquals("Formatting '" + folder + "/t', fmt=luks size=1048576 key-secret=s iter-time=10\n", made.text());
        for (String line : List.of("--object secret,id=s,data=wrong --image-opts " + image("t"),
                "--object secret,id=other,data=right --image-opts " + image("t"), "-f luks @t", "@t")) {
            QemuImg.Outcome refused = both.ours("convert -O raw " + line + " @o");
            assertEquals(1, refused.code(), line);
            assertEquals(1, refused.text().strip().lines().count(), refused.text());
            assertEquals(1, both.theirs("convert -O raw " + line + " @o").code(), line);
        }
    }

    @Test
    void shouldTellTheSizeOfImagesAndNeedAPassphraseForIt() throws IOException {
        assertEquals("required size: 10457088\nfully allocated size: 10457088\n",
                both.ours("measure -O luks " + SECRET + "-o key-secret=s --size 8M").text());
        assertEquals(1, both.ours("measure -O luks --size 8M").code());
        QemuImg.Outcome refused = both.ours("create -f luks @b 1M");
        assertEquals(1, refused.code());
        assertTrue(refused.text().contains("Parameter 'key-secret' is required for cipher"), refused.text());
    }
}

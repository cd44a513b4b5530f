package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** qcow2 images whose data is encrypted with LUKS: qemu-img reads ours, and we read its. */
@Timeout(120)
class ImgQcow2LuksTest {
    private static final String SECRET = "--object secret,id=s,data=right ";
    private static final String KEYS = "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10";

    @TempDir
    private Path folder;
    private OneFolder both;

    @BeforeEach
    void makeADisk() throws IOException {
        both = OneFolder.withDisk(folder, 600 << 10, 400_000);
    }

    private static String image(String name) {
        return "driver=qcow2,file.filename=@" + name + ",encrypt.key-secret=s";
    }

    private void assertHoldsTheDisk(String name) throws IOException {
        String line = "compare " + SECRET + "--image-opts " + image(name) + " driver=raw,file.filename=@r";
        assertEquals(new QemuImg.Outcome(0, "Images are identical.\n"), both.theirs(line));
        both.alike(line);
        both.alike("check " + SECRET + "--image-opts " + image(name));
        both.alike("map --output=json " + SECRET + "--image-opts " + image(name));
        both.alike("info @" + name);
        both.alike("info --output=json @" + name);
    }

    private void assertMayBeWritten(String name) throws IOException {
        Files.write(folder.resolve("r"), TestDisks.randomBytes(2, 600 << 10));
        both.makeOurs("convert -n " + SECRET + "--image-opts --target-image-opts driver=raw,file.filename=@r "
                + image(name));
        assertHoldsTheDisk(name);
    }

    /** It takes qemu-img seconds to make an image, whatever time the keys are to take. */
    @Test
    void shouldReadAndWriteWhatQemuImgMakes() throws IOException {
        both.makeTheirs("convert " + SECRET + "-f raw -O qcow2 -o " + KEYS + ",encrypt.cipher-mode=cbc,"
                + "encrypt.ivgen-alg=essiv,cluster_size=4k @r @a");
        assertHoldsTheDisk("a");
        assertMayBeWritten("a");
    }

    @ParameterizedTest
    @ValueSource(strings = {"cluster_size=64k", "extended_l2=on,encrypt.cipher-alg=aes-128",
        "compat=0.10,encrypt.hash-alg=sha1,encrypt.cipher-mode=cbc", "data_file=@d"})
    void shouldMakeWhatQemuImgReads(String options) throws IOException {
        both.makeOurs("convert " + SECRET + "-f raw -O qcow2 -o " + KEYS + "," + options + " @r @a");
        assertHoldsTheDisk("a");
        assertMayBeWritten("a");
    }

    @Test
    void shouldKeepSnapshotsSizesAndBackingFilesOfEncryptedImages() throws IOException {
        both.makeOurs("convert " + SECRET + "-f raw -O qcow2 -o " + KEYS + " @r @base");
        both.makeOurs("snapshot " + SECRET + "-c one --image-opts " + image("base"));
        both.alike("check " + SECRET + "--image-opts " + image("base"));
        both.makeOurs("resize " + SECRET + "--image-opts " + image("base") + " 700k");
        both.alike("check " + SECRET + "--image-opts " + image("base"));
        both.makeOurs("create -f qcow2 -b @base -F qcow2 -u @top 700k");
        String chain = "driver=qcow2,file.filename=@top,backing.encrypt.key-secret=s,backing.driver=qcow2";
        assertEquals(new QemuImg.Outcome(0, "Warning: Image size mismatch!\nImages are identical.\n"),
                both.theirs("compare " + SECRET + "--image-opts " + chain + " driver=raw,file.filename=@r"));
        both.alike("compare " + SECRET + "--image-opts driver=qcow2,file.filename=@top,backing.encrypt.key-secret=s"
                + " driver=raw,file.filename=@r");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create -f qcow2 -o encrypt.format=luks @t 4M | Parameter 'encrypt.key-secret' is required
            create -f qcow2 -o encrypt.key-secret=s @t 4M | Parameter 'encrypt.format' is missing
            create -f qcow2 -o encrypt.format=foo,encrypt.key-secret=s @t 4M | does not accept value 'foo'
            create -f qcow2 -o encrypt.format=luks,encrypt.key-secret=x @t 4M | No secret with id 'x'
            create SECRET -f qcow2 -o KEYS,encrypt.cipher-alg=foo @t 4M | does not accept value 'foo'
            create SECRET -f qcow2 -o KEYS,encryption=on @t 4M | can't be used at the same time
            convert SECRET -c -O qcow2 -o KEYS @r @t | Compression and encryption not supported
            convert -O raw @i @o | Parameter 'encrypt.key-secret' is required
            resize -f qcow2 --shrink @i 1k | Parameter 'encrypt.key-secret' is required
            convert --object secret,id=s,data=no --image-opts IMAGE @o | Invalid password, cannot unlock any keyslot
            info --image-opts IMAGE,encrypt.format=aes | options specify 'aes'
            check SECRET --image-opts driver=qcow2,file.filename=@p,encrypt.format=luks | No encryption in image header
            measure -O qcow2 -o encrypt.format=luks --size 4M | Parameter 'encrypt.key-secret' is required
            """)
    void shouldRefuseAsQemuImgDoes(String line, String message) throws IOException {
        both.makeOurs("create -q " + SECRET + "-f qcow2 -o " + KEYS + " @i 1M");
        both.makeOurs("create -q -f qcow2 @p 1M");
        both.refusedAlike(line.replace("SECRET", SECRET).replace("KEYS", KEYS).replace("IMAGE", image("i")), message);
    }

    @Test
    void shouldTellTheSizeAndPrintTheOptionsOfNewImages() throws IOException {
        // As qemu-img does, which takes seconds to find out.
        String measure = "measure " + SECRET + "-O qcow2 --size 4M -o " + KEYS;
        assertEquals("required size: 2424832\nfully allocated size: 6619136\n", both.makeOurs(measure));
        assertEquals("required size: 12582912\nfully allocated size: 16777216\n",
                both.makeOurs(measure + ",cluster_size=2M"));
        String made = both.makeOurs("create " + SECRET + "-f qcow2 -o " + KEYS + " @t 4M");
        assertEquals("Formatting '" + folder + "/t', fmt=qcow2 encrypt.format=luks encrypt.key-secret=s"
                + " encrypt.iter-time=10 cluster_size=65536 extended_l2=off compression_type=zlib size=4194304"
                + " lazy_refcounts=off refcount_bits=16\n", made);
        both.alike("info @t");
        both.alike("check " + SECRET + "--image-opts " + image("t"));
    }
}

package jkvm.app.img;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.host.disk.qcow2.TestDisks;
import jkvm.host.image.QemuImg;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** qcow2's first encryption, and the passphrases of LUKS, beside qemu-img. */
class ImgKeysTest {
    private static final String SECRETS = "--object secret,id=s,data=one --object secret,id=t,data=two "
            + "--object secret,id=n,data=no ";
    private static final String AES = "driver=qcow2,file.filename=@a,encrypt.key-secret=s";

    @TempDir
    private Path folder;
    private OneFolder both;

    @BeforeEach
    void makeADisk() throws IOException {
        both = OneFolder.withDisk(folder, 600 << 10, 400_000);
    }

    private void assertHoldsTheDisk() throws IOException {
        String line = "compare " + SECRETS + "--image-opts " + AES + " driver=raw,file.filename=@r";
        assertEquals(new QemuImg.Outcome(0, "Images are identical.\n"), both.theirs(line));
        both.alike(line);
        both.alike("check " + SECRETS + "--image-opts " + AES);
        both.alike("info @a");
        both.alike("info --output=json @a");
    }

    /** Also what it has in clusters that are written in part, that move, and that a snapshot keeps. */
    @Test
    void shouldReadAndWriteAesAsQemuImgDoes() throws IOException {
        both.makeTheirs("convert " + SECRETS + "-f raw -O qcow2 -o encrypt.format=aes,encrypt.key-secret=s,"
                + "cluster_size=4k @r @a");
        assertHoldsTheDisk();
        both.makeOurs("snapshot " + SECRETS + "-c one --image-opts " + AES);
        Files.write(folder.resolve("r"), TestDisks.randomBytes(2, 600 << 10));
        both.makeOurs("convert -n " + SECRETS + "--image-opts --target-image-opts driver=raw,file.filename=@r " + AES);
        assertHoldsTheDisk();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            encrypt.format=aes,encrypt.key-secret=s
            encryption=on,encrypt.key-secret=s,compat=0.10
            encrypt.format=aes,encrypt.key-secret=s,extended_l2=on
            encrypt.format=aes,encrypt.key-secret=s,data_file=@d
            """)
    void shouldMakeImagesWithAesThatQemuImgReads(String options) throws IOException {
        both.makeOurs("convert " + SECRETS + "-f raw -O qcow2 -o " + options + " @r @a");
        assertHoldsTheDisk();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            create SECRETS -f qcow2 -o encrypt.format=aes @t 1M | 'encrypt.key-secret' is required for cipher
            create SECRETS -f qcow2 -o encryption=on @t 1M | 'encrypt.key-secret' is required for cipher
            create SECRETS -f qcow2 -o encrypt.format=aes,encrypt.key-secret=s,encrypt.cipher-alg=aes-256 @t 1M \
            | Parameter 'encrypt.cipher-alg' is unexpected
            create SECRETS -f qcow2 -o encryption=on,encrypt.format=aes,encrypt.key-secret=s @t 1M | at the same time
            create SECRETS -f qcow2 -o encrypt.format=aes,encrypt.key-secret=q @t 1M | No secret with id 'q'
            convert -O raw @a @o | Parameter 'encrypt.key-secret' is required for cipher
            amend SECRETS -o encrypt.state=active,encrypt.new-secret=t --image-opts IMAGE | Only LUKS encryption
            """)
    void shouldRefuseAesAsQemuImgDoes(String line, String message) throws IOException {
        both.makeOurs("create -q " + SECRETS + "-f qcow2 -o encrypt.format=aes,encrypt.key-secret=s @a 1M");
        both.refusedAlike(line.replace("SECRETS", SECRETS).replace("IMAGE", AES), message);
    }

    /** @param prefix of the options' names */
    private void amend(String image, String prefix, String options) throws IOException {
        both.makeOurs("amend " + SECRETS + "-o " + options.replaceAll("(^|,)", "$1" + prefix) + " --image-opts "
                + image);
    }

    @ParameterizedTest
    @CsvSource({"luks, ''", "qcow2, encrypt."})
    void shouldAddAndErasePassphrases(String format, String prefix) throws IOException {
        String image = "driver=" + format + ",file.filename=@i," + prefix + "key-secret=";
        both.makeOurs("convert " + SECRETS + "-f raw -O " + format + " -o " + (prefix.isEmpty() ? ""
                : "encrypt.format=luks,") + prefix + "key-secret=s," + prefix + "iter-time=10 @r @i");
        amend(image + "s", prefix, "state=active,new-secret=t,iter-time=10");
        amend(image + "s", prefix, "state=active,new-secret=t,iter-time=10,keyslot=5");
        both.alike("info @i");
        String compare = "compare " + SECRETS + "--image-opts " + image + "t driver=raw,file.filename=@r";
        assertEquals(new QemuImg.Outcome(0, "Images are identical.\n"), both.theirs(compare));
        amend(image + "t", prefix, "state=inactive,old-secret=s");
        both.alike("info @i");
        both.refusedAlike("convert " + SECRETS + "--image-opts " + image + "s @o",
                "Invalid password, cannot unlock any keyslot");
        amend(image + "t", prefix, "state=inactive,keyslot=1");
        both.alike(compare);
        both.alike("info @i");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            state=active | 'new-secret' is required to activate a keyslot
            state=active,new-secret=t,old-secret=s | 'old-secret' must not be given when activating keyslots
            state=active,new-secret=x | No secret with id 'x'
            state=active,new-secret=t,keyslot=8 | Invalid keyslot 8 specified, must be between 0 and 7
            state=active,new-secret=t,keyslot=0 | Refusing to overwrite active keyslot 0 - please erase it first
            new-secret=t | Parameter 'state' is missing
            state=foo | Parameter 'state' does not accept value 'foo'
            state=inactive | either explicit keyslot index or the password
            state=inactive,new-secret=t | 'new-secret' must not be given when erasing keyslots
            state=inactive,old-secret=s,iter-time=10 | 'iter-time' must not be given when erasing keyslots
            state=inactive,old-secret=n | No keyslots match given (old) password for erase operation
            state=inactive,old-secret=n,keyslot=0 | Given keyslot 0 doesn't contain the given old password
            state=inactive,keyslot=5 | Given keyslot 5 is already erased (inactive)
            state=inactive,keyslot=9 | Invalid keyslot 9 specified, must be between 0 and 7
            state=inactive,keyslot=0 | Attempt to erase the only active keyslot 0
            state=inactive,old-secret=s | All the active keyslots match the (old) password
            """)
    void shouldRefusePassphrasesAsQemuImgDoes(String options, String message) throws IOException {
        both.makeOurs("create -q " + SECRETS + "-f luks -o key-secret=s,iter-time=10 @i 1M");
        both.refusedAlike("amend " + SECRETS + "-o " + options
                + " --image-opts driver=luks,file.filename=@i,key-secret=s", message);
    }

    @Test
    void shouldEraseTheLastPassphraseWhenForced() throws IOException {
        both.makeOurs("create -q " + SECRETS + "-f luks -o key-secret=s,iter-time=10 @i 1M");
        String image = "--image-opts driver=luks,file.filename=@i,key-secret=s";
        both.makeOurs("amend --force " + SECRETS + "-o state=inactive,keyslot=0 " + image);
        both.refusedAlike("convert " + SECRETS + image + " @o", "Invalid password, cannot unlock any keyslot");
    }

    @Test
    void shouldResizeALuksImage() throws IOException {
        both.makeOurs("create -q " + SECRETS + "-f luks -o key-secret=s,iter-time=10 @i 1M");
        String image = "--image-opts driver=luks,file.filename=@i,key-secret=s";
        both.makeOurs("resize -q " + SECRETS + image + " 3M");
        both.alike("info @i");
        both.makeOurs("resize -q --shrink " + SECRETS + image + " 2M");
        both.alike("info @i");
        both.refusedAlike("resize -f luks @i 4M", "Parameter 'key-secret' is required for cipher");
    }
}

package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Disks that servers have, beside qemu-img: each has a qemu-nbd of its own, with the same disk. */
@Timeout(120)
class ImgNbdTest {
    private static final String DISK = "nbd+unix:///e?socket=@s";
    private static final String SERVE = "qemu-nbd --fork --pid-file=$PWD/pid -f raw -x e -k $PWD/s -t -e 8 $PWD/r";

    @TempDir
    private Path folder;
    private BesideQemuImg both;

    @BeforeEach
    void serve() throws IOException {
        both = new BesideQemuImg(folder);
        both.given("""
                qemu-img create -q -f raw r 8M
                qemu-io -f raw -c 'write -P 1 0 64k' -c 'write -P 2 1M 128k' -c 'write -P 3 5M 4k' r > written
                cp r copy
                """ + SERVE);
    }

    @AfterEach
    void end() throws IOException {
        for (String each : new String[] {"q", "j"}) {
            Path pid = folder.resolve(each).resolve("pid");
            if (Files.exists(pid)) {
                ProcessHandle.of(Long.parseLong(Files.readString(pid).strip())).ifPresent(ProcessHandle::destroy);
            }
        }
    }

    private static String lines(String text) {
        return text.replace("DISK", DISK);
    }

    @Test
    void shouldSeeTheDiskAndItsHolesAsQemuImgDoes() throws IOException {
        both.alike(lines("""
                info DISK
                info --output=json DISK
                map DISK
                map --output=json DISK
                measure -O qcow2 DISK
                compare DISK @copy
                check DISK
                """));
        both.alikeWith("a", lines("convert -O raw DISK @a"));
        both.alikeWith("b", lines("convert -O qcow2 DISK @b"));
        both.check();
    }

    @Test
    void shouldMakeImagesOnTheDiskOfAServer() throws IOException {
        both.alike(lines("""
                create -f raw DISK 4M
                info DISK
                create -f raw DISK 16M
                create -f raw DISK
                create -f qcow2 DISK 1M
                info DISK
                info --output=json DISK
                map --output=json DISK
                check DISK
                create -f qcow2 DISK 100M
                create -f qcow2 -o preallocation=full DISK 10M
                create -f vdi DISK 1M
                info DISK
                create -f vmdk DISK 1M
                create -f raw -o preallocation=full DISK 8M
                create -f qcow2 nbd:unix:@none 1M
                resize -f raw DISK 16M
                convert -O raw @copy DISK
                compare @copy DISK
                convert -O qcow2 @copy DISK
                compare @copy DISK
                convert -n -O raw @copy DISK
                compare -f raw @copy DISK
                """));
        both.check();
    }
}

package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Copies have the bytes, the room and the messages of qemu-img's. */
class ImgConvertTest {
    @TempDir
    private Path folder;
    private BesideQemuImg beside;

    @BeforeEach
    void makeImages() throws IOException {
        beside = new BesideQemuImg(folder);
        beside.given("""
                qemu-img create -q -f qcow2 k 16M
                qemu-io -c 'write -P 1 0 1M' -c 'write -z 2M 1M' -c 'write -P 3 4M 64k' -c 'write -P 0 5M 1M' k
                qemu-img create -q -f qcow2 base 8M; qemu-io -c 'write -P 9 0 8M' base; cp base base2
                qemu-img create -q -f qcow2 -b base -F qcow2 top 16M
                qemu-io -c 'write -P 1 0 1M' -c 'write -z 2M 1M' -c 'write -P 0 9M 1M' top
                qemu-img convert -S 0 -O raw k spots
                for i in 3 9 100 101 3000 3001 3003 9000 9004; do
                    printf x | dd of=spots bs=512 seek=$i conv=notrunc status=none
                done
                printf x > odd2
                """);
    }

    @Test
    void shouldLeaveOutZerosAsQemuImgDoes() throws IOException {
        beside.alikeWith("o", """
                convert -p -O qcow2 @k @o
                convert -p -q -O raw @k @o
                convert -p -W -m 4 @k @o
                convert @spots @o
                convert -S 512 @spots @o
                convert -S 3k @spots @o
                convert -S 64k @spots @o
                convert -S 16M @spots @o
                convert -O qcow2 -o cluster_size=512 @spots @o
                convert -O qcow2 -o cluster_size=2M @spots @o
                convert -O qcow2 @odd2 @o
                convert -O raw -S 0 @k @o
                convert -O raw -C @k @o
                convert -O qcow2 -C @k @o
                convert -O qcow2 -o size=20M @k @o
                convert -O qcow2 @top @o
                convert -r 100M --salvage @k @o
                convert -t none -T none @k @o
                convert -t directsync -T directsync @k @o
                convert -t writethrough -T unsafe -O qcow2 @k @o
                """);
        beside.check();
    }

    @Test
    void shouldCompressAsWellAsQemuImg() throws IOException {
        beside.alikeWith("o", """
                convert -O qcow2 -c @k @o
                convert -c -S 0 -O qcow2 @k @o
                convert -c -O qcow2 -o cluster_size=4k @spots @o
                """);
        beside.check();
    }

    @Test
    void shouldPutImagesTogether() throws IOException {
        beside.given("truncate -s 1000 odd; printf %0700d 1 > odd3; : > empty");
        beside.alikeWith("o", """
                convert -p -O raw @k @top @base @o
                convert -p -O qcow2 @k @top @base @o
                convert @odd2 @odd3 @o
                convert @odd @o
                convert -p @empty @o
                """);
        beside.check();
    }

    @Test
    void shouldCopyIntoAnImageThatIsThere() throws IOException {
        String empty = "rm -f o; qemu-img create -q -f qcow2 o 16M";
        String used = empty + "; qemu-io -c 'write -P 7 0 8M' o";
        String old = "rm -f o; qemu-img create -q -f qcow2 -o compat=0.10 o 16M; qemu-io -c 'write -P 9 0 8M' o";
        for (String given : new String[] {empty, used, used + "; qemu-img snapshot -c s o", old}) {
            beside.given(given);
            beside.alikeWith("o", "convert -n -O qcow2 @k @o");
        }
        beside.given(empty);
        beside.alikeWith("o", "convert -n --target-is-zero -O qcow2 @k @o\nconvert -n -S 0 -O qcow2 @k @o");
        beside.given("qemu-img create -q r 16M; qemu-io -f raw -c 'write -P 9 0 8M' r; cp --sparse=always r o");
        beside.alikeWith("o", "convert -n @k @o\nconvert -n -S 0 @k @o");
        beside.given(empty);
        beside.alikeWith("o", "convert -n --target-image-opts @k driver=qcow2,file.filename=@o");
        beside.given("qemu-img create -q -f qcow2 small 15M");
        beside.alike("convert -n -O qcow2 @k @small");
        beside.check();
    }

    @Test
    void shouldLeaveToTheBackingImageWhatIsThere() throws IOException {
        beside.alikeWith("o", """
                convert -O qcow2 -B base2 -F qcow2 @top @o
                convert -O qcow2 -B base2 -F qcow2 -S 0 @top @o
                convert -O qcow2 -B base2 -F qcow2 @k @o
                convert -O qcow2 -o backing_file=k,backing_fmt=qcow2 @k @o
                """);
        beside.given("qemu-img create -q -f qcow2 -b base -F qcow2 o 16M");
        beside.alikeWith("o", "convert -n -O qcow2 -B missing -F qcow2 @top @o\nmap --output=json @o");
        beside.given("qemu-img create -q -f qcow2 -b base -F qcow2 o 16M");
        beside.alikeWith("o", "convert -n -O qcow2 @top @o\nmap --output=json @o");
        beside.check();
    }

    @Test
    void shouldRefuseWhatQemuImgRefuses() throws IOException {
        beside.alike("""
                convert -n -o size=1M @k @base
                convert -n -O qcow2 @k @spots
                convert -S 0 -C @k @o
                convert -c -C -O qcow2 @k @o
                convert -c -O raw @k @o
                convert --target-is-zero @k @o
                convert --target-image-opts @k driver=raw,file.filename=@o
                convert -O qcow2 -B k @k @k @o
                convert -B k @k @k @o
                convert -m 0 @k @o
                convert -m 17 @k @o
                convert -S 100 @k @o
                convert -S 32M @k @o
                convert -S -1 @k @o
                convert -l x @k @k @o
                convert -r x @k @o
                convert @k
                convert
                convert -O foo @k @o
                convert -f foo @k @o
                convert -F raw @k @o
                convert -O qcow2 -o backing_file=k @k @o
                convert -O qcow2 -B k @k @o
                convert -O raw -B k -F qcow2 @k @o
                convert -t foo @k @o
                convert -T foo @k @o
                convert @k @k
                convert -n @k @missing
                convert @missing @o
                """);
        beside.check();
    }
}

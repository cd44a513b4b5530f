package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Which bytes are stored where, and which images show the same, as qemu-img says it. */
class ImgMapTest {
    @TempDir
    private Path folder;

    private BesideQemuImg images() throws IOException {
        BesideQemuImg beside = new BesideQemuImg(folder);
        beside.given("""
                qemu-img create -q -f qcow2 k 16M
                qemu-io -c 'write -P 1 0 1M' -c 'write -z 2M 1M' -c 'write -c -P 3 4M 64k' k
                qemu-img create -q -f qcow2 -b k -F qcow2 top 20M
                qemu-io -c 'write -P 2 1M 1M' top
                qemu-img create -q -f qcow2 z 1M
                qemu-io -c 'write -P 1 0 256k' -c 'write -z 64k 64k' -c 'write -zu 192k 64k' z
                qemu-img create -q -f qcow2 -o preallocation=metadata pm 1M
                qemu-img create -q -f qcow2 -o preallocation=falloc pf 1M
                qemu-img create -q -f qcow2 z0 0
                """);
        return beside;
    }

    @Test
    void shouldTellWhereAllIsStored() throws IOException {
        BesideQemuImg beside = images();
        beside.given("truncate -s 20M r; printf hello | dd of=r bs=1 seek=3M conv=notrunc\n"
                + "printf %01000d 0 > odd; truncate -s 1000 hole; : > empty");
        beside.alike("""
                map @k
                map --output=json @k
                map @top
                map --output=json @top
                map @r
                map --output=json @r
                map --start-offset=1M --max-length=3M --output=json @top
                map --start-offset=19M --max-length=100M --output=json @top
                map --start-offset=30M --output=json @top
                map --output=json @odd
                map --output=json @hole
                map --output=json @empty
                map -f raw @empty
                map --output=json @z
                map -f raw --output=json @z
                map --output=json @z0
                map --output=json @pm
                map @pm
                map -U --output=json @pf
                map --start-offset=-3 @k
                map --max-length=x @k
                map --output=foo @k
                map @missing
                map @k @k
                map
                """);
        beside.check();
    }

    @Test
    void shouldTellWhetherImagesShowTheSame() throws IOException {
        BesideQemuImg beside = images();
        beside.given("""
                qemu-img convert -O raw k same
                qemu-img create -q -f qcow2 -b k -F qcow2 over 16M
                cp --sparse=always same longer; truncate -s 30M longer
                cp --sparse=always longer other; printf x | dd of=other bs=1 seek=29M conv=notrunc
                """);
        beside.alike("""
                compare @k @top
                compare -s @k @top
                compare -p @k @k
                compare -p @k @same
                compare -s @k @same
                compare -s -p @k @top
                compare -F raw @k @k
                compare -s @k @k
                compare @k @over
                compare -s @over @k
                compare @k @longer
                compare @longer @k
                compare -s @longer @k
                compare @k @other
                compare -p @other @k
                compare -pq @other @k
                compare -q @k @k
                compare @pm @pf
                compare -s @pm @pf
                compare @z0 @z0
                compare -p @z0 @z
                compare -T none @k @same
                compare -T foo @k @same
                compare -f foo @k @same
                compare @k @missing
                compare -Z @k @k
                compare @k
                """);
        beside.check();
    }
}

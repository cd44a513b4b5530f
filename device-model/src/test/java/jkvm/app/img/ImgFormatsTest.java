package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images of other programs' formats, beside qemu-img. */
class ImgFormatsTest {
    @TempDir
    private Path folder;
    private BesideQemuImg beside;

    @BeforeEach
    void makeADisk() throws IOException {
        beside = new BesideQemuImg(folder);
        beside.given("""
                qemu-img create -q -f raw r 5001k
                qemu-io -f raw -c 'write -P 1 100k 300k' -c 'write -P 2 401k 512' -c 'write -P 3 3M 1M' r
                """);
    }

    @Test
    void shouldMakeImagesAndTellTheirOptions() throws IOException {
        beside.alike("""
                create -f vdi @a 10M
                create -f vdi -o static=on @a 3M
                create -f vpc @a 10M
                create -f vpc -o subformat=fixed,force_size=on @a 10M
                create -f vpc -o subformat=round @a 10M
                create -f vpc @a 3T
                create -f vmdk @a 10M
                create -f vmdk -o subformat=monolithicFlat @a 10M
                create -f vmdk -o subformat=twoGbMaxExtentSparse,adapter_type=lsilogic,hwversion=7 @a 3G
                create -f vmdk -o adapter_type=scsi @a 10M
                create -f vmdk -o compat6=on,hwversion=7 @a 10M
                create -f vmdk -o subformat=monolithicFlat,zeroed_grain=on @a 10M
                create -f vhdx @a 10M
                create -f vhdx -o block_size=4M,log_size=3000k,subformat=fixed @a 10M
                create -f vhdx -o block_size=3M @a 10M
                create -f vhdx -o subformat=round @a 10M
                create -f vhdx @a 65T
                create -f qcow @a 10M
                create -f qcow @a 0
                """);
        beside.check();
    }

    @Test
    void shouldDescribeImages() throws IOException {
        beside.given("""
                qemu-img create -q -f vdi a.vdi 10M
                qemu-img create -q -f vpc a.vpc 10M
                qemu-img create -q -f vpc -o subformat=fixed f.vpc 10M
                qemu-img create -q -f vhdx a.vhdx 10M
                qemu-img create -q -f qcow a.qcow 10M
                qemu-img create -q -f qcow -b a.vdi -F vdi b.qcow
                """);
        for (String file : "a.vdi a.vpc f.vpc a.vhdx a.qcow b.qcow".split(" ")) {
            beside.alike("info @" + file + "\ninfo --output=json @" + file + "\ncheck @" + file);
        }
        beside.alike("info -f vpc @f.vpc\ninfo -f vdi @a.vpc\ninfo -f vmdk @a.vpc\ninfo -f vhdx @a.vpc");
        beside.check();
    }

    @Test
    void shouldDescribeExtents() throws IOException {
        beside.given("""
                # An image whose content id has eight digits, which is then the same in both folders.
                make() {
                  until grep -aq '^CID=[0-9a-f]\\{8\\}$' "$1"; do qemu-img create -q -f vmdk "$@" 3G; done
                  printf 12345678 | dd of="$1" bs=1 seek=$(($(grep -abo '^CID=' "$1" | cut -d: -f1) + 4)) conv=notrunc
                }
                for t in monolithicSparse monolithicFlat twoGbMaxExtentSparse twoGbMaxExtentFlat streamOptimized; do
                  make $t -o subformat=$t
                done
                make child -b monolithicSparse -F vmdk
                """);
        for (String file : ("monolithicSparse monolithicFlat twoGbMaxExtentSparse twoGbMaxExtentFlat streamOptimized"
                + " child").split(" ")) {
            beside.alike("info @" + file + "\ninfo --output=json @" + file + "\ncheck @" + file);
        }
        beside.check();
    }

    @Test
    void shouldConvertToThemAndBack() throws IOException {
        for (String format : "vdi vpc vmdk vhdx qcow".split(" ")) {
            beside.alike("convert -f raw -O " + format + " @r @o\ncheck -f " + format + " @o\nmap -f " + format
                    + " --output=json @o");
            beside.alikeWith("back", "convert -f " + format + " -O raw @o @back");
        }
        for (String options : """
                vmdk -o subformat=streamOptimized
                vmdk -c -o subformat=streamOptimized
                vdi -o static=on
                vhdx -o subformat=fixed
                vmdk -o subformat=monolithicFlat
                vmdk -o subformat=twoGbMaxExtentSparse
                """.strip().split("\n")) {
            beside.alike("convert -f raw -O " + options + " @r @o\ncheck @o");
            beside.alikeWith("back", "convert -O raw -f " + options.split(" ")[0] + " @o @back");
        }
        beside.alike("convert -c -f raw -O vdi @r @o");
        beside.check();
    }
}

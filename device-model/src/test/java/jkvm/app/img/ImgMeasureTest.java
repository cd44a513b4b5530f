package jkvm.app.img;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sizes of images to be made, blocks copied by dd, and bench's checks of its options are qemu-img's. */
class ImgMeasureTest {
    @TempDir
    private Path folder;
    private BesideQemuImg beside;

    @BeforeEach
    void makeImages() throws IOException {
        beside = new BesideQemuImg(folder);
        beside.given("""
                qemu-img create -q -f qcow2 k 16M
                qemu-io -c 'write -P 1 0 1M' -c 'write -z 2M 1M' -c 'write -c -P 3 4M 64k' k
                qemu-img create -q -f qcow2 -b k -F qcow2 top 20M
                qemu-io -c 'write -P 2 1M 1M' top
                truncate -s 20M r; printf hello | dd of=r bs=1 seek=3M conv=notrunc status=none
                printf %01000d 0 > odd
                """);
    }

    @Test
    void shouldTellTheSizeOfANewImage() throws IOException {
        beside.alike("""
                measure --size 1G
                measure -O qcow2 --size 1G
                measure -O qcow2 --size 1000
                measure -O raw --size 1000
                measure -O qcow2 -o cluster_size=512 --size 1G
                measure -O qcow2 -o cluster_size=2M,refcount_bits=1 --size 1T
                measure -O qcow2 @k
                measure -O qcow2 @top
                measure -O qcow2 --output json @top
                measure -O raw @top
                measure --output=json @r
                measure -O qcow2 @r
                measure -O qcow2 -f raw @k
                measure -O qcow2 -o preallocation=full @k
                measure -O qcow2 -o extended_l2=on @k
                measure -O qcow2 -o size=1M @k
                measure -O vmdk --size 1G
                measure -O foo @k
                measure
                measure --size 1G @k
                measure --size 1X
                measure -l s1 @k
                measure -O qcow2 -o foo=1 @k
                measure -f raw --size 1G
                measure -O qcow2 @missing
                """);
        beside.check();
    }

    @Test
    void shouldCopyBlocks() throws IOException {
        beside.alikeWith("o", """
                dd if=@k of=@o
                dd bs=64k count=2 if=@k of=@o
                dd -O qcow2 bs=64k skip=1 count=4 if=@k of=@o
                dd bs=1000 skip=1 count=4 if=@k of=@o
                dd bs=1M skip=16 if=@k of=@o
                dd bs=1M skip=100 if=@k of=@o
                dd if=@k of=@o count=0
                dd if=@odd of=@o bs=512 count=3
                dd if=@odd of=@o bs=300
                dd if=@k of=@o bs=512 if=@odd
                dd -U -f raw if=@odd of=@o
                dd if=@k of=@o bs=0x200 count=1k
                dd if=@k
                dd of=@o
                dd if=@k of=@o foo=1
                dd if=@k of=@o junk
                dd if=@k of=@o conv=sync
                dd if=@k of=@o bs=0
                dd if=@k of=@o bs=x
                dd if=@k of=@o bs=3G
                dd if=@k of=@o count=-1
                dd if=@k of=@o skip=x
                dd if=@k of=@o -O foo
                dd -f foo if=@k of=@o
                dd if=@missing of=@o
                """);
        beside.check();
    }

    @Test
    void shouldTimeRequests() throws IOException {
        beside.given("qemu-img create -q -f qcow2 b 64M");
        beside.alikeButTime("""
                bench -c 100 @b
                bench -c 100 -w --flush-interval=10 -d 5 @b
                bench -c 100 -w --flush-interval=10 --no-drain -d 10 @b
                bench -c 20 -d 1 -t none -n -w -s 8k -S 16k -o 1M --pattern=7 @b
                bench -q -c 10 -t writethrough -i io_uring @b
                bench -c 0x10 -S 0 -f raw @b
                bench -d 3 -w -c 1 -s 1 -o 5 @b
                bench -c 0 @b
                bench -o 70M -c 3 @b
                bench -c 100 -w --flush-interval=10 -d 50 @b
                bench -c 100 --flush-interval=10 @b
                bench -c x @b
                bench -d x @b
                bench -s 3G @b
                bench -S -1 @b
                bench -t foo @b
                bench -i foo @b
                bench -n @b
                bench --pattern=256 @b
                bench --pattern=x @b
                bench --flush-interval=x -w @b
                bench
                bench -f foo @b
                bench @missing
                """);
        beside.check();
    }
}

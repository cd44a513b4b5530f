package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's cloud kernel with its root on an ext4 disk on virtio-blk, on the KVM in Java. The host's own tools judge
 * what it leaves.
 */
@BootsGuests
class DiskGuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    /** Writes 64 MiB, and reads them back past the page cache. */
    private static final String ROOT_INIT = """
            #!/bin/sh
            export PATH=/bin
            mount -t proc proc /proc
            mount -t sysfs sys /sys
            mount -t devtmpfs dev /dev
            mount -o remount,rw,discard /
            i=0; while [ $i -lt 4096 ]; do
                echo "$i block of text that is as long as a sum needs"; i=$((i+1))
            done >/seed
            i=0; while [ $i -lt 340 ]; do cat /seed; i=$((i+1)); done >/big
            sync
            written=$(md5sum </big)
            echo 3 >/proc/sys/vm/drop_caches
            [ "$(md5sum </big)" = "$written" ] && echo SUM AGREES $(wc -c </big) bytes
            grep virtio0-req /proc/interrupts
            if grep -q remove-big /proc/cmdline; then rm /big; sync; fstrim -v /; fi
            mount -o remount,ro /
            poweroff -f
            """;

    @TempDir
    private Path folder;
    private LabKernel kernel;

    @BeforeEach
    void makeARootFileSystem() throws Exception {
        kernel = LabKernel.cloud(System.err::println);
        Path root = folder.resolve("root");
        for (String name : List.of("bin", "dev", "proc", "sys", "sbin")) {
            Files.createDirectories(root.resolve(name));
        }
        Path busybox = new LabTools(System.getenv("PATH")).busybox();
        Files.copy(busybox, root.resolve("bin/busybox"));
        for (String applet : "sh mount sync md5sum cat grep rm wc fstrim poweroff".split(" ")) {
            Files.createSymbolicLink(root.resolve("bin/" + applet), Path.of("busybox"));
        }
        Path init = Files.writeString(root.resolve("sbin/init"), ROOT_INIT);
        init.toFile().setExecutable(true);
        host("mke2fs", "-q", "-t", "ext4", "-d", root.toString(), disk("base.raw"), "256M");
        Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", "virtio_blk"), "mount /dev/vda /mnt\nexec switch_root /mnt /sbin/init\n"));
    }

    private String disk(String name) {
        return folder.resolve(name).toString();
    }

    private String host(String... command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertEquals(0, process.waitFor(), String.join(" ", command) + "\n" + output);
        return output;
    }

    private List<String> guest(String kernelText, String... options) {
        List<String> line = new ArrayList<>(List.of("-kernel", kernel.image().toString(),
                "-initrd", disk("initramfs.gz"), "-append", "console=ttyS0 quiet root=/dev/vda " + kernelText,
                "-m", "512", "-nographic"));
        line.addAll(List.of(options));
        return line;
    }

    @Test
    void shouldKeepARawDiskSoundAndUseBothQueuesFromBothCpus() throws Exception {
        LabRun.Result result = SoftRun.jkvm(guest("", "-smp", "2",
                "-drive", "file=" + disk("base.raw") + ",format=raw,if=none,id=root",
                "-device", "virtio-blk-pci,drive=root,num-queues=2"), LIMIT);
        assertEquals(0, result.exit(), result.out() + result.err());
        assertTrue(result.out().contains("SUM AGREES"), result.out());
        Matcher queues = Pattern.compile("(\\d+)\\s+(\\d+)\\s+\\S.*virtio0-req\\.([01])").matcher(result.out());
        long[] ofCpu = new long[2];
        Set<String> busy = new TreeSet<>();
        queues.results().forEach(queue -> {
            long first = Long.parseLong(queue.group(1));
            long second = Long.parseLong(queue.group(2));
            ofCpu[0] += first;
            ofCpu[1] += second;
            if (first + second > 0) {
                busy.add(queue.group(3));
            }
        });
        assertEquals(Set.of("0", "1"), busy, result.out());
        assertTrue(ofCpu[0] > 0 && ofCpu[1] > 0, result.out());
        host("e2fsck", "-fn", disk("base.raw"));
    }

    @Test
    void shouldKeepAQcow2OverlaySoundAndShrinkItByDiscard() throws Exception {
        host("qemu-img", "create", "-q", "-f", "qcow2", "-b", disk("base.raw"), "-F", "raw", disk("over.qcow2"));
        byte[] base = Files.readAllBytes(folder.resolve("base.raw"));
        LabRun.Result kept = SoftRun.jkvm(guest("", "-drive", "file=" + disk("over.qcow2")
                + ",format=qcow2,if=virtio,discard=unmap"), LIMIT);
        assertTrue(kept.out().contains("SUM AGREES"), kept.out() + kept.err());
        long grown = allocated("over.qcow2");
        host("qemu-img", "check", disk("over.qcow2"));
        host("qemu-img", "convert", "-O", "raw", disk("over.qcow2"), disk("flat.raw"));
        host("e2fsck", "-fn", disk("flat.raw"));

        LabRun.Result removed = SoftRun.jkvm(guest("remove-big", "-drive", "file=" + disk("over.qcow2")
                + ",format=qcow2,if=virtio,discard=unmap"), LIMIT);
        assertTrue(removed.out().contains("SUM AGREES"), removed.out() + removed.err());
        host("qemu-img", "check", disk("over.qcow2"));
        long shrunk = allocated("over.qcow2");
        assertTrue(shrunk < grown / 2, () -> grown + " bytes, then " + shrunk + "\n" + removed.out());
        assertArrayEquals(base, Files.readAllBytes(folder.resolve("base.raw")), "the backing file is read only");
    }

    private long allocated(String name) throws Exception {
        return Long.parseLong(host("stat", "-c", "%b", disk(name)).strip()) * 512;
    }
}

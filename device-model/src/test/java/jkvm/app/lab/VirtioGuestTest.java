package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Debian's cloud kernel with its virtio drivers on jkvm's PCI bus, and on a microvm's memory-mapped registers, on the
 * KVM in Java.
 */
@BootsGuests
class VirtioGuestTest {
    private static final String SCRIPT = """
            for d in /sys/bus/pci/devices/*; do echo PCI $(cat $d/vendor $d/device $d/class $d/irq); done
            echo RNG $(cat /sys/class/misc/hw_random/rng_current)
            echo READ $(dd if=/dev/hwrng bs=64 count=64 iflag=fullblock 2>/dev/null | wc -c)
            echo to the host >/dev/hvc0
            echo DISK $(cat /sys/block/vda/size /sys/block/vda/queue/write_cache /sys/block/vda/serial)
            dd if=/dev/urandom of=/tmp/data bs=64k count=64 2>/dev/null
            dd if=/tmp/data of=/dev/vda bs=64k seek=16 conv=fsync 2>/dev/null; echo 3 >/proc/sys/vm/drop_caches
            echo SUM $(md5sum </tmp/data) $(dd if=/dev/vda bs=64k skip=16 count=64 2>/dev/null | md5sum)
            grep virtio /proc/interrupts
            dmesg | grep -iE 'virtio|hvc|pci' | grep -iE 'error|fail|warn|bug|invalid|unable|timeout' | sed 's/^/BAD /'
            poweroff -f
            """;
    /** The terminal's window grows when the guest's console is open. */
    private static final String RESIZED_SCRIPT = """
            exec 3<>/dev/hvc0
            echo OPEN
            for i in $(seq 100); do
                [ "$(stty size <&3)" = "43 132" ] && break
                sleep 0.2
            done
            echo SIZE $(stty size <&3)
            poweroff -f
            """;
    /** QEMU's pc gets these lines, too: there is no memory-mapped configuration space; and one only mentions bugs. */
    private static final Pattern EXPECTED = Pattern.compile("(?m)^BAD .*(MMCONFIG information|report a bug).*$");

    private static final Duration LIMIT = Duration.ofMinutes(2);

    @TempDir
    private Path folder;

    @Test
    void shouldFindAndUseVirtioDevicesOnPciAndInAMicrovm() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", "virtio_mmio", "virtio_rng", "virtio_console", "virtio_blk"), SCRIPT));
        Path disk = folder.resolve("disk.raw");
        try (RandomAccessFile file = new RandomAccessFile(disk.toFile(), "rw")) {
            file.setLength(16 << 20);
        }
        String drive = "if=none,id=d,format=raw,file=" + disk;
        run(kernel, initramfs, "pci", "-smp", "2", "-device", "virtio-rng-pci,addr=5",
                "-drive", drive, "-device", "virtio-blk-pci,drive=d,serial=jkvm-1,num-queues=2",
                "-device", "virtio-serial-pci,addr=6");
        run(kernel, initramfs, "mmio", "-M", "microvm",
                "-drive", drive, "-device", "virtio-blk-device,drive=d,serial=jkvm-1", "-device", "virtio-rng-device",
                "-device", "virtio-serial-device");

        String pci = output("pci.txt");
        assertTrue(pci.contains("PCI 0x8086 0x1237 0x060000 0"), pci);
        assertTrue(pci.contains("PCI 0x8086 0x7000 0x060100 0"), pci);
        assertTrue(pci.contains("PCI 0x8086 0x7113 0x068000 9"), pci);
        assertTrue(pci.contains("PCI 0x1af4 0x1005 0x00ff00 10"), pci);
        assertTrue(pci.contains("PCI 0x1af4 0x1003 0x078000 10"), pci);
        assertTrue(pci.contains("PCI-MSI"), pci);
        for (String name : List.of("pci", "mmio")) {
            String output = output(name + ".txt");
            assertTrue(output.contains("RNG virtio_rng.0"), output);
            assertTrue(output.contains("READ 4096"), output);
            assertTrue(!output.contains("\nBAD "), output);
            assertTrue(output.contains("DISK 32768 write back jkvm-1"), output);
            assertTrue(Pattern.compile("SUM (\\p{XDigit}{32})  ?- \\1 ").matcher(output).find(), output);
            assertEquals("to the host\n", output(name + ".hvc"));
        }
    }

    @Test
    void shouldTellLinuxTheSizeOfTheTerminalsWindow() throws Exception {
        LabKernel kernel = LabKernel.cloud(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", "virtio_console"), RESIZED_SCRIPT));
        Path log = folder.resolve("serial");
        String jkvm = SoftRun.command(List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(),
                "-append", "console=ttyS0 quiet", "-m", "128", "-display", "none", "-serial", "file:" + log,
                "-chardev", "stdio,id=window", "-device", "virtio-serial-pci", "-device",
                "virtconsole,chardev=window")).stream().map(LabJob::quote).collect(Collectors.joining(" "));
        Path script = Files.writeString(folder.resolve("resize"), """
                stty rows 40 cols 100
                (until grep -q OPEN %s 2>/dev/null; do sleep 0.2; done; stty rows 43 cols 132 </dev/tty) &
                exec %s
                """.formatted(log, jkvm));
        // Gives its command a terminal.
        LabRun.Result result = SoftRun.exec(List.of("script", "-qec", "sh " + script, "/dev/null"), LIMIT);
        assertEquals(0, result.exit(), result.out() + result.err());
        assertTrue(Files.readString(log).contains("SIZE 43 132"), Files.readString(log));
    }

    private void run(LabKernel kernel, Path initramfs, String name, String... options) throws Exception {
        List<String> words = new ArrayList<>(List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs.toString(), "-append", "console=ttyS0 quiet", "-m", "256", "-nographic", "-chardev",
                "file,id=hvc,path=" + folder.resolve(name + ".hvc")));
        words.addAll(List.of(options));
        words.addAll(List.of("-device", "virtconsole,chardev=hvc"));
        LabRun.Result result = SoftRun.jkvm(words, LIMIT);
        assertEquals(0, result.exit(), result.out() + result.err());
        Files.writeString(folder.resolve(name + ".txt"), result.out());
    }

    private String output(String name) throws Exception {
        return EXPECTED.matcher(Files.readString(folder.resolve(name)).replace("\r", "")).replaceAll("");
    }
}

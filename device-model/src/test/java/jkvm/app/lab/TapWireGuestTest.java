package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.net.Tshark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A Linux guest and the lab's kernel on the two ends of a tap interface; each leaves checksums to the other. */
@RequiresLab
class TapWireGuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(5);
    private static final String LAB_SCRIPT = """
            ip tuntap add dev tap0 mode tap && ip addr add 10.9.0.1/24 dev tap0 && ip link set tap0 up || exit 9
            dd if=/dev/urandom of=/run/file bs=64k count=32 2>/dev/null
            $busybox httpd -p 10.9.0.1:80 -h /run
            $jkvm & guest=$!
            while kill -0 $guest && ! $busybox ping -c 1 -W 1 10.9.0.2 >/dev/null; do :; done
            $busybox ping -c 3 10.9.0.2 | grep received
            while kill -0 $guest && ! $busybox wget -q -O /run/theirs http://10.9.0.2/file; do sleep 1; done
            echo OWN $(md5sum </run/file)
            echo PEER $(md5sum </run/theirs)
            touch /run/done
            wait $guest; echo $?
            """;
    private static final String GUEST_SCRIPT = """
            ip link set eth0 up
            ip addr add 10.9.0.2/24 dev eth0
            mkdir /tmp/www
            dd if=/dev/urandom of=/tmp/www/file bs=64k count=32 2>/dev/null
            httpd -h /tmp/www
            i=0; while [ $i -lt 200 ] && ! ping -c 1 -W 1 10.9.0.1 >/dev/null; do i=$((i + 1)); done
            ping -c 3 10.9.0.1 | grep received
            echo OWN $(md5sum </tmp/www/file)
            echo PEER $(wget -q -O - http://10.9.0.1/file | md5sum)
            i=0; while [ $i -lt 100 ] && ! wget -q -O - http://10.9.0.1/done; do sleep 1; i=$((i + 1)); done
            dmesg | grep 'timed out'
            poweroff -f
            """;
    private static final Pattern SUMS = Pattern.compile("OWN (\\p{XDigit}{32}) -\nPEER (\\p{XDigit}{32}) -\n");

    @TempDir
    private Path folder;

    @Test
    void shouldPingTheHostAndBePingedAndFetchFilesBothWays() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), List.of("virtio_pci", "virtio_net"), GUEST_SCRIPT));
        Path console = folder.resolve("console");
        Path capture = folder.resolve("tap.pcap");
        String jkvm = LabRun.inShell(List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(),
                "-append", "console=ttyS0 quiet", "-m", "256", "-nographic", "-nic",
                "tap,id=wire,ifname=tap0,script=no,downscript=no,model=virtio-net-pci", "-object",
                "filter-dump,id=f,netdev=wire,file=" + capture)) + " </dev/null >" + console;
        String script = LAB_SCRIPT.replace("$jkvm", jkvm)
                .replace("$busybox", new LabTools(System.getenv("PATH")).busybox().toString());
        LabRun.Result result = LabRun.exec(LabRun.shell(script), new byte[0], LIMIT);

        String guest = Files.exists(console) ? Files.readString(console).replace("\r", "") : "";
        String all = result.out() + result.err() + guest;
        assertTrue(result.out().endsWith("\n0\n"), all);
        Matcher ours = sums(result.out(), all);
        Matcher theirs = sums(guest, all);
        assertEquals(ours.group(1), theirs.group(2), all);
        assertEquals(theirs.group(1), ours.group(2), all);
        assertTrue(!guest.contains("timed out"), guest);
        for (String source : List.of("10.9.0.1", "10.9.0.2")) {
            assertTrue(!Tshark.frames(capture, "frame.len > 1514 && ip.src == " + source).isEmpty(),
                    () -> "cutting is left to the receiver of what comes from " + source);
        }
    }

    private static Matcher sums(String output, String all) {
        assertTrue(output.contains("3 packets transmitted, 3 packets received"), all);
        Matcher sums = SUMS.matcher(output);
        assertTrue(sums.find(), all);
        return sums;
    }
}

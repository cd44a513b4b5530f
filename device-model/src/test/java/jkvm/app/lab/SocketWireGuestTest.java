package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.host.net.Tshark;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two Linux guests, each on a jkvm of its own, on the two ends of a socket, on the KVM in Java. */
@BootsGuests
class SocketWireGuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    /**
     * Each asks until the other answers, and stays until the other has all that it wants. The kernel's usual queue,
     * fq_codel, takes the slowness of an interpreted machine for congestion and drops frames: this one does not.
     */
    private static final String GUEST_SCRIPT = """
            echo pfifo_fast >/proc/sys/net/core/default_qdisc
            ip link set eth0 up
            ip addr add 10.9.0.$own/24 dev eth0
            mkdir /tmp/www
            dd if=/dev/urandom of=/tmp/www/file bs=64k count=16 2>/dev/null
            httpd -h /tmp/www
            i=0; while [ $i -lt 200 ] && ! ping -c 1 -W 1 10.9.0.$peer >/dev/null; do i=$((i + 1)); done
            ping -c 3 10.9.0.$peer | grep received
            ping -c 3 -s 8000 10.9.0.$peer | grep received
            echo OWN $(md5sum </tmp/www/file)
            echo PEER $(wget -q -O - http://10.9.0.$peer/file | md5sum)
            touch /tmp/www/done
            i=0; while [ $i -lt 100 ] && ! wget -q -O - http://10.9.0.$peer/done; do sleep 1; i=$((i + 1)); done
            sleep 3
            dmesg | grep -E 'Tx Unit Hang|timed out'
            poweroff -f
            """;
    private static final Pattern SUMS = Pattern.compile("OWN (\\p{XDigit}{32}) -\nPEER (\\p{XDigit}{32}) -\n");

    @TempDir
    private Path folder;

    @Test
    void shouldPingEachOtherAndFetchEachOthersFile() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        int port = SoftRun.freePort();
        Process listening = guest(kernel, 1, 2, "e1000", "listen", port);
        Process connecting = null;
        try {
            awaitListener(listening, port);
            connecting = guest(kernel, 2, 1, "virtio-net-pci", "connect", port);
            assertEnds(connecting);
            assertEnds(listening);
        } finally {
            listening.destroyForcibly();
            if (connecting != null) {
                connecting.destroyForcibly();
            }
        }

        String first = output(1);
        String second = output(2);
        Matcher firstSums = sums(first);
        Matcher secondSums = sums(second);
        assertEquals(firstSums.group(1), secondSums.group(2), first + second);
        assertEquals(secondSums.group(1), firstSums.group(2), first + second);
        // The virtio card leaves checksums and cutting to the wire, the e1000 takes and gives finished frames only.
        assertEquals(List.of(), Tshark.faults(folder.resolve("1.pcap")));
        assertTrue(!Tshark.frames(folder.resolve("2.pcap"), "frame.len > 1514").isEmpty(), "some were cut");
    }

    private static Matcher sums(String output) {
        assertEquals(3, output.split("3 packets transmitted, 3 packets received", -1).length, output);
        assertTrue(!output.contains("Tx Unit Hang") && !output.contains("timed out"), output);
        Matcher sums = SUMS.matcher(output);
        assertTrue(sums.find(), output);
        return sums;
    }

    private Process guest(LabKernel kernel, int own, int peer, String model, String end, int port) throws Exception {
        String script = GUEST_SCRIPT.replace("$own", "" + own).replace("$peer", "" + peer);
        Path initramfs = Files.write(folder.resolve(own + ".gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("e1000", "virtio_pci", "virtio_net"), script));
        List<String> words = List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs.toString(), "-append", "console=ttyS0 quiet", "-m", "256", "-nographic", "-nic",
                "socket,id=wire,model=%s,mac=52:54:00:00:00:0%d,%s=127.0.0.1:%d".formatted(model, own, end, port),
                "-object", "filter-dump,id=f,netdev=wire,file=" + folder.resolve(own + ".pcap"));
        return new ProcessBuilder(SoftRun.command(words)).redirectErrorStream(true)
                .redirectInput(new File("/dev/null")).redirectOutput(folder.resolve(own + ".txt").toFile()).start();
    }

    /** A connection to try would be taken for the other guest's. */
    private void awaitListener(Process process, int port) throws Exception {
        Pattern listener = Pattern.compile(":%04X \\S+ 0A ".formatted(port));
        while (!listener.matcher(Files.readString(Path.of("/proc/net/tcp6"))).find()
                && !listener.matcher(Files.readString(Path.of("/proc/net/tcp"))).find()) {
            assertTrue(process.isAlive(), output(1));
            Thread.sleep(100);
        }
    }

    private void assertEnds(Process process) throws Exception {
        assertTrue(process.waitFor(LIMIT.toMillis(), TimeUnit.MILLISECONDS), output(1) + output(2));
        assertEquals(0, process.exitValue(), output(1) + output(2));
    }

    private String output(int guest) throws Exception {
        return Files.readString(folder.resolve(guest + ".txt")).replace("\r", "");
    }
}

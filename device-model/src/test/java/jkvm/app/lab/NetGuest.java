package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;

/** A Linux guest with one network card on the user network, beside a web server, on the KVM in Java. */
final class NetGuest {
    /** The card's address. */
    static final String MAC = "52:54:00:ab:cd:ef";
    /** For scripts of guests: {@code up} gets a lease for eth0 and pings the gateway twice. */
    static final String FUNCTIONS = """
            cat >/tmp/lease <<'X'
            #!/bin/sh
            [ $1 = bound ] || exit 0
            ifconfig $interface $ip netmask $subnet
            route add default gw $router
            echo LEASE $ip ROUTER $router DNS $dns
            X
            chmod +x /tmp/lease
            up() {
                ip link set eth0 up
                udhcpc -i eth0 -n -q -t 10 -s /tmp/lease
                ping -c 2 10.0.2.2 | grep received
            }
            """;
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int FILE_SIZE = 8 << 20;
    /** Lease, pings and a file; then the same after down and up with jumbo frames, and with a driver loaded anew. */
    private static final String TOUR = """
            cat /sys/class/net/eth0/address
            up
            wget -q -O - http://10.0.2.2:PORT/file | md5sum
            ip link set eth0 down
            ip link set eth0 mtu 9000
            up
            ping -c 1 -s 8000 10.0.2.2 | grep received
            rmmod MODULE
            insmod /modules/MODULE
            up
            wget -q -O - http://10.0.2.2:PORT/file | md5sum
            dmesg | grep -i -E 'MODULE|eth0|hang|watchdog'
            poweroff -f
            """;

    private NetGuest() {
    }

    /**
     * Boots a guest that gets its address, fetches files and bears down, up and unloading.
     *
     * @param folder  the test's own
     * @param modules that the guest loads, the card's driver last
     * @param options of jkvm, the card among them, with {@link #MAC}
     * @return what it printed
     */
    static String tour(Path folder, LabKernel kernel, List<String> modules, String... options) throws Exception {
        byte[] file = new byte[FILE_SIZE];
        new Random(1).nextBytes(file);
        Path web = Files.createDirectories(folder.resolve("web"));
        Files.write(web.resolve("file"), file);
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(file));
        int port = SoftRun.freePort();
        String script = FUNCTIONS + TOUR.replace("MODULE", modules.getLast()).replace("PORT", Integer.toString(port));
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), modules, script));
        List<String> words = new ArrayList<>(List.of("-kernel", kernel.image().toString(), "-initrd",
                initramfs.toString(), "-append", "console=ttyS0 quiet", "-m", "256", "-nographic"));
        words.addAll(List.of(options));
        LabRun.Result result;
        Process server = SoftRun.webServer(port, web);
        try {
            result = SoftRun.jkvm(words, LIMIT);
        } finally {
            server.destroyForcibly();
        }

        String out = result.out().replace("\r", "");
        assertEquals(0, result.exit(), out + result.err());
        assertTrue(out.contains(MAC), out);
        assertEquals(3, count(out, "LEASE 10.0.2.15 ROUTER 10.0.2.2 DNS 10.0.2.3"), out);
        assertEquals(3, count(out, "2 packets received"), out);
        assertEquals(1, count(out, "1 packets received"), out);
        assertEquals(2, count(out, sum), out);
        assertTrue(!out.contains("Unit Hang") && !out.contains("timed out"), out);
        return out;
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}

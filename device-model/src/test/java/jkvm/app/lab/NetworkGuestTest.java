package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import jkvm.host.net.Tshark;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Debian's plain kernel with each network card on the user network, on the KVM in Java. The guest reports every step in
 * a line that begins with "== "; tshark judges a capture of the whole run.
 *
 * <p>{@code -Djkvm.transfers=64} makes every transfer one of 64 MiB; without it the first alone is.
 */
@BootsGuests
class NetworkGuestTest {
    private static final int WHOLE = 64;
    private static final int PART = Integer.getInteger("jkvm.transfers", 4);
    private static final Duration LIMIT = Duration.ofSeconds(225 + 15 * PART);
    private static final String ETHTOOL = "/usr/sbin/ethtool";
    private static final String STEP = "== ";
    private static final String UP = "up LEASE 10.0.2.15 ROUTER 10.0.2.2 DNS 10.0.2.3"
            + " 2 packets transmitted, 2 packets received, 0% packet loss";
    /** Not a step: what a run took. */
    private static final String FIGURE = "-- ";

    /** The web server's answers to the guest: count its boots, to fetch from it, to send a file slowly. */
    private static final String BOOT_CGI = """
            #!/bin/sh
            echo boot >>../boots
            echo Content-Type: text/plain; echo
            wc -l <../boots
            """;
    private static final String PULL_CGI = """
            #!/bin/sh
            echo Content-Type: text/plain; echo
            @BUSYBOX@ wget -q -O - http://127.0.0.1:@FORWARDED@/$QUERY_STRING | md5sum | cut -c1-32
            """;
    private static final String SLOW_CGI = """
            #!/bin/sh
            echo Content-Type: application/octet-stream; echo
            cd ..
            size=$(($(wc -c <part) / 4))
            for piece in 0 1 2 3; do
                dd if=part bs=$size skip=$piece count=1 2>/dev/null
                sleep 1
            done
            """;
    private static final String GUEST_SCRIPT = NetGuest.FUNCTIONS + """
            host=http://10.0.2.2:@PORT@
            sum() { md5sum | cut -c1-32; }
            seconds() { read since rest </proc/uptime; echo "${since%.*}${since#*.}"; }
            # fetch FILE: its sum, and for the record how long it took without the sum.
            fetch() {
                before=$(seconds)
                wget -q -O /tmp/web/$1 $host/$1
                echo "-- $1 came in $(($(seconds) - before)) hundredths of a second"
                echo "== fetched $1 $(sum </tmp/web/$1)"
            }
            both() {
                fetch part
                before=$(seconds)
                pulled=$(wget -q -O - $host/cgi-bin/pull?part)
                echo "-- part went in $(($(seconds) - before)) hundredths of a second"
                echo "== served part $pulled"
                # The driver adds up the card's counters when it is asked, or every two seconds; a reset clears them.
                @ETHTOOL@ -S eth0 >/dev/null
            }
            # A ping of its own length tells in the capture where offload is off, and where it is on again.
            mark() { ping -c 1 -s $1 10.0.2.2 >/dev/null; }
            offload() {
                [ $1 = off ] || mark @ON@
                @ETHTOOL@ -K eth0 rx $1 tx $1 sg $1 tso $1 >/dev/null 2>&1
                [ $1 = on ] || mark @OFF@
                echo "== offload" $(@ETHTOOL@ -k eth0 |
                    sed -n -E 's/^((rx|tx)-checksumming|tcp-segmentation-offload): ([a-z]*).*/\\1 \\3/p')
            }
            dmesg -c >/dev/null
            mkdir /tmp/web
            httpd -p 80 -h /tmp/web
            echo "== card $(cat /sys/class/net/eth0/address)"
            echo "== up" $(up 2>/dev/null)
            boot=$(wget -q -O - $host/cgi-bin/boot)
            echo "== boot $boot"
            if [ "$boot" != 1 ]; then
                fetch part
                poweroff -f
            fi
            fetch whole
            rm /tmp/web/whole
            for mtu in 1500 9000; do
                ip link set eth0 mtu $mtu
                for switch in on off; do
                    echo "== mtu $(cat /sys/class/net/eth0/mtu)"
                    offload $switch
                    both
                done
                echo "== ping of $((mtu - 28)) $(ping -c 2 -s $((mtu - 28)) 10.0.2.2 |
                    grep -o '[0-9]* packets received')"
            done
            offload on
            echo "== used" $(@ETHTOOL@ -S eth0 | awk '/rx_csum_offload_good|tx_tcp_seg_good/ && $2 > 0 { print $1 }')
            wget -q -O - $host/cgi-bin/slow | sum >/tmp/sum &
            sleep 1
            ip link set eth0 down
            sleep 1
            ip link set eth0 up
            wait $!
            echo "== fetched across a broken link $(cat /tmp/sum)"
            echo "== up" $(up 2>/dev/null)
            both
            rmmod @MODULE@
            echo "== cards without the module: $(ls /sys/class/net | grep -c eth)"
            insmod /modules/@MODULE@
            echo "== up" $(up 2>/dev/null)
            both
            echo "== errors" $(cd /sys/class/net/eth0/statistics; cat rx_errors tx_errors rx_missed_errors)
            echo "== checksum errors" $(awk '{
                for (i = 2; $1 == last && i <= NF; i++) if (name[i] == "InCsumErrors") print $i
                last = $1; split($0, name)
            }' /proc/net/snmp)
            dmesg | grep -E 'Unit Hang|NETDEV WATCHDOG|timed out|BUG:|Call Trace|csum failure' | sed 's/^/== log: /'
            echo "== end"
            reboot -f
            """;

    /** Payload of the pings that mark where offload is on and where it is off. */
    private static final int ON = 1001;
    private static final int OFF = 1002;

    /** The differences between the cards. */
    enum Card {
        E1000("e1000", "e1000", "off", "tx_tcp_seg_good: rx_csum_offload_good:"),
        /** Its driver cannot switch the receive side, and counts nothing of this. */
        VIRTIO("virtio-net-pci", "virtio_net", "on", "");

        private final String model;
        private final String module;
        /** The receive side's checksum state after offload is switched off. */
        private final String receiveWhenOff;
        /** Counters of the driver that show that the card has worked for it. */
        private final String used;

        Card(String model, String module, String receiveWhenOff, String used) {
            this.model = model;
            this.module = module;
            this.receiveWhenOff = receiveWhenOff;
            this.used = used;
        }
    }

    @TempDir
    private Path folder;
    private LabKernel kernel;
    private Path web;
    /** Ports of this machine: of its web server, and the one that leads to the guest's. */
    private int port;
    private int forwarded;
    private String wholeSum;
    private String partSum;

    @BeforeEach
    void makeFilesToFetch() throws Exception {
        Tshark.assumeInstalled();
        kernel = LabKernel.generic(System.err::println);
        port = SoftRun.freePort();
        forwarded = SoftRun.freePort();
        web = Files.createDirectories(folder.resolve("web/cgi-bin")).getParent();
        script("boot", BOOT_CGI);
        script("pull", PULL_CGI);
        script("slow", SLOW_CGI);
        byte[] whole = new byte[WHOLE << 20];
        new Random(1).nextBytes(whole);
        Files.write(web.resolve("whole"), whole);
        Files.write(web.resolve("part"), Arrays.copyOf(whole, PART << 20));
        wholeSum = sum(whole, whole.length);
        partSum = sum(whole, PART << 20);
    }

    private void script(String name, String text) throws Exception {
        String busybox = new LabTools(System.getenv("PATH")).busybox().toString();
        Path file = Files.writeString(web.resolve("cgi-bin").resolve(name),
                text.replace("@BUSYBOX@", busybox).replace("@FORWARDED@", Integer.toString(forwarded)));
        assertTrue(file.toFile().setExecutable(true));
    }

    private static String sum(byte[] bytes, int length) throws Exception {
        MessageDigest digest = MessageDigest.getInstance("MD5");
        digest.update(bytes, 0, length);
        return HexFormat.of().formatHex(digest.digest());
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(value = 30, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void shouldCarryFilesBothWaysThroughAllThatAGuestDoesToACard(Card card) throws Exception {
        String script = GUEST_SCRIPT.replace("@MODULE@", card.module).replace("@ETHTOOL@", ETHTOOL)
                .replace("@ON@", Integer.toString(ON)).replace("@OFF@", Integer.toString(OFF))
                .replace("@PORT@", Integer.toString(port));
        Path initramfs = Files.write(folder.resolve("initramfs.gz"), GuestInitramfs.script(new KernelModules(kernel),
                List.of("virtio_pci", card.module), script, GuestInitramfs.programs("ethtool", ETHTOOL)));
        Path capture = folder.resolve("capture.pcap");
        LabRun.Result result;
        Process server = SoftRun.webServer(port, web);
        try {
            result = SoftRun.jkvm(List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(),
                    "-append", "console=ttyS0 quiet", "-m", "256", "-nographic", "-nic",
                    "user,id=net,model=" + card.model + ",mac=" + NetGuest.MAC
                    + ",hostfwd=tcp:127.0.0.1:" + forwarded + "-:80", "-object",
                    "filter-dump,id=dump,netdev=net,file=" + capture + ",maxlen=131072"), LIMIT);
        } finally {
            server.destroyForcibly();
        }

        String out = result.out().replace("\r", "");
        assertEquals(0, result.exit(), out + result.err());
        out.lines().filter(line -> line.startsWith(FIGURE)).forEach(line -> System.out.println(card + " " + line));
        assertEquals(String.join("\n", expectedSteps(card)), steps(out), out);
        judge(card, capture);
    }

    /**
     * The e1000 finishes each frame before it is on the wire. virtio-net's frames pass unfinished where driver and
     * network agreed on that: always to the guest, and from it while offload is on. Then TCP's checksum is that of the
     * pseudo-header alone, and frames are longer than the MTU. All else is right in any case.
     */
    private static void judge(Card card, Path capture) throws Exception {
        if (card == Card.E1000) {
            assertEquals(List.of(), Tshark.faults(capture));
            return;
        }
        List<Integer> on = frameNumbers(capture, "icmp.type == 8 && data.len == " + ON);
        List<Integer> off = frameNumbers(capture, "icmp.type == 8 && data.len == " + OFF);
        assertEquals(List.of(3, 2), List.of(on.size(), off.size()));
        String isOff = "frame.number in {%d..%d, %d..%d}".formatted(off.get(0), on.get(1), off.get(1), on.get(2));
        String unfinished = "tcp.checksum.status == 0 && ip.checksum.status == 1 && !_ws.malformed";
        assertEquals(List.of(),
                Tshark.faults(capture, unfinished + " && (ip.src == 10.0.2.2 || !(" + isOff + "))"));
        assertFalse(Tshark.frames(capture, unfinished + " && tcp.len > 8960 && ip.src == 10.0.2.2").isEmpty());
        assertFalse(Tshark.frames(capture, unfinished + " && tcp.len > 8960 && ip.src == 10.0.2.15").isEmpty());
        assertEquals(List.of(), Tshark.frames(capture, "tcp.len > 8960 && ip.src == 10.0.2.15 && " + isOff));
    }

    private static List<Integer> frameNumbers(Path capture, String filter) throws Exception {
        return Tshark.frames(capture, filter).stream()
                .map(line -> Integer.valueOf(line.strip().split(" ")[0])).toList();
    }

    private static String steps(String out) {
        return String.join("\n", out.lines().filter(line -> line.startsWith(STEP))
                .map(line -> line.substring(STEP.length()).stripTrailing()).toList());
    }

    private List<String> expectedSteps(Card card) {
        List<String> both = List.of("fetched part " + partSum, "served part " + partSum);
        List<String> begin = List.of("card " + NetGuest.MAC, UP);
        List<String> steps = new ArrayList<>(begin);
        steps.addAll(List.of("boot 1", "fetched whole " + wholeSum));
        for (int mtu : new int[] {1500, 9000}) {
            for (String offload : List.of("on", "off")) {
                steps.addAll(List.of("mtu " + mtu, offload(card, offload)));
                steps.addAll(both);
            }
            steps.add("ping of " + (mtu - 28) + " 2 packets received");
        }
        steps.addAll(List.of(offload(card, "on"), ("used " + card.used).strip(),
                "fetched across a broken link " + partSum));
        steps.add(UP);
        steps.addAll(both);
        steps.add("cards without the module: 0");
        steps.add(UP);
        steps.addAll(both);
        steps.addAll(List.of("errors 0 0 0", "checksum errors 0 0 0 0", "end"));
        steps.addAll(begin);
        steps.addAll(List.of("boot 2", "fetched part " + partSum));
        return steps;
    }

    private static String offload(Card card, String state) {
        return "offload rx-checksumming %s tx-checksumming %2$s tcp-segmentation-offload %2$s".formatted(
                state.equals("on") ? state : card.receiveWhenOff, state);
    }
}

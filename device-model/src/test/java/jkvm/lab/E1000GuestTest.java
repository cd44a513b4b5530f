package jkvm.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Debian's plain kernel with its e1000 driver on the user network, on jkvm, on a real KVM. */
@RequiresLab
class E1000GuestTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);
    private static final int FILE_SIZE = 8 << 20;
    /** On the lab's side: a web server, then the guest. */
    private static final String LAB_SCRIPT = """
            busybox=$1; folder=$2; shift 2
            $busybox ifconfig lo 127.0.0.1 up
            $busybox httpd -p 127.0.0.1:8080 -h $folder
            exec "$@" </dev/null
            """;
    private static final String GUEST_SCRIPT = """
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
            cat /sys/class/net/eth0/address
            up
            wget -q -O - http://10.0.2.2:8080/file | md5sum
            ip link set eth0 down
            ip link set eth0 mtu 9000
            up
            ping -c 1 -s 8000 10.0.2.2 | grep received
            rmmod e1000
            insmod /modules/e1000
            up
            wget -q -O - http://10.0.2.2:8080/file | md5sum
            dmesg | grep -i -E 'e1000|hang|watchdog'
            poweroff -f
            """;

    @TempDir
    private Path folder;

    @Test
    void shouldGetALeaseAndAFileAndBearDownUpAndUnloading() throws Exception {
        LabKernel kernel = LabKernel.generic(System.err::println);
        byte[] file = new byte[FILE_SIZE];
        new Random(1).nextBytes(file);
        Path web = Files.createDirectory(folder.resolve("web"));
        Files.write(web.resolve("file"), file);
        String sum = HexFormat.of().formatHex(MessageDigest.getInstance("MD5").digest(file));
        Path initramfs = Files.write(folder.resolve("initramfs.gz"),
                GuestInitramfs.script(new KernelModules(kernel), List.of("e1000"), GUEST_SCRIPT));
        List<String> jkvm = Lab.innerJkvm(List.of("-kernel", kernel.image().toString(), "-initrd", initramfs.toString(),
                "-append", "console=ttyS0 quiet", "-m", "256", "-nographic", "-nic",
                "user,model=e1000,mac=52:54:00:ab:cd:ef"));
        List<String> command = LabRun.shell(LAB_SCRIPT, new LabTools(System.getenv("PATH")).busybox().toString(),
                web.toString());
        command.addAll(jkvm);
        LabRun.Result result = LabRun.exec(command, new byte[0], LIMIT);

        String out = result.out().replace("\r", "");
        assertEquals(0, result.exit(), out + result.err());
        assertTrue(out.contains("52:54:00:ab:cd:ef"), out);
        assertEquals(3, count(out, "LEASE 10.0.2.15 ROUTER 10.0.2.2 DNS 10.0.2.3"), out);
        assertEquals(3, count(out, "2 packets received"), out);
        assertEquals(1, count(out, "1 packets received"), out);
        assertEquals(2, count(out, sum), out);
        assertTrue(!out.contains("Detected Tx Unit Hang") && !out.contains("transmit queue 0 timed out"), out);
    }

    private static int count(String text, String part) {
        return text.split(Pattern.quote(part), -1).length - 1;
    }
}

package jkvm.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Assumptions;

/** What tshark says about captures; where it is not installed, tests that ask it are skipped. */
public final class Tshark {
    private static final Path PROGRAM = Path.of("/usr/bin/tshark");
    private static final String FAULT = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0"
            + " || udp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0";

    private Tshark() {
    }

    public static void assumeInstalled() {
        Assumptions.assumeTrue(Files.isExecutable(PROGRAM), "tshark is not installed");
    }

    /**
     * The frames that are malformed or have a wrong checksum, one line each. Only the network's own protocols are
     * looked into: a random file that is fetched is good for no other.
     */
    public static List<String> faults(Path capture) throws IOException, InterruptedException {
        return frames(capture, FAULT);
    }

    /** As {@link #faults(Path)}, without frames whose faults are as they should be. @param expected a display filter */
    public static List<String> faults(Path capture, String expected) throws IOException, InterruptedException {
        return frames(capture, "(" + FAULT + ") && !(" + expected + ")");
    }

    /** The frames that match a display filter, one line each. */
    public static List<String> frames(Path capture, String filter) throws IOException, InterruptedException {
        assumeInstalled();
        Process process = new ProcessBuilder(PROGRAM.toString(), "-r", capture.toString(), "-o",
                "ip.check_checksum:TRUE", "-o", "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE",
                "--disable-protocol", "http", "-Y", filter).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> lines = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor());
        return lines;
    }
}

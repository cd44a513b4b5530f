package jkvm.host.net;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Assumptions;

/** Asks tshark about captures; where it is not installed, tests that need it are skipped. */
public final class Tshark {
    private static final Path PROGRAM = Path.of("/usr/bin/tshark");
    private static final String FAULT = "_ws.malformed || ip.checksum.status == 0 || tcp.checksum.status == 0"
            + " || udp.checksum.status == 0 || icmp.checksum.status == 0 || icmpv6.checksum.status == 0";

    /** Protocols of the user network that tshark also finds by their looks. */
    private static final Set<String> OWN = Set.of("dns", "tftp");

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

    /**
     * As {@link #faults(Path)}, without frames whose faults are as they should be.
     *
     * @param expected a display filter
     */
    public static List<String> faults(Path capture, String expected) throws IOException, InterruptedException {
        return frames(capture, "(" + FAULT + ") && !(" + expected + ")");
    }

    /** The frames that match a display filter, one line each. */
    public static List<String> frames(Path capture, String filter) throws IOException, InterruptedException {
        assumeInstalled();
        List<String> command = new ArrayList<>(List.of("-r", capture.toString(), "-o", "ip.check_checksum:TRUE", "-o",
                "tcp.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE", "--disable-protocol", "http", "-Y",
                filter));
        for (String protocol : guessedProtocols()) {
            command.addAll(List.of("--disable-protocol", protocol));
        }
        return lines(command);
    }

    /** Protocols that tshark guesses from the bytes of a TCP segment or UDP datagram: a random file looks like any. */
    private static List<String> guessedProtocols() throws IOException, InterruptedException {
        return lines(List.of("-G", "heuristic-decodes")).stream().map(line -> line.split("\t"))
                .filter(columns -> columns[0].equals("tcp") || columns[0].equals("udp"))
                .map(columns -> columns[1]).filter(protocol -> !OWN.contains(protocol)).toList();
    }

    private static List<String> lines(List<String> arguments) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(PROGRAM.toString()));
        command.addAll(arguments);
        Process process = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start();
        List<String> lines = process.inputReader().readAllLines();
        assertEquals(0, process.waitFor());
        return lines;
    }
}

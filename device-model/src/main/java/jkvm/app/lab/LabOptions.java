package jkvm.app.lab;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The lab's machine.
 *
 * @param cpus      number of CPUs
 * @param mebibytes of memory
 * @param network   whether it has a network card, connected to the host's network
 * @param forwards  ports of the host that lead to the same port in the lab
 */
public record LabOptions(int cpus, int mebibytes, boolean network, List<PortForward> forwards) {
    /**
     * With several, QEMU's emulation of SVM loses a guest or hangs in one of ten runs; a guest may have more than one.
     */
    public static final int DEFAULT_CPUS = 1;
    public static final int DEFAULT_MEBIBYTES = 3072;
    public static final int MAX_CPUS = 16;
    private static final int FIRST_RELAY_PORT = 61_000;
    /** Memory for the lab's system and a JVM, besides the guest's. */
    private static final int OVERHEAD_MEBIBYTES = 1024;
    private static final Pattern FORWARD = Pattern.compile("hostfwd=(tcp|udp|):([^:,]*):(\\d{1,5})-");
    private static final Pattern MEMORY = Pattern.compile("(?:size=)?(\\d{1,7})([MmGg]?)(?:,.*)?");

    /**
     * A port of the host.
     *
     * @param protocol tcp or udp
     * @param address  of the host, empty for all
     */
    public record PortForward(String protocol, String address, int port) {

        /** A server in the lab that listens on its loopback address only is not reached from the network card. */
        boolean needsRelay() {
            return protocol.equals("tcp") && (address.startsWith("127.") || address.equals("localhost"));
        }
    }

    public LabOptions {
        forwards = List.copyOf(forwards);
    }

    /** The port of the lab's network card that leads to a forwarded port; a relay listens on it if it is another. */
    int cardPort(PortForward forward) {
        return forward.needsRelay() ? FIRST_RELAY_PORT + forwards.indexOf(forward) : forward.port();
    }

    /** One CPU, enough memory for the guest that the command line describes, the ports it forwards. */
    public static LabOptions suitedTo(List<String> commandLine) {
        int mebibytes = DEFAULT_MEBIBYTES;
        boolean network = false;
        List<PortForward> forwards = new ArrayList<>();
        for (int i = 0; i < commandLine.size(); i++) {
            String word = commandLine.get(i);
            if (i > 0 && commandLine.get(i - 1).equals("-m")) {
                mebibytes = Math.max(mebibytes, guestMebibytes(word) + OVERHEAD_MEBIBYTES);
            }
            network |= word.equals("user") || word.startsWith("user,");
            Matcher matcher = FORWARD.matcher(word);
            while (matcher.find()) {
                String protocol = matcher.group(1).isEmpty() ? "tcp" : matcher.group(1);
                forwards.add(new PortForward(protocol, matcher.group(2), Integer.parseInt(matcher.group(3))));
            }
        }
        return new LabOptions(DEFAULT_CPUS, mebibytes, network || !forwards.isEmpty(), forwards);
    }

    private static int guestMebibytes(String size) {
        Matcher matcher = MEMORY.matcher(size);
        if (!matcher.matches()) {
            return 0;
        }
        int number = Integer.parseInt(matcher.group(1));
        return matcher.group(2).equalsIgnoreCase("g") ? Math.min(number, 1024) * 1024 : number;
    }

    public LabOptions withCpus(int count) {
        return new LabOptions(count, mebibytes, network, forwards);
    }

    public LabOptions withMebibytes(int size) {
        return new LabOptions(cpus, size, network, forwards);
    }
}

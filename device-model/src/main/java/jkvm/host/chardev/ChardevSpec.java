package jkvm.host.chardev;

import java.nio.file.Path;
import java.util.Optional;

/**
 * A chardev as the user asked for it; nothing is opened yet. {@link Chardevs#open} opens it.
 *
 * @param label   unique in the machine: {@code serial0}, {@code debugcon}, or the id given with {@code -chardev}
 * @param backend where the bytes come from and go to
 * @param mux     shared by its devices and steered with Ctrl-A: {@code mon:stdio}, {@code mux=on}
 * @param log     a file that gets all output of the guest too
 */
public record ChardevSpec(String label, Backend backend, boolean mux, Optional<OutputFile> log) {

    /** A chardev without a log. */
    public ChardevSpec(String label, Backend backend, boolean mux) {
        this(label, backend, mux, Optional.empty());
    }

    /** The default label of the host side of a port that is not connected. */
    public static ChardevSpec unconnected(String label) {
        return new ChardevSpec(label, new Null(), false);
    }

    /** True if there shall be no device at all: {@code -serial none}. */
    public boolean isNone() {
        return backend instanceof None;
    }

    /** The kinds of host side. */
    public sealed interface Backend {
    }

    /** No host side, and no device. */
    public record None() implements Backend {
    }

    /** Output is thrown away, input never comes. */
    public record Null() implements Backend {
    }

    /**
     * Standard input and output.
     *
     * @param signals true if Ctrl-C ends jkvm, false if the guest gets it
     */
    public record Stdio(boolean signals) implements Backend {
    }

    /**
     * Output to a file.
     *
     * @param append false if the file is emptied first
     */
    public record OutputFile(Path path, boolean append) implements Backend {
    }

    /**
     * Listens on a unix socket for one client at a time.
     *
     * @param waits true if the machine starts with the first client
     */
    public record UnixServer(Path path, boolean waits) implements Backend {
    }

    /**
     * Connects to a unix socket.
     *
     * @param reconnectSeconds from a lost connection to a new attempt, zero for none
     */
    public record UnixClient(Path path, int reconnectSeconds) implements Backend {
    }

    /**
     * Listens on a TCP port for one client at a time.
     *
     * @param host     empty for all of this host's IPv4 addresses
     * @param port     zero for any free one
     * @param lastPort the first free one from {@code port} to this one is taken
     * @param waits    true if the machine starts with the first client
     * @param nodelay  true if small pieces are sent at once
     */
    public record TcpServer(String host, int port, int lastPort, boolean waits, boolean nodelay) implements Backend {
    }

    /**
     * Connects to a TCP port.
     *
     * @param host             empty for this host
     * @param reconnectSeconds from a lost connection to a new attempt, zero for none
     * @param nodelay          true if small pieces are sent at once
     */
    public record TcpClient(String host, int port, int reconnectSeconds, boolean nodelay) implements Backend {
    }

    /**
     * A stream socket that the program which starts this one has opened.
     *
     * @param descriptor its number
     * @param server     true if it listens, for one client at a time; false if it is connected
     * @param waits      true if the machine starts with the first client
     */
    public record InheritedSocket(int descriptor, boolean server, boolean waits) implements Backend {
    }

    /**
     * The telnet protocol (RFC 854) on a socket: the other side is asked for a terminal that sends single characters.
     *
     * @param socket one of the five above
     */
    public record Telnet(Backend socket) implements Backend {
    }

    /**
     * Datagrams to and from one address.
     *
     * @param host      the other side; empty for this host
     * @param localHost this side; empty for any address
     * @param localPort this side; zero for any free port
     */
    public record Udp(String host, int port, String localHost, int localPort) implements Backend {
    }

    /** Two FIFOs, {@code PATH.in} for input and {@code PATH.out} for output; or {@code PATH} for both. */
    public record Pipe(Path path) implements Backend {
    }

    /** A terminal device of the host's, such as a serial port, which becomes raw; another device is taken as it is. */
    public record HostDevice(Path path) implements Backend {
    }

    /**
     * Keeps the last bytes of output in memory; input never comes.
     *
     * @param size a power of two
     */
    public record Ring(int size) implements Backend {
    }

    /** A new pseudo-terminal, its name printed at start. */
    public record Pty() implements Backend {
    }
}

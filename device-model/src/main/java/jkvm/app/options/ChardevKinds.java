package jkvm.app.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.ChardevSpec.Backend;

/** Reads the properties of one {@code -chardev}, kind by kind. */
final class ChardevKinds {
    private static final List<String> KINDS = List.of("file", "null", "pipe", "pty", "ringbuf", "serial", "socket",
            "stdio", "udp", "vc");
    /** Those that QEMU has and jkvm does not. */
    private static final List<String> ABSENT = List.of("braille", "dbus", "msmouse", "parallel", "spiceport",
            "spicevmc", "testdev", "wctablet");
    private static final int MAX_RECONNECT_SECONDS = 3600;
    private static final int MAX_PORT = 65535;
    private static final int DEFAULT_RING = 1 << 16;
    private static final long MAX_RING = 1 << 28;

    private final OptionValues values;

    /** @param values the rest of them is checked by the caller */
    ChardevKinds(OptionValues values) {
        this.values = values;
    }

    /** @throws UsageException for an unknown kind, and for a property that is missing or wrong */
    Backend read(String kind) {
        return switch (kind) {
            case "stdio" -> new ChardevSpec.Stdio(values.takeFlag("signal", true));
            case "null" -> new ChardevSpec.Null();
            case "vc" -> screen();
            case "pty" -> new ChardevSpec.Pty();
            case "file" -> new ChardevSpec.OutputFile(path(), values.takeFlag("append", false));
            case "pipe" -> new ChardevSpec.Pipe(path());
            case "serial", "tty" -> new ChardevSpec.HostDevice(path());
            case "ringbuf", "memory" -> ring();
            case "udp" -> udp();
            case "socket" -> socket();
            default -> throw ABSENT.contains(kind) ? new UsageException(NotYet.CHARDEV.line(values.where()))
                    : values.error("'" + kind + "' is not a valid char driver name; there are "
                            + String.join(", ", KINDS) + Suggestion.of(kind, KINDS));
        };
    }

    private Path path() {
        return ChardevOptions.path(values.where(), values.require("path"));
    }

    /** A text console; there is no display that could show it. */
    private Backend screen() {
        for (String size : new String[] {"width", "height", "cols", "rows"}) {
            values.takeNumber(size, 0, 1 << 16);
        }
        return new ChardevSpec.Null();
    }

    private Backend ring() {
        Optional<String> text = values.take("size");
        OptionalLong given = text.map(value -> OptionalLong.of(values.size(value, 'B'))).orElse(OptionalLong.empty());
        // QEMU takes 0 for its default.
        long size = given.orElse(0) == 0 ? DEFAULT_RING : given.getAsLong();
        if (Long.bitCount(size) != 1) {
            throw values.error("size of ringbuf chardev must be power of two");
        }
        if (size > MAX_RING) {
            throw values.error("a ringbuf has at most 256M");
        }
        return new ChardevSpec.Ring((int) size);
    }

    private Backend udp() {
        families();
        String port = values.take("port").orElseThrow(() -> values.error("chardev: udp: remote port not specified"));
        return new ChardevSpec.Udp(values.take("host").orElse(""), port(port), values.take("localaddr").orElse(""),
                values.take("localport").map(this::port).orElse(0));
    }

    /** Which of IPv4 and IPv6 is used follows from the address. */
    private void families() {
        values.takeFlag("ipv4");
        values.takeFlag("ipv6");
    }

    private int port(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) > MAX_PORT) {
            throw values.error("not a port: " + text + "; write a number from 0 to " + MAX_PORT);
        }
        return Integer.parseInt(text);
    }

    /** The properties of a socket, also of {@code -serial unix:} and {@code tcp:}. */
    Backend socket() {
        for (String absent : new String[] {"tn3270", "websocket", "abstract", "tight", "tls-creds", "tls-authz"}) {
            if (values.has(absent)) {
                throw new UsageException(NotYet.CHARDEV.line(values.where() + ": property " + absent));
            }
        }
        boolean telnet = values.takeFlag("telnet", false);
        boolean server = values.takeFlag("server", false);
        Optional<Boolean> waits = values.takeFlag("wait");
        if (!server && waits.isPresent()) {
            throw values.error("'wait' option is incompatible with socket in client connect mode; add server=on");
        }
        Optional<Long> reconnect = values.takeNumber("reconnect", 0, MAX_RECONNECT_SECONDS);
        if (server && reconnect.isPresent()) {
            throw values.error("'reconnect' option is incompatible with socket in server listen mode");
        }
        Optional<String> host = values.take("host");
        Optional<String> path = values.take("path");
        Optional<Long> descriptor = values.takeNumber("fd", 0, Integer.MAX_VALUE);
        if (Stream.of(host, path, descriptor).filter(Optional::isPresent).count() != 1) {
            throw values.error("give it one of path=FILE, host=HOST,port=PORT and fd=NUMBER");
        }
        if (descriptor.isPresent() && reconnect.isPresent()) {
            throw values.error("'reconnect' option is incompatible with 'fd'");
        }
        int seconds = reconnect.orElse(0L).intValue();
        Backend socket = descriptor.isPresent()
                ? new ChardevSpec.InheritedSocket(descriptor.get().intValue(), server, waits.orElse(true))
                : path.isPresent() ? unix(path.get(), server, waits.orElse(true), seconds)
                : tcp(host.get(), server, waits.orElse(true), seconds);
        return telnet ? new ChardevSpec.Telnet(socket) : socket;
    }

    private Backend unix(String text, boolean server, boolean waits, int reconnectSeconds) {
        if (text.isEmpty()) {
            throw values.error("property path is missing");
        }
        Path path = ChardevOptions.path(values.where(), text);
        values.takeFlag("nodelay");
        values.takeFlag("delay");
        return server ? new ChardevSpec.UnixServer(path, waits) : new ChardevSpec.UnixClient(path, reconnectSeconds);
    }

    private Backend tcp(String host, boolean server, boolean waits, int reconnectSeconds) {
        families();
        Optional<Boolean> delay = values.takeFlag("delay");
        Optional<Boolean> nodelay = values.takeFlag("nodelay");
        if (delay.isPresent() && nodelay.isPresent()) {
            throw values.error("'delay' and 'nodelay' are mutually exclusive");
        }
        boolean sendsAtOnce = nodelay.orElse(!delay.orElse(true));
        int port = port(values.take("port").orElseThrow(() -> values.error("chardev: socket: no port given")));
        int last = values.take("to").map(this::port).orElse(port);
        return server ? new ChardevSpec.TcpServer(host, port, Math.max(port, last), waits, sendsAtOnce)
                : new ChardevSpec.TcpClient(host, port, reconnectSeconds, sendsAtOnce);
    }
}

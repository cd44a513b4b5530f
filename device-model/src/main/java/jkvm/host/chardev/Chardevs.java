package jkvm.host.chardev;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import jkvm.host.HostException;
import jkvm.host.chardev.ChardevException.Kind;
import jkvm.linux.Fd;
import jkvm.linux.FdStream;
import jkvm.linux.LinuxException;
import jkvm.linux.Pty;
import jkvm.linux.Syscalls;
import jkvm.linux.Terminal;
import jkvm.work.Workers;

/**
 * Opens a machine's chardevs, and closes them together: their output is drained, then the terminal restored. Any
 * thread may open one, and one thread does the rest.
 */
public final class Chardevs implements AutoCloseable {
    private static final int O_NOCTTY = 0x100;

    private final Syscalls syscalls;
    private final PrintStream out;
    private final PrintStream err;
    private final Runnable quit;
    /** The machine's, and those of loops that run while the machine is paused. */
    private final Workers workers;
    private final Workers unpaused = Workers.onThreads();
    /** Empty for the usual meaning of Ctrl-A t. */
    private Optional<Runnable> table = Optional.empty();
    /** Null if nothing is shown live. */
    private BooleanSupplier toggleLive;
    private boolean isLive;
    /** The chardevs whose Ctrl-A c leads to a monitor. */
    private Set<String> monitored = Set.of();
    /** Null before a monitor can be started. Guarded by the list of those that the user wanted before. */
    private Consumer<Chardev> startMonitor;
    private final List<Chardev> waitingMonitors = new ArrayList<>();
    private final Map<String, Mux> shared = new HashMap<>();
    private final List<Chardev> opened = new CopyOnWriteArrayList<>();
    private final List<Backend> backends = new CopyOnWriteArrayList<>();
    /** The terminal sides of pseudo-terminals, by the labels of their chardevs. */
    private final Map<String, String> ptys = new ConcurrentHashMap<>();

    /** An open host side. */
    private record Backend(ChardevSpec spec, Chardev chardev) {
    }

    private Optional<Terminal> terminal = Optional.empty();
    private boolean stdioTaken;

    /**
     * Opens nothing yet.
     *
     * @param out  gets the names of pseudo-terminals
     * @param err  gets other messages for the user
     * @param quit called on a chardev's thread when the user asks to end with Ctrl-A x; must return soon and not close
     * @param workers what devices hear comes from these; each on a thread, as chardevs wait for the host
     */
    public Chardevs(Syscalls syscalls, PrintStream out, PrintStream err, Runnable quit, Workers workers) {
        this.syscalls = syscalls;
        this.out = out;
        this.err = err;
        this.quit = quit;
        this.workers = workers;
    }

    /** Lets Ctrl-A t of chardevs that come later run this, on their threads, instead of toggling timestamps. */
    public void onTableKey(Runnable printTable) {
        table = Optional.of(printTable);
    }

    /**
     * Lets Ctrl-A T of chardevs that come later begin and end a live view on the user's terminal.
     *
     * @param toggle does so on their threads, and answers whether it is shown now; then a console on the terminal keeps
     *               the end of its output until the view goes
     * @param shown  whether it is from the start
     */
    public void onLiveKey(BooleanSupplier toggle, boolean shown) {
        toggleLive = toggle;
        isLive = shown;
    }

    /** Lets the first Ctrl-A c of chardevs that come later start a monitor, each with a label among these. */
    public void withMonitors(Set<String> labels) {
        monitored = Set.copyOf(labels);
    }

    /**
     * The start of a monitor, once there can be one.
     *
     * @param start takes the monitor's share of the chardev and connects it; on a thread of the chardev's, or on this
     */
    public void monitorStart(Consumer<Chardev> start) {
        synchronized (waitingMonitors) {
            startMonitor = start;
            waitingMonitors.forEach(start);
            waitingMonitors.clear();
        }
    }

    private void startMonitor(Chardev share) {
        synchronized (waitingMonitors) {
            if (startMonitor == null) {
                waitingMonitors.add(share);
            } else {
                startMonitor.accept(share);
            }
        }
    }

    /**
     * Opens a chardev for one device. A multiplexed one may be opened several times and is then shared. A server that
     * is asked to wait blocks here until its first client has come.
     *
     * @throws ChardevException if the host does not let it, or another device has it
     */
    public synchronized Chardev open(ChardevSpec spec) {
        Chardev chardev = isShared(spec) ? mux(spec).newFront(spec.label()) : openBackend(spec, workers);
        opened.add(chardev);
        return chardev;
    }

    private static boolean isShared(ChardevSpec spec) {
        return spec.mux() && (!(spec.backend() instanceof ChardevSpec.Null) || spec.log().isPresent());
    }

    private Mux mux(ChardevSpec spec) {
        Mux mux = shared.get(spec.label());
        if (mux == null) {
            mux = new Mux((StreamChardev) openBackend(spec, unpaused), quit, table, workers);
            shared.put(spec.label(), mux);
            if (toggleLive != null) {
                boolean isOnTerminal = spec.backend() instanceof ChardevSpec.Stdio;
                mux.onLiveKey(toggleLive, isOnTerminal, isOnTerminal && isLive);
            }
            if (monitored.contains(spec.label())) {
                Mux made = mux;
                mux.onMonitorKey(() -> startMonitor(openMonitor(made, spec)));
            }
        }
        return mux;
    }

    private Chardev openMonitor(Mux mux, ChardevSpec spec) {
        Chardev monitor = mux.newMonitor(spec.label() + "-monitor", unpaused);
        opened.add(monitor);
        return monitor;
    }

    /** As {@link #open}, for what steers the machine: it is served while the machine is paused. */
    public synchronized Chardev openUnpaused(ChardevSpec spec) {
        if (isShared(spec)) {
            return openMonitor(mux(spec), spec);
        }
        Chardev chardev = openBackend(spec, unpaused);
        opened.add(chardev);
        return chardev;
    }

    /** Closes one before the others. Standard input and output are restored with the others alone, and stay taken. */
    public void close(Chardev chardev) {
        chardev.close();
        opened.remove(chardev);
        backends.removeIf(backend -> backend.chardev() == chardev);
    }

    /** The chardevs that are open, in the order in which they were opened. Any thread may ask. */
    public List<ChardevFacts> facts() {
        return backends.stream().map(backend -> {
            boolean isStream = backend.chardev() instanceof StreamChardev;
            StreamChardev stream = isStream ? (StreamChardev) backend.chardev() : null;
            ChardevSpec spec = backend.spec();
            return new ChardevFacts(spec.label(), ChardevPlace.text(spec.backend(), isStream && stream.isThere(),
                    ptys.get(spec.label())), !isStream || stream.hasDevice());
        }).toList();
    }

    private Chardev openBackend(ChardevSpec spec, Workers loops) {
        Chardev chardev = newBackend(spec, loops);
        backends.add(new Backend(spec, chardev));
        return chardev;
    }

    private Chardev newBackend(ChardevSpec spec, Workers loops) {
        String label = spec.label();
        if (spec.log().isPresent()) {
            return new StreamChardev(label, logged(label, spec.backend(), spec.log().get()), loops);
        }
        // Before the switch over types: linking that costs a millisecond of the start, and this is the usual one.
        if (spec.backend() instanceof ChardevSpec.Stdio stdio) {
            return new StreamChardev(label, stdio(label, stdio.signals()), loops);
        }
        return switch (spec.backend()) {
            case ChardevSpec.None _ -> throw new IllegalArgumentException(label + " has no chardev");
            case ChardevSpec.Null _ -> new NullChardev();
            default -> new StreamChardev(label, link(label, spec.backend()), loops);
        };
    }

    private HostLink logged(String label, ChardevSpec.Backend backend, ChardevSpec.OutputFile file) {
        FileLink log = (FileLink) link(label, file);
        try {
            return new LoggedLink(backend instanceof ChardevSpec.Null ? new NullLink() : link(label, backend), log);
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private HostLink link(String label, ChardevSpec.Backend backend) {
        return switch (backend) {
            case ChardevSpec.None _, ChardevSpec.Null _ -> throw new IllegalArgumentException(label + " has no link");
            case ChardevSpec.Stdio stdio -> stdio(label, stdio.signals());
            case ChardevSpec.OutputFile file -> opening(label, Kind.CANNOT_OPEN, file.path().toString(),
                    () -> new FileLink(file.path(), file.append()));
            case ChardevSpec.UnixServer server -> server(label, server.path().toString(),
                    new UnixEndpoint(server.path(), syscalls), server.waits(), false);
            case ChardevSpec.UnixClient client -> client(label, client.path().toString(),
                    new UnixEndpoint(client.path(), syscalls), client.reconnectSeconds(), false);
            case ChardevSpec.TcpServer server -> server(label, server.host() + ":" + server.port(),
                    new TcpEndpoint(server.host(), server.port(), server.lastPort()), server.waits(),
                    server.nodelay());
            case ChardevSpec.TcpClient client -> client(label, client.host() + ":" + client.port(),
                    new TcpEndpoint(client.host(), client.port(), client.port()), client.reconnectSeconds(),
                    client.nodelay());
            case ChardevSpec.InheritedSocket inherited -> inherited(label, inherited);
            case ChardevSpec.Telnet telnet -> telnet(label, telnet.socket());
            case ChardevSpec.Udp udp -> opening(label, Kind.CANNOT_CONNECT, udp.host() + ":" + udp.port(),
                    () -> new UdpLink(udp));
            case ChardevSpec.Pipe pipe -> pipe(label, pipe.path());
            case ChardevSpec.HostDevice device -> device(label, device.path());
            case ChardevSpec.Ring ring -> new RingLink(ring.size());
            case ChardevSpec.Pty _ -> pty(label);
        };
    }

    private HostLink stdio(String label, boolean signals) {
        if (stdioTaken) {
            throw new ChardevException(label);
        }
        stdioTaken = true;
        Fd input = new Fd(syscalls, 0, "standard input");
        terminal = Terminal.makeRaw(input, signals);
        return new FdLink(new FdStream(input, new Fd(syscalls, 1, "standard output")));
    }

    private HostLink server(String label, String place, SocketEndpoint endpoint, boolean waits, boolean nodelay) {
        return opening(label, Kind.CANNOT_LISTEN, place, () -> {
            SocketLink link = SocketLink.listen(endpoint, nodelay);
            if (waits) {
                err.println("jkvm: waiting for connection on: " + link.place() + ",server=on");
                link.acceptFirst();
            }
            return link;
        });
    }

    private HostLink inherited(String label, ChardevSpec.InheritedSocket spec) {
        String place = "descriptor " + spec.descriptor();
        return opening(label, spec.server() ? Kind.CANNOT_LISTEN : Kind.CANNOT_CONNECT, place, () -> {
            InheritedLink link = new InheritedLink(new Fd(syscalls, spec.descriptor(), place), spec.server());
            if (spec.server() && spec.waits()) {
                err.println("jkvm: waiting for connection on: fd:" + spec.descriptor() + ",server=on");
                link.acceptFirst();
            }
            return link;
        });
    }

    private HostLink client(String label, String place, SocketEndpoint endpoint, int reconnectSeconds,
            boolean nodelay) {
        return opening(label, Kind.CANNOT_CONNECT, place, () -> {
            SocketLink link = SocketLink.connect(endpoint, nodelay, reconnectSeconds);
            if (!link.isPresent()) {
                err.println("jkvm: warning: " + label + ": nobody listens on " + place + " yet; trying again every "
                        + reconnectSeconds + " s");
            }
            return link;
        });
    }

    private HostLink telnet(String label, ChardevSpec.Backend socket) {
        HostLink inner = link(label, socket);
        return opening(label, Kind.CANNOT_CONNECT, "telnet", () -> new TelnetLink(inner));
    }

    /** A FIFO that is open for both never ends, whoever comes and goes. */
    private HostLink pipe(String label, Path path) {
        Path in = Path.of(path + ".in");
        Path out = Path.of(path + ".out");
        if (Files.exists(in) && Files.exists(out)) {
            Fd input = open(label, in);
            try {
                return new FdLink(input, open(label, out));
            } catch (ChardevException e) {
                input.close();
                throw e;
            }
        }
        Fd both = open(label, path);
        return new FdLink(both, both);
    }

    private HostLink device(String label, Path path) {
        Fd device = open(label, path);
        Terminal.makeLine(device);
        return new FdLink(device, device);
    }

    private Fd open(String label, Path path) {
        try {
            return Fd.open(syscalls, path.toString(), Fd.O_RDWR | Fd.O_NONBLOCK | O_NOCTTY);
        } catch (LinuxException e) {
            throw new ChardevException(Kind.CANNOT_OPEN, label, path.toString(), e.errno().text(), e);
        }
    }

    private HostLink pty(String label) {
        try {
            Pty pty = Pty.open(syscalls);
            ptys.put(label, pty.path());
            out.println("char device redirected to " + pty.path() + " (label " + label + ")");
            out.flush();
            return new FdLink(pty);
        } catch (LinuxException e) {
            throw new ChardevException(label, e);
        }
    }

    private interface Opening {
        HostLink open() throws IOException;
    }

    private static HostLink opening(String label, Kind kind, String place, Opening opening) {
        try {
            return opening.open();
        } catch (IOException | UnsupportedOperationException e) {
            throw new ChardevException(kind, label, place, HostException.reasonOf(e), e);
        }
    }

    /** The process is to end soon: {@link #close()} waits for slow hosts only shortly. Any thread may call. */
    public void hurry() {
        opened.forEach(Chardev::hurry);
    }

    @Override
    public void close() {
        opened.forEach(Chardev::close);
        opened.clear();
        terminal.ifPresent(Terminal::close);
    }
}

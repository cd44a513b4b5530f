package jkvm.host.chardev;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
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
 * Opens a machine's chardevs, and closes them together: their output is drained, then the terminal restored. Used by
 * one thread.
 */
public final class Chardevs implements AutoCloseable {
    private final Syscalls syscalls;
    private final PrintStream out;
    private final PrintStream err;
    private final Runnable quit;
    /** The machine's, and those of loops that run while the machine is paused. */
    private final Workers workers;
    private final Workers unpaused = Workers.onThreads();
    private final Map<String, Mux> shared = new HashMap<>();
    private final List<Chardev> opened = new ArrayList<>();
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

    /**
     * Opens a chardev for one device. A multiplexed one may be opened several times and is then shared. A server that
     * is asked to wait blocks here until its first client has come.
     *
     * @throws ChardevException if the host does not let it, or another device has it
     */
    public Chardev open(ChardevSpec spec) {
        Chardev chardev;
        if (!spec.mux()) {
            chardev = openBackend(spec, workers);
        } else if (spec.backend() instanceof ChardevSpec.Null) {
            chardev = new NullChardev();
        } else {
            Mux mux = shared.get(spec.label());
            if (mux == null) {
                mux = new Mux((StreamChardev) openBackend(spec, unpaused), quit, workers);
                shared.put(spec.label(), mux);
            }
            chardev = mux.newFront(spec.label());
        }
        opened.add(chardev);
        return chardev;
    }

    private Chardev openBackend(ChardevSpec spec, Workers loops) {
        String label = spec.label();
        // Before the switch over types: linking that costs a millisecond of the start, and this is the usual one.
        if (spec.backend() instanceof ChardevSpec.Stdio stdio) {
            return new StreamChardev(label, stdio(label, stdio.signals()), loops);
        }
        return switch (spec.backend()) {
            case ChardevSpec.None _ -> throw new IllegalArgumentException(label + " has no chardev");
            case ChardevSpec.Null _ -> new NullChardev();
            case ChardevSpec.Stdio stdio -> new StreamChardev(label, stdio(label, stdio.signals()), loops);
            case ChardevSpec.OutputFile file -> new StreamChardev(label,
                    opening(label, Kind.CANNOT_OPEN, file.path(), () -> new FileLink(file.path(), file.append())),
                            loops);
            case ChardevSpec.UnixServer server -> new StreamChardev(label,
                    opening(label, Kind.CANNOT_LISTEN, server.path(), () -> server(server)), loops);
            case ChardevSpec.UnixClient client -> new StreamChardev(label,
                    opening(label, Kind.CANNOT_CONNECT, client.path(),
                            () -> SocketLink.connect(client.path(), client.reconnectSeconds())), loops);
            case ChardevSpec.Pty _ -> new StreamChardev(label, pty(label), loops);
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

    private HostLink server(ChardevSpec.UnixServer spec) throws IOException {
        SocketLink link = SocketLink.listen(spec.path());
        if (spec.waits()) {
            err.println("jkvm: waiting for connection on: unix:" + spec.path() + ",server=on");
            link.acceptFirst();
        }
        return link;
    }

    private HostLink pty(String label) {
        try {
            Pty pty = Pty.open(syscalls);
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

    private static HostLink opening(String label, Kind kind, Path path, Opening opening) {
        try {
            return opening.open();
        } catch (IOException | UnsupportedOperationException e) {
            throw new ChardevException(kind, label, path, HostException.reasonOf(e), e);
        }
    }

    @Override
    public void close() {
        opened.forEach(Chardev::close);
        opened.clear();
        terminal.ifPresent(Terminal::close);
    }
}

package jkvm.control.vnc;

import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import jkvm.host.display.DisplayHub;
import jkvm.host.input.InputHub;

/** The VNC servers of one machine, as its monitors see them; there may be none. Any thread may call. */
public final class VncServers implements AutoCloseable {
    private final List<VncServer> servers = new CopyOnWriteArrayList<>();
    private final List<VncEvent.Listener> listeners = new CopyOnWriteArrayList<>();

    /** Null while no server needs one. Guarded by this. */
    private DisplayHub blank;

    /** No server. */
    public VncServers() {
        // They are added by open().
    }

    /**
     * Starts a server.
     *
     * @param display empty for a machine without a display adapter: viewers see black
     * @throws VncException if it cannot listen
     */
    public VncServer open(VncConfig config, Optional<DisplayHub> display, InputHub input) {
        VncServer server = new VncServer(config, display.orElseGet(this::blank), input,
                event -> listeners.forEach(listener -> listener.happened(event)));
        servers.add(server);
        return server;
    }

    private synchronized DisplayHub blank() {
        if (blank == null) {
            blank = new DisplayHub("none", new BlankScreen());
        }
        return blank;
    }

    /** All, in the order in which they were started. */
    public List<VncServer> all() {
        return List.copyOf(servers);
    }

    /**
     * One of them.
     *
     * @param id empty for the first
     */
    public Optional<VncServer> find(Optional<String> id) {
        return servers.stream().filter(server -> id.isEmpty() || server.facts().id().equals(id.get())).findFirst();
    }

    /** Tells a listener what happens to viewers' connections from now on. */
    public void addListener(VncEvent.Listener listener) {
        listeners.add(listener);
    }

    @Override
    public synchronized void close() {
        servers.forEach(VncServer::close);
        if (blank != null) {
            blank.close();
        }
    }
}

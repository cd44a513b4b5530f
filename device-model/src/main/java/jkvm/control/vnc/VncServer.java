package jkvm.control.vnc;

import java.io.IOException;
import java.net.Inet6Address;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.StandardProtocolFamily;
import java.net.StandardSocketOptions;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import jkvm.host.display.DisplayHub;
import jkvm.host.input.InputHub;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * A VNC server: shows a screen to viewers and takes their keys and pointers. As many viewers are let in as the
 * configuration says, and as many again may be on their way: of more the one that came first is dropped. Any thread may
 * call.
 */
public final class VncServer implements AutoCloseable {
    private static final long CHECK_MILLIS = 1000;
    private static final int BACKLOG = 1024;

    private final VncConfig config;
    private final DisplayHub display;
    private final InputHub input;
    private final VncEvent.Listener listener;
    private final VncPassword password;
    private final Workers workers = Workers.onThreads();
    private final List<ServerSocketChannel> listeners = new CopyOnWriteArrayList<>();
    private final List<VncFacts.Place> places = new CopyOnWriteArrayList<>();
    /** Guarded by this, as the next two. In the order in which they came. */
    private final List<VncClient> clients = new ArrayList<>();
    private Worker overdue;
    private boolean isClosed;
    private long wakeUps;

    /**
     * Listens.
     *
     * @param listener hears what happens
     * @throws VncException if it cannot
     */
    public VncServer(VncConfig config, DisplayHub display, InputHub input, VncEvent.Listener listener) {
        this.config = config;
        this.display = display;
        this.input = input;
        this.listener = listener;
        password = new VncPassword(config.password(), Clock.systemUTC());
        try {
            open();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    private void open() {
        if (config.calls()) {
            call(config.address().orElseThrow());
            return;
        }
        int[] display = {0};
        config.address().ifPresent(address -> display[0] = listen(address, false) - VncAddress.FIRST_PORT);
        config.websocket().ifPresent(address -> listen(websocketAddress(address, display[0]), true));
    }

    /** Port 0 stands for the one of the display. */
    private static VncAddress websocketAddress(VncAddress address, int display) {
        if (address instanceof VncAddress.Tcp(String host, int port, int _) && port == 0) {
            int own = VncAddress.FIRST_WEBSOCKET_PORT + display;
            return new VncAddress.Tcp(host, own, own);
        }
        return address;
    }

    /** @return the port */
    private int listen(VncAddress address, boolean isWebSocket) {
        return switch (address) {
            case VncAddress.Unix(var path) -> {
                try {
                    Files.deleteIfExists(path);
                } catch (IOException e) {
                    throw new VncException("VNC cannot listen at " + path, e);
                }
                yield bind(StandardProtocolFamily.UNIX, UnixDomainSocketAddress.of(path), isWebSocket,
                        path.toString());
            }
            case VncAddress.Tcp tcp -> listenTcp(tcp, isWebSocket);
        };
    }

    private int listenTcp(VncAddress.Tcp tcp, boolean isWebSocket) {
        String host = tcp.host().isEmpty() ? "localhost" : tcp.host();
        for (int port = tcp.port();; port++) {
            try {
                return bind(StandardProtocolFamily.INET, new InetSocketAddress(host, port), isWebSocket,
                        host + ":" + port);
            } catch (VncException e) {
                if (port >= tcp.lastPort()) {
                    throw e;
                }
            }
        }
    }

    /** @return the port, 0 for a unix socket */
    private int bind(StandardProtocolFamily family, SocketAddress address, boolean isWebSocket, String name) {
        ServerSocketChannel channel = null;
        try {
            channel = family == StandardProtocolFamily.UNIX ? ServerSocketChannel.open(family)
                    : ServerSocketChannel.open();
            if (family == StandardProtocolFamily.INET) {
                channel.setOption(StandardSocketOptions.SO_REUSEADDR, true);
            }
            channel.bind(address, BACKLOG);
            VncFacts.Place place = place(channel.getLocalAddress(), isWebSocket);
            ServerSocketChannel open = channel;
            listeners.add(open);
            places.add(place);
            var _ = workers.waiting("vnc", () -> accept(open, place), () -> closeQuietly(open));
            return place.service().isEmpty() ? 0 : Integer.parseInt(place.service());
        } catch (IOException | RuntimeException e) {
            if (channel != null) {
                closeQuietly(channel);
            }
            throw new VncException("VNC cannot listen at " + name, e);
        }
    }

    private void call(VncAddress address) {
        try {
            SocketChannel channel = switch (address) {
                case VncAddress.Unix(var path) -> SocketChannel.open(UnixDomainSocketAddress.of(path));
                case VncAddress.Tcp tcp -> SocketChannel.open(new InetSocketAddress(
                        tcp.host().isEmpty() ? "localhost" : tcp.host(), tcp.port()));
            };
            serve(channel, place(channel.getLocalAddress(), false));
        } catch (IOException | RuntimeException e) {
            throw new VncException("VNC cannot call the viewer", e);
        }
    }

    private void accept(ServerSocketChannel channel, VncFacts.Place local) {
        try {
            SocketChannel viewer = channel.accept();
            try {
                serve(viewer, local);
            } catch (IOException _) {
                // It is gone again.
                viewer.close();
            }
        } catch (IOException _) {
            if (!channel.isOpen()) {
                return;
            }
            pauseShortly();
        }
    }

    /** The process may have no descriptor free for now. */
    private synchronized void pauseShortly() {
        await(CHECK_MILLIS);
    }

    /** Waits until somebody calls {@link #wakeAll()}, or so long; 0 for without end. The lock is held. */
    private void await(long millis) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        long seen = wakeUps;
        try {
            while (!isClosed && seen == wakeUps) {
                long left = millis == 0 ? Long.MAX_VALUE : end - System.nanoTime();
                if (left <= 0) {
                    return;
                }
                TimeUnit.NANOSECONDS.timedWait(this, left);
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void serve(SocketChannel channel, VncFacts.Place local) throws IOException {
        VncFacts.Place remote = place(channel.getRemoteAddress(), local.websocket());
        if (!local.family().equals("unix")) {
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        }
        VncClient client = new VncClient(this, config, new SocketWire(channel), remote, local, workers);
        VncClient dropped;
        synchronized (this) {
            if (isClosed) {
                channel.close();
                return;
            }
            dropped = firstOnItsWay();
            clients.add(client);
            if (overdue == null) {
                overdue = workers.waiting("vnc-timer", this::dropOverdue, this::wakeAll);
            }
            wakeAll();
        }
        if (dropped != null) {
            dropped.close();
        }
        client.start();
    }

    /** The connection to drop for the next one; null if there is room. */
    private VncClient firstOnItsWay() {
        List<VncClient> onTheirWay = clients.stream()
                .filter(client -> client.stage() != VncClient.Stage.LET_IN).toList();
        return onTheirWay.size() < config.connections() ? null : onTheirWay.getFirst();
    }

    private static VncFacts.Place place(SocketAddress address, boolean isWebSocket) {
        if (address instanceof InetSocketAddress inet) {
            String family = inet.getAddress() instanceof Inet6Address ? "ipv6" : "ipv4";
            return new VncFacts.Place(inet.getAddress().getHostAddress(), String.valueOf(inet.getPort()), family,
                    isWebSocket);
        }
        return new VncFacts.Place(address.toString(), "", "unix", isWebSocket);
    }

    private void dropOverdue() {
        List<VncClient> dropped;
        synchronized (this) {
            // Without connections there is nothing to look at.
            await(clients.isEmpty() ? 0 : CHECK_MILLIS);
            long now = System.nanoTime();
            dropped = clients.stream().filter(client -> client.isOverdue(now)).toList();
        }
        dropped.forEach(VncClient::close);
    }

    private synchronized void wakeAll() {
        wakeUps++;
        notifyAll();
    }

    private static void closeQuietly(ServerSocketChannel channel) {
        try {
            channel.close();
        } catch (IOException _) {
            // It is of no use any more.
        }
    }

    DisplayHub display() {
        return display;
    }

    InputHub input() {
        return input;
    }

    /** The password that viewers need; empty if they need none. */
    Optional<VncPassword> password() {
        return config.asksPassword() ? Optional.of(password) : Optional.empty();
    }

    /**
     * A viewer has passed the handshake: others make room for it, as the configuration says.
     *
     * @return false if there is no room for it
     */
    boolean letIn(VncClient client) {
        List<VncClient> dropped = new ArrayList<>();
        synchronized (this) {
            List<VncClient> others = clients.stream().filter(other -> other != client
                    && other.stage() == VncClient.Stage.LET_IN).toList();
            if (config.share() == VncConfig.Share.ALLOW_EXCLUSIVE) {
                others.stream().filter(other -> client.isAlone() || other.isAlone()).forEach(dropped::add);
            }
            if (others.size() - dropped.size() >= config.connections()) {
                return false;
            }
        }
        dropped.forEach(VncClient::close);
        return true;
    }

    void left(VncClient client) {
        synchronized (this) {
            clients.remove(client);
        }
    }

    void tell(VncEvent event) {
        listener.happened(event);
    }

    String authentication() {
        return config.asksPassword() ? "vnc" : "none";
    }

    /** The server at this moment. */
    public VncFacts facts() {
        List<VncFacts.Place> viewers;
        synchronized (this) {
            viewers = clients.stream().filter(client -> client.stage() == VncClient.Stage.LET_IN)
                    .map(VncClient::place).toList();
        }
        return new VncFacts(config.id(), places, authentication(), viewers);
    }

    /**
     * Changes the password, whose first eight bytes count.
     *
     * @return false if the server asks for none
     */
    public boolean setPassword(String newPassword) {
        password.set(VncPassword.bytes(newPassword));
        return config.asksPassword();
    }

    /**
     * Lets the password be good for nothing from a moment on.
     *
     * @return false if the server asks for none
     */
    public boolean expirePassword(Instant end) {
        password.expire(end);
        return config.asksPassword();
    }

    /** Drops all viewers and listens no more. */
    @Override
    public void close() {
        List<VncClient> all;
        synchronized (this) {
            isClosed = true;
            all = List.copyOf(clients);
            notifyAll();
        }
        password.close();
        listeners.forEach(VncServer::closeQuietly);
        all.forEach(VncClient::close);
        workers.close();
        if (config.address().orElse(null) instanceof VncAddress.Unix(var path)) {
            try {
                Files.deleteIfExists(path);
            } catch (IOException _) {
                // Somebody else has taken it away.
            }
        }
    }
}

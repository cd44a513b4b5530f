package jkvm.control.vnc;

import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.host.input.InputSource;
import jkvm.work.Worker;
import jkvm.work.Workers;

/** One connection: lets the viewer in, then reads on a thread of its own what it sends, until one of both ends it. */
final class VncClient implements AutoCloseable {
    private static final long VERSION_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Time for a person to type the password. */
    private static final long SECURITY_NANOS = TimeUnit.MINUTES.toNanos(2);
    /** After so long a viewer that takes nothing is gone. */
    private static final long STALL_NANOS = TimeUnit.MINUTES.toNanos(5);

    /** How far the viewer has come. */
    enum Stage { CONNECTING, SECURITY, LET_IN }

    private final VncServer server;
    private final VncConfig config;
    private final VncFacts.Place place;
    private final VncFacts.Place local;
    private final Wire wire;
    private final WireReader reader;
    private final ViewerOutput output;
    private final Workers workers;
    private final AtomicBoolean isClosed = new AtomicBoolean();
    private final long begin = System.nanoTime();
    private volatile Stage stage = Stage.CONNECTING;
    private volatile boolean isAlone;
    private Worker worker;

    /**
     * @param place of the viewer
     * @param local where it is connected
     */
    VncClient(VncServer server, VncConfig config, Wire socket, VncFacts.Place place, VncFacts.Place local,
            Workers workers) {
        this.server = server;
        this.config = config;
        this.place = place;
        this.local = local;
        this.workers = workers;
        wire = place.websocket() ? new WebSocketWire(socket) : socket;
        reader = new WireReader(wire);
        output = new ViewerOutput(server.display(), server.input(), wire, this::close);
    }

    synchronized void start() {
        worker = workers.waiting("vnc-client", this::serve, wire::close);
    }

    VncFacts.Place place() {
        return place;
    }

    Stage stage() {
        return stage;
    }

    /** True for a viewer that is let in and lets no others look on. */
    boolean isAlone() {
        return stage == Stage.LET_IN && isAlone;
    }

    /** True if the connection has stood still for too long. */
    boolean isOverdue(long now) {
        long writing = output.writingSince();
        return switch (stage) {
            case CONNECTING -> now - begin > VERSION_NANOS;
            case SECURITY -> now - begin > SECURITY_NANOS;
            case LET_IN -> writing != 0 && now - writing > STALL_NANOS;
        };
    }

    /** The whole life of the connection. */
    private void serve() {
        try {
            tell(VncEvent.Type.VNC_CONNECTED);
            letIn();
            try (InputSource source = server.input().newSource()) {
                ClientMessages messages = new ClientMessages(reader, output, server.input(), source, config.keymap());
                while (!isClosed.get()) {
                    messages.next();
                }
            }
        } catch (IOException _) {
            // The viewer is gone, or has broken the protocol: for it alone that is the end.
        } finally {
            close();
            // It may have been attached since somebody closed the connection.
            output.close();
            synchronized (this) {
                worker.close();
            }
        }
    }

    private void letIn() throws IOException {
        if (wire instanceof WebSocketWire socket) {
            socket.open();
        }
        Handshake handshake = new Handshake(wire, reader);
        handshake.version();
        stage = Stage.SECURITY;
        handshake.security(server.password());
        isAlone = !handshake.isShared();
        if (isAlone && config.share() == VncConfig.Share.FORCE_SHARED) {
            throw new RfbException("viewers share the screen here");
        }
        output.attach();
        stage = Stage.LET_IN;
        if (!server.letIn(this)) {
            throw new RfbException("there are as many viewers as there may be");
        }
        handshake.begin(output.width(), output.height(), config.name());
        output.start(workers);
        tell(VncEvent.Type.VNC_INITIALIZED);
    }

    private void tell(VncEvent.Type type) {
        server.tell(new VncEvent(type, local, server.authentication(), place));
    }

    /** Ends the connection. Any thread; returns at once. */
    @Override
    public void close() {
        if (isClosed.compareAndSet(false, true)) {
            wire.close();
            output.close();
            server.left(this);
            tell(VncEvent.Type.VNC_DISCONNECTED);
        }
    }
}

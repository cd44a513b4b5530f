package jkvm.host.disk.nbd;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Serves a disk to NBD clients, a thread each, at most {@value #MAX_CONNECTIONS} at a time: further ones wait. A client
 * that does not end its negotiation within {@value #HANDSHAKE_SECONDS} seconds is dropped.
 *
 * <p>{@link #run} accepts on its caller's thread; any thread may {@link #close}.
 */
public final class NbdServer implements AutoCloseable {
    /** Clients at a time. */
    public static final int MAX_CONNECTIONS = 16;
    /** How long a client may negotiate. */
    public static final int HANDSHAKE_SECONDS = 10;

    private static final System.Logger LOG = System.getLogger("jkvm.host.disk.nbd");

    private final ServerSocketChannel listener;
    private final NbdExport export;
    private final boolean persistent;
    private final long handshakeMillis;
    private final Semaphore slots = new Semaphore(MAX_CONNECTIONS);
    private final Set<SocketChannel> open = ConcurrentHashMap.newKeySet();
    private final AtomicInteger users = new AtomicInteger();
    private final ScheduledExecutorService deadlines = Executors.newSingleThreadScheduledExecutor(
            Thread.ofPlatform().daemon().name("nbd-deadlines").factory());

    /**
     * @param listener   bound; closed by the server
     * @param persistent whether the server goes on when the last client that took the export has gone
     */
    public NbdServer(ServerSocketChannel listener, NbdExport export, boolean persistent) {
        this(listener, export, persistent, TimeUnit.SECONDS.toMillis(HANDSHAKE_SECONDS));
    }

    /** @param handshakeMillis how long a client may negotiate */
    NbdServer(ServerSocketChannel listener, NbdExport export, boolean persistent, long handshakeMillis) {
        this.listener = listener;
        this.export = export;
        this.persistent = persistent;
        this.handshakeMillis = handshakeMillis;
    }

    /**
     * Serves until the server is closed. No request is under way when this returns.
     *
     * @throws IOException if the socket fails
     */
    public void run() throws IOException {
        slots.acquireUninterruptibly();
        try {
            while (true) {
                SocketChannel client = listener.accept();
                open.add(client);
                if (!listener.isOpen()) {
                    client.close();
                }
                Thread.ofPlatform().daemon().name("nbd-client").start(() -> serve(client));
                slots.acquireUninterruptibly();
            }
        } catch (ClosedChannelException _) {
            LOG.log(System.Logger.Level.DEBUG, "the server ends");
        } finally {
            close();
            slots.release();
            slots.acquireUninterruptibly(MAX_CONNECTIONS);
        }
    }

    private void serve(SocketChannel client) {
        boolean taken = false;
        try (NbdStream stream = new NbdStream(client)) {
            ScheduledFuture<?> deadline = deadlines.schedule(() -> closeQuietly(client), handshakeMillis,
                    TimeUnit.MILLISECONDS);
            ServerHandshake handshake = new ServerHandshake(stream, export);
            taken = handshake.negotiate();
            deadline.cancel(false);
            if (taken) {
                users.incrementAndGet();
                new ServerConnection(stream, export, handshake).serve();
            }
        } catch (IOException | RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client is gone", e);
        } finally {
            open.remove(client);
            if (taken && users.decrementAndGet() == 0 && !persistent) {
                close();
            }
            slots.release();
        }
    }

    private static void closeQuietly(AutoCloseable resource) {
        try (resource) {
            // It is of no use any more.
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "cannot close", e);
        }
    }

    /** Ends {@link #run}: accepts no more clients and drops those that are there. Requests under way are finished. */
    @Override
    public void close() {
        closeQuietly(listener);
        open.forEach(NbdServer::closeQuietly);
        deadlines.shutdownNow();
    }
}

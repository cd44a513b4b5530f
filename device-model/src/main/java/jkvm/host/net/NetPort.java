package jkvm.host.net;

/**
 * A card's end of the wire: the flow control of both directions, and the cable. Every card has one, and reaches its
 * backend through it alone.
 *
 * <p><b>Towards the guest</b> the backend's thread offers a frame to {@link Card#store}. A card that has no room is
 * asked once more after the port has noted that the backend waits, since room that was made just before was announced
 * to nobody; then the card calls {@link #roomMade()} when it has room again.
 *
 * <p><b>From the guest</b> the card asks for a buffer ({@link #claim()}), gathers a frame from guest memory into it and
 * sends it. Without a buffer it leaves the frame where the guest put it until {@link Card#sendReady()}.
 *
 * <p><b>Threads.</b> {@link #claim()} and {@link #send} are for one thread at a time, all else for any. Locks are taken
 * in the order card, backend: a card may call with its lock held, and is called with none.
 */
public final class NetPort {
    private final NetBackend backend;
    private final Card card;
    private volatile boolean plugged = true;
    /** Guarded by this. */
    private boolean closed;
    /** Plugged and not closed: frames pass. */
    private volatile boolean passes = true;
    /** The backend keeps a frame until it is told that there is room. */
    private volatile boolean awaited;
    /** Stands in for the backend's buffers while it has none and nothing is sent; made when first used. */
    private NetFrame lost;

    /** Requests of a port to its card. */
    public interface Card {

        /**
         * Stores a frame for the guest. One that is filtered out counts as stored, as does every frame while the guest
         * has not set the card up.
         *
         * @return false if the guest has no room for it now
         */
        boolean store(NetFrame frame);

        /** {@link NetPort#claim()} has a buffer again after it gave none. */
        void sendReady();

        /** Answers {@link NetDevice#offloads()}. */
        int offloads();
    }

    /** A port whose cable is plugged in. {@link #attach()} connects it. */
    public NetPort(NetBackend backend, Card card) {
        this.backend = backend;
        this.card = card;
    }

    /** Connects the backend: frames may arrive from now on, so the card is ready. */
    public void attach() {
        backend.attach(new Wire());
    }

    /** The offloads that {@link #send} takes besides finished frames, bits of {@link NetOffload}; does not change. */
    public int offloads() {
        return backend.offloads();
    }

    /** {@link Card#offloads()} answers something else from now on. */
    public void offloadsChanged() {
        backend.offloadsChanged();
    }

    /**
     * A buffer for the next frame; the same until that is sent.
     *
     * @return null if the backend has no room; {@link Card#sendReady()} follows
     */
    public NetFrame claim() {
        NetFrame buffer = backend.claim();
        return buffer != null || passes ? buffer : lost();
    }

    private NetFrame lost() {
        if (lost == null) {
            lost = new NetFrame();
        }
        return lost;
    }

    /** Sends the frame that {@link #claim()} gave; it is lost if the cable was pulled meanwhile. */
    public void send(NetFrame frame) {
        if (passes && frame != lost) {
            backend.send(frame);
        }
    }

    /** True while the backend keeps a frame that there was no room for. */
    public boolean isAwaited() {
        return awaited;
    }

    /** The card has room again: resumes the backend if it waits. */
    public void roomMade() {
        if (awaited) {
            awaited = false;
            backend.receiveReady();
        }
    }

    public boolean isPlugged() {
        return plugged;
    }

    /**
     * Plugs the cable in or pulls it: without it frames are lost in both directions.
     *
     * @return false if it was so already
     */
    public synchronized boolean setPlugged(boolean value) {
        boolean changes = plugged != value;
        plugged = value;
        passes = value && !closed;
        return changes;
    }

    /** The machine ends: the card is asked for nothing any more, and frames are lost. The backend stays open. */
    public synchronized void close() {
        closed = true;
        passes = false;
    }

    private final class Wire implements NetDevice {
        @Override
        public boolean receive(NetFrame frame) {
            if (!passes || card.store(frame)) {
                return true;
            }
            awaited = true;
            if (card.store(frame)) {
                awaited = false;
                return true;
            }
            return false;
        }

        @Override
        public void sendReady() {
            card.sendReady();
        }

        @Override
        public int offloads() {
            return card.offloads();
        }
    }
}

package jkvm.host.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Joins cards and networks: a frame that comes in at one port goes out at all others, as from a hub. Each port has a
 * bounded queue for what comes in. A port that has no room for a frame at this moment misses it, so that one that is
 * slow holds up nobody.
 *
 * <p>One worker carries all frames; cards and networks fill their port's queue on threads of their own.
 */
public final class NetHub implements AutoCloseable {
    private static final int QUEUE_BYTES = Integer.highestOneBit(FrameQueue.MIN_CAPACITY - 1) * 2;
    /** Frames of one port in a row. */
    private static final int BURST = 64;

    private final List<Port> ports = new CopyOnWriteArrayList<>();
    /** Of the worker: a card may change a frame that it takes. */
    private final NetFrame copy = new NetFrame();
    private final Worker worker;

    /** @param name for the worker */
    public NetHub(String name, Workers workers) {
        worker = workers.worker(name, this::round);
    }

    /** A port that a card is plugged into. */
    public NetBackend cardPort() {
        CardPort port = new CardPort();
        ports.add(port);
        return port;
    }

    /** Plugs a network into a port of its own; the hub closes it. */
    public void connect(NetBackend network) {
        NetworkPort port = new NetworkPort(network);
        ports.add(port);
        network.attach(port);
    }

    private void round() {
        boolean isMore = false;
        for (Port port : ports) {
            NetFrame frame = port.incoming.peek();
            for (int i = 0; i < BURST && frame != null; i++) {
                distribute(port, frame);
                port.incoming.release();
                frame = port.incoming.peek();
            }
            isMore |= frame != null;
            if (port.starved) {
                port.starved = false;
                port.roomMade();
            }
        }
        if (isMore) {
            worker.wake();
        }
    }

    private void distribute(Port from, NetFrame frame) {
        for (Port port : ports) {
            if (port != from) {
                port.deliver(frame);
            }
        }
    }

    @Override
    public void close() {
        worker.close();
        ports.forEach(Port::closeNetwork);
        ports.clear();
    }

    /** One end of a wire to the hub. */
    private abstract class Port {
        final FrameQueue incoming = new FrameQueue(QUEUE_BYTES);
        /** Someone was refused room in the queue. */
        volatile boolean starved;

        /** A place in the queue; null if there is none, until {@link #roomMade()}. */
        final NetFrame place() {
            NetFrame frame = incoming.claim();
            if (frame == null) {
                starved = true;
                // Room that was made just before is told of in the next round.
                worker.wake();
            }
            return frame;
        }

        final void commit() {
            incoming.commit();
            worker.wake();
        }

        abstract void deliver(NetFrame frame);

        abstract void roomMade();

        void closeNetwork() {
        }
    }

    private final class CardPort extends Port implements NetBackend {
        private volatile NetDevice device;

        @Override
        public void attach(NetDevice card) {
            device = card;
        }

        @Override
        public int offloads() {
            return 0;
        }

        @Override
        public NetFrame claim() {
            return place();
        }

        @Override
        public void send(NetFrame frame) {
            commit();
        }

        @Override
        public void receiveReady() {
            // A frame that the card had no room for was for the others alone.
        }

        @Override
        void deliver(NetFrame frame) {
            NetDevice card = device;
            if (card != null) {
                copy.copyFrom(frame);
                card.receive(copy);
            }
        }

        @Override
        void roomMade() {
            NetDevice card = device;
            if (card != null) {
                card.sendReady();
            }
        }

        @Override
        public void close() {
            ports.remove(this);
            device = null;
            // Until a round that still knows the card is over.
            worker.pause();
            worker.resume();
        }
    }

    private final class NetworkPort extends Port implements NetDevice {
        private final NetBackend network;

        NetworkPort(NetBackend network) {
            this.network = network;
        }

        @Override
        public boolean receive(NetFrame frame) {
            NetFrame place = place();
            if (place == null) {
                return false;
            }
            place.copyFrom(frame);
            commit();
            return true;
        }

        @Override
        public void sendReady() {
            // A frame that the network had no room for was for the others alone.
        }

        @Override
        public int offloads() {
            return 0;
        }

        @Override
        void deliver(NetFrame frame) {
            NetFrame outgoing = network.claim();
            if (outgoing != null) {
                outgoing.copyFrom(frame);
                network.send(outgoing);
            }
        }

        @Override
        void roomMade() {
            network.receiveReady();
        }

        @Override
        void closeNetwork() {
            network.close();
        }
    }
}

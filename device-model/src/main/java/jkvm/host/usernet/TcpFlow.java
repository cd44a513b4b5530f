package jkvm.host.usernet;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.TimeUnit;
import jkvm.host.net.EventLoop;

/**
 * One TCP connection of the guest and the host's socket that carries it on. Bytes from the guest go to the socket at
 * once, or into a ring while it is full, and the ring's free space is the guest's window; bytes from the socket stay in
 * a ring until the guest has acknowledged them, and while that is full the socket is not read.
 */
final class TcpFlow implements EventLoop.Handler {
    /** In the order that a flow goes through them. */
    enum State { CONNECTING, SYN_RECEIVED, SYN_SENT, ESTABLISHED, LINGERING, GONE }

    private static final long LINGER = TimeUnit.SECONDS.toNanos(1);

    final FlowKey key;
    private final TcpNat nat;
    private final TcpSender sender;
    private final TcpHostSide host;
    private final TcpInput input;
    private final TcpOutput output;
    private final ByteRing toHost;
    State state;
    /** True while it waits in {@link TcpNat} for its turn to send. */
    boolean pending;
    private long lingersUntil;
    private boolean guestEnded;
    private boolean outputShut;

    /** @param state CONNECTING, or SYN_SENT for a port that is forwarded to the guest */
    TcpFlow(FlowKey key, TcpNat nat, TcpSender sender, SocketChannel channel, Selector selector, State state,
            int bufferSize) throws IOException {
        this.key = key;
        this.nat = nat;
        this.sender = sender;
        this.state = state;
        this.host = new TcpHostSide(channel, selector, state == State.CONNECTING, this, bufferSize);
        this.toHost = host.toHost;
        this.input = new TcpInput(toHost);
        this.output = new TcpOutput(key, nat, sender, input, host.toGuest);
    }

    /** The guest's SYN: the answer waits for the host's connection. */
    void open(TcpSegment syn) {
        input.begin(syn);
        output.begin(syn);
    }

    /** The host's connection is established. */
    void connected() {
        state = State.SYN_RECEIVED;
        output.requestSyn();
        host.ignore();
        nat.schedule(this);
    }

    /** Begins the connection to the guest that a forwarded port has taken. */
    void call() {
        output.requestSyn();
        nat.schedule(this);
    }

    // From the host.

    @Override
    public void ready(SelectionKey ready) {
        try {
            if (state == State.CONNECTING) {
                if (host.finishConnect()) {
                    connected();
                }
                return;
            }
            if (ready.isWritable()) {
                drain();
            }
            if (ready.isReadable() && host.read()) {
                nat.schedule(this);
            }
            updateInterest();
        } catch (IOException _) {
            abort();
        }
    }

    private void drain() throws IOException {
        int before = toHost.free();
        host.drain();
        int enough = 2 * output.mss();
        if (before < enough && toHost.free() >= enough || toHost.size() == 0) {
            acknowledge();
        }
        endOutput();
    }

    private void endOutput() throws IOException {
        if (guestEnded && !outputShut && toHost.size() == 0) {
            outputShut = true;
            host.shutOutput();
            lingerIfDone();
        }
    }

    private void updateInterest() {
        if (state == State.ESTABLISHED) {
            host.updateInterest();
        }
    }

    // From the guest.

    /** Takes a segment (RFC 9293, section 3.10.7). */
    void receive(TcpSegment segment) {
        try {
            switch (state) {
                case CONNECTING -> {
                    if (segment.has(TcpSegment.RST)) {
                        nat.remove(this);
                    }
                }
                case SYN_SENT -> receiveAnswer(segment);
                case GONE -> { }
                default -> receiveSynchronized(segment);
            }
        } catch (IOException _) {
            abort();
        }
    }

    private void receiveAnswer(TcpSegment segment) {
        boolean acknowledged = output.acknowledgesSyn(segment);
        if (segment.has(TcpSegment.ACK) && !acknowledged) {
            sender.refuse(key, segment);
        } else if (segment.has(TcpSegment.RST)) {
            if (acknowledged) {
                abort();
            }
        } else if (acknowledged && segment.has(TcpSegment.SYN)) {
            open(segment);
            establish(segment, false);
        }
    }

    private void establish(TcpSegment segment, boolean scaled) {
        state = State.ESTABLISHED;
        output.established(segment, scaled);
        nat.schedule(this);
        updateInterest();
    }

    private void receiveSynchronized(TcpSegment segment) throws IOException {
        if (segment.has(TcpSegment.RST)) {
            if (input.isInWindow(segment)) {
                abortHost();
            }
            return;
        }
        if (segment.has(TcpSegment.SYN)) {
            if (state == State.SYN_RECEIVED) {
                output.requestSyn();
            }
            acknowledge();
            return;
        }
        if (!segment.has(TcpSegment.ACK)) {
            return;
        }
        if (state == State.SYN_RECEIVED) {
            if (!output.acknowledgesSyn(segment)) {
                sender.refuse(key, segment);
                return;
            }
            establish(segment, true);
        } else if (!output.acknowledge(segment)) {
            acknowledge();
            return;
        }
        nat.schedule(this);
        receiveData(segment);
        lingerIfDone();
        updateInterest();
    }

    private void receiveData(TcpSegment segment) throws IOException {
        int length = segment.payloadLength;
        int skip = input.skip(segment);
        if (segment.sequenceLength() == 0) {
            if (skip != 0) {
                acknowledge();
            }
            return;
        }
        acknowledge();
        if (skip < 0 || skip > length || guestEnded) {
            return;
        }
        int size = Math.min(length - skip, toHost.free());
        if (size > 0) {
            host.write(segment.data, segment.payloadStart + skip, size);
            input.advance(size);
        }
        if (segment.has(TcpSegment.FIN) && size == length - skip) {
            input.advance(1);
            guestEnded = true;
            endOutput();
        }
    }

    private void acknowledge() {
        output.requestAcknowledgement();
        nat.schedule(this);
    }

    // To the guest.

    /**
     * Sends what is due.
     *
     * @return false if there was no room for all: to be called again
     */
    boolean output() {
        pending = false;
        switch (state) {
            case SYN_RECEIVED, SYN_SENT -> output.sendSyn(state == State.SYN_RECEIVED);
            case ESTABLISHED, LINGERING -> {
                return output.send(host.hasEnded());
            }
            default -> { }
        }
        return true;
    }

    // Time.

    /** When {@link #timeout} is due; {@link TcpOutput#NEVER} if not. */
    long deadline() {
        return switch (state) {
            case GONE -> TcpOutput.NEVER;
            case LINGERING -> lingersUntil;
            default -> output.deadline();
        };
    }

    /** The deadline has passed. */
    void timeout() {
        if (state == State.LINGERING) {
            nat.remove(this);
        } else if (output.expire(state == State.ESTABLISHED)) {
            nat.schedule(this);
        } else {
            abort();
        }
    }

    // The end.

    private void lingerIfDone() {
        if (state == State.ESTABLISHED && outputShut && output.isFinAcknowledged()) {
            // The guest may have missed our last acknowledgement and end once more.
            state = State.LINGERING;
            host.close();
            lingersUntil = nat.now() + LINGER;
            nat.armed(lingersUntil);
        }
    }

    /** Resets both sides. */
    void abort() {
        if (state == State.GONE || state == State.LINGERING) {
            return;
        }
        boolean answered = state != State.CONNECTING;
        abortHost();
        sender.sendControl(key, answered ? output.max() : 0, input.next(), TcpSegment.RST | TcpSegment.ACK, 0);
    }

    private void abortHost() {
        if (state != State.CONNECTING) {
            host.resetOnClose();
        }
        nat.remove(this);
    }

    /** Frees the socket; called by {@link TcpNat} when the flow is no longer one. */
    void dispose() {
        state = State.GONE;
        host.close();
    }

    /** Of no use to anybody: goes first when there are too many. */
    boolean isExpendable() {
        return state != State.ESTABLISHED;
    }
}

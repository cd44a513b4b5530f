package jkvm.net.user;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import jkvm.net.EventLoop;

/**
 * One TCP connection of the guest and the host's socket that carries it on. Bytes from the guest go to the socket at
 * once, or into a ring while it is full, and the ring's free space is the guest's window; bytes from the socket stay in
 * a ring until the guest has acknowledged them, and while that is full the socket is not read.
 */
final class TcpFlow implements EventLoop.Handler {
    /** In the order that a flow goes through them. */
    enum State { CONNECTING, SYN_RECEIVED, SYN_SENT, ESTABLISHED, LINGERING, GONE }

    private static final long FIRST_TIMEOUT = TimeUnit.MILLISECONDS.toNanos(250);
    private static final long MAX_TIMEOUT = TimeUnit.SECONDS.toNanos(8);
    /** About a minute in all. */
    private static final int MAX_RETRIES = 12;
    private static final long LINGER = TimeUnit.SECONDS.toNanos(1);
    private static final int SCALE = 4;
    private static final int DUPLICATES_FOR_LOSS = 3;

    final FlowKey key;
    private final TcpNat nat;
    private final TcpSender sender;
    private final TcpHostSide host;
    private final boolean v4;
    private final ByteRing toHost;
    private final ByteRing toGuest;
    private final TcpHistory history = new TcpHistory();
    State state;
    /** True while it waits in {@link TcpNat} for its turn to send. */
    boolean pending;
    /** When {@link #timeout} is due; {@link Long#MAX_VALUE} if not. */
    long deadline = Long.MAX_VALUE;

    private int receiveNext;
    private int advertised;
    private int sendUnacknowledged;
    private int sendNext;
    private int sendMax;
    private int sendWindow;
    private int mss = 536;
    private int guestScale;
    private int ourScale = SCALE;
    private boolean synDue;
    private boolean ackDue;
    private boolean guestEnded;
    private boolean outputShut;
    private boolean finSent;
    private boolean finAcknowledged;
    private int retries;

    /** How far recovery from loss is. */
    private static final class TcpHistory {
        int duplicates;
        boolean recovering;
        int recoverUntil;
    }

    /** @param state CONNECTING or ESTABLISHED's forerunner for a forwarded port, SYN_SENT */
    TcpFlow(FlowKey key, TcpNat nat, TcpSender sender, SocketChannel channel, Selector selector, State state,
            int bufferSize) throws IOException {
        this.key = key;
        this.nat = nat;
        this.sender = sender;
        this.state = state;
        this.v4 = IpAddress.isV4(key.guestHi, key.guestLo);
        this.host = new TcpHostSide(channel, selector, state == State.CONNECTING, this, bufferSize);
        this.toHost = host.toHost;
        this.toGuest = host.toGuest;
        sendUnacknowledged = ThreadLocalRandom.current().nextInt();
        sendNext = sendUnacknowledged;
        sendMax = sendNext;
    }

    /** The guest's SYN: the answer waits for the host's connection. */
    void open(TcpSegment syn) {
        takeSyn(syn);
    }

    private void takeSyn(TcpSegment syn) {
        receiveNext = syn.sequence + 1;
        advertised = receiveNext;
        mss = TcpSender.usableMss(syn.mss, v4);
        guestScale = Math.max(0, syn.scale);
        ourScale = syn.scale < 0 ? 0 : SCALE;
        sendWindow = syn.window;
    }

    /** The host's connection stands. */
    void connected() {
        state = State.SYN_RECEIVED;
        synDue = true;
        host.ignore();
        nat.schedule(this);
    }

    /** Begins the connection to the guest that a forwarded port has taken. */
    void call() {
        synDue = true;
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
        boolean opened = before < 2 * mss && toHost.free() >= 2 * mss;
        if (opened || toHost.size() == 0) {
            ackDue = true;
            nat.schedule(this);
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
        boolean acknowledged = segment.has(TcpSegment.ACK) && segment.acknowledgement == sendMax && sendMax
                != sendUnacknowledged;
        if (segment.has(TcpSegment.ACK) && !acknowledged) {
            sender.refuse(key, segment);
        } else if (segment.has(TcpSegment.RST)) {
            if (acknowledged) {
                abort();
            }
        } else if (acknowledged && segment.has(TcpSegment.SYN)) {
            takeSyn(segment);
            sendUnacknowledged = sendMax;
            establish();
        }
    }

    private void establish() {
        state = State.ESTABLISHED;
        retries = 0;
        deadline = Long.MAX_VALUE;
        ackDue = true;
        nat.schedule(this);
        updateInterest();
    }

    private void receiveSynchronized(TcpSegment segment) throws IOException {
        int offset = segment.sequence - receiveNext;
        boolean inWindow = offset >= 0 && offset <= toHost.free();
        if (segment.has(TcpSegment.RST)) {
            if (inWindow) {
                abortHost();
            }
            return;
        }
        if (segment.has(TcpSegment.SYN)) {
            synDue = state == State.SYN_RECEIVED;
            acknowledge();
            return;
        }
        if (!segment.has(TcpSegment.ACK)) {
            return;
        }
        if (state == State.SYN_RECEIVED) {
            if (segment.acknowledgement != sendMax || sendMax == sendUnacknowledged) {
                sender.refuse(key, segment);
                return;
            }
            sendUnacknowledged = sendMax;
            sendWindow = segment.window << guestScale;
            establish();
        } else if (!receiveAcknowledgement(segment)) {
            acknowledge();
            return;
        }
        receiveData(segment);
        lingerIfDone();
        updateInterest();
    }

    /** @return false if it acknowledges what was never sent */
    private boolean receiveAcknowledgement(TcpSegment segment) {
        int acknowledged = segment.acknowledgement - sendUnacknowledged;
        if (acknowledged > sendMax - sendUnacknowledged) {
            return false;
        }
        int window = segment.window << guestScale;
        if (acknowledged > 0) {
            int bytes = Math.min(acknowledged, toGuest.size());
            toGuest.skip(bytes);
            finAcknowledged |= acknowledged > bytes;
            sendUnacknowledged = segment.acknowledgement;
            if (sendNext - sendUnacknowledged < 0) {
                sendNext = sendUnacknowledged;
            }
            progress();
        } else if (acknowledged == 0 && segment.payloadLength == 0 && window == sendWindow
                && sendMax != sendUnacknowledged && !segment.has(TcpSegment.FIN)) {
            countDuplicate();
        }
        if (acknowledged >= 0) {
            sendWindow = window;
        }
        nat.schedule(this);
        return true;
    }

    private void progress() {
        retries = 0;
        history.duplicates = 0;
        deadline = sendMax == sendUnacknowledged ? Long.MAX_VALUE : nat.now() + FIRST_TIMEOUT;
        if (history.recovering && sendUnacknowledged - history.recoverUntil < 0) {
            // An acknowledgement that ends before the loss began was found: the next hole begins here (RFC 6582).
            resendFirst();
        } else {
            history.recovering = false;
        }
    }

    private void countDuplicate() {
        if (++history.duplicates == DUPLICATES_FOR_LOSS && !history.recovering) {
            history.recovering = true;
            history.recoverUntil = sendMax;
            resendFirst();
        }
    }

    private void resendFirst() {
        int size = Math.min(toGuest.size(), Math.min(mss, sendMax - sendUnacknowledged));
        if (size > 0 && sender.hasRoom()) {
            sender.sendData(key, sendUnacknowledged, receiveNext, TcpSegment.ACK, window(), toGuest, 0, size, mss);
        } else if (finSent && !finAcknowledged && toGuest.size() == 0) {
            sendNext = sendUnacknowledged;
            finSent = false;
        }
    }

    private void receiveData(TcpSegment segment) throws IOException {
        int length = segment.payloadLength;
        int skip = receiveNext - segment.sequence;
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
            receiveNext += size;
        }
        if (segment.has(TcpSegment.FIN) && size == length - skip) {
            receiveNext++;
            guestEnded = true;
            endOutput();
        }
    }

    private void acknowledge() {
        ackDue = true;
        nat.schedule(this);
    }

    // To the guest.

    /** The window field; the window never shrinks (RFC 9293, section 3.8.6.2.2). */
    private int window() {
        int free = Math.max(toHost.free(), advertised - receiveNext);
        int field = Math.min(free >> ourScale, 0xffff);
        advertised = receiveNext + (field << ourScale);
        return field;
    }

    /** Sends what is due. @return false if there was no room for all: to be called again */
    boolean output() {
        pending = false;
        switch (state) {
            case SYN_RECEIVED, SYN_SENT -> outputSyn();
            case ESTABLISHED, LINGERING -> {
                return outputData();
            }
            default -> { }
        }
        return true;
    }

    private void outputSyn() {
        if (!synDue) {
            return;
        }
        synDue = false;
        ackDue = false;
        boolean answer = state == State.SYN_RECEIVED;
        int free = Math.min(toHost.free(), 0xffff);
        advertised = receiveNext + free;
        sender.sendSyn(key, sendUnacknowledged, answer ? receiveNext : 0,
                answer ? TcpSegment.SYN | TcpSegment.ACK : TcpSegment.SYN, free, ourScale > 0 ? ourScale : -1);
        sendNext = sendUnacknowledged + 1;
        sendMax = sendNext;
        arm();
    }

    private boolean outputData() {
        int most = sender.maxData(v4, mss);
        while (true) {
            int inFlight = sendNext - sendUnacknowledged;
            int unsent = toGuest.size() - inFlight;
            int size = Math.min(Math.min(unsent, sendWindow - inFlight), most);
            // A small piece waits for an acknowledgement if more is under way (RFC 9293, section 3.8.6.2.1).
            boolean silly = size < mss && size < unsent && inFlight > 0;
            if (size <= 0 || silly) {
                break;
            }
            if (!sender.hasRoom()) {
                return false;
            }
            sendPart(inFlight, size, size == unsent);
        }
        boolean allSent = sendNext - sendUnacknowledged == toGuest.size();
        if (host.hasEnded() && !finSent && allSent && !finAcknowledged) {
            finSent = true;
            sender.sendControl(key, sendNext, receiveNext, TcpSegment.FIN | TcpSegment.ACK, window());
            sendNext++;
            advanceMax();
            ackDue = false;
            arm();
        }
        if (ackDue) {
            ackDue = false;
            sender.sendControl(key, sendNext, receiveNext, TcpSegment.ACK, window());
        }
        if (!allSent && deadline == Long.MAX_VALUE) {
            arm();
        }
        return true;
    }

    private void sendPart(int skip, int size, boolean last) {
        int flags = last ? TcpSegment.ACK | TcpSegment.PSH : TcpSegment.ACK;
        sender.sendData(key, sendNext, receiveNext, flags, window(), toGuest, skip, size, mss);
        sendNext += size;
        advanceMax();
        ackDue = false;
        if (deadline == Long.MAX_VALUE) {
            arm();
        }
    }

    private void advanceMax() {
        if (sendNext - sendMax > 0) {
            sendMax = sendNext;
        }
    }

    // Time.

    private void arm() {
        deadline = nat.now() + Math.min(MAX_TIMEOUT, FIRST_TIMEOUT << Math.min(retries, 10));
        nat.armed(deadline);
    }

    /** The deadline has passed: nothing was acknowledged, or the guest's window stays shut. */
    void timeout() {
        deadline = Long.MAX_VALUE;
        if (state == State.LINGERING) {
            nat.remove(this);
            return;
        }
        boolean windowShut = state == State.ESTABLISHED && sendWindow == 0;
        if (!sender.hasRoom()) {
            arm();
            return;
        }
        // A guest may keep its window shut as long as it likes; then only its silence would be no reason to give up.
        retries = windowShut ? Math.min(retries + 1, MAX_RETRIES - 1) : retries + 1;
        if (retries >= MAX_RETRIES) {
            abort();
            return;
        }
        if (state != State.ESTABLISHED) {
            synDue = true;
        } else if (windowShut && toGuest.size() > 0) {
            sendNext = sendUnacknowledged;
            finSent = false;
            sendPart(0, 1, false);
            // If the guest has dropped the byte it is sent again, with those that follow, once the window opens.
            sendNext = sendUnacknowledged;
        } else {
            sendNext = sendUnacknowledged;
            finSent = false;
            history.recovering = false;
            history.duplicates = 0;
        }
        arm();
        nat.schedule(this);
    }

    // The end.

    private void lingerIfDone() {
        if (state == State.ESTABLISHED && outputShut && finAcknowledged) {
            // The guest may have missed our last acknowledgement and end once more.
            state = State.LINGERING;
            host.close();
            deadline = nat.now() + LINGER;
            nat.armed(deadline);
        }
    }

    /** Resets both sides. */
    void abort() {
        if (state == State.GONE || state == State.LINGERING) {
            return;
        }
        boolean answered = state != State.CONNECTING;
        abortHost();
        sender.sendControl(key, answered ? sendMax : 0, receiveNext, TcpSegment.RST | TcpSegment.ACK, 0);
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
        deadline = Long.MAX_VALUE;
        host.close();
    }

    /** Of no use to anybody: goes first when there are too many. */
    boolean isExpendable() {
        return state != State.ESTABLISHED;
    }
}

package jkvm.host.usernet;

/**
 * One flow's output to the guest: sequence numbers, the guest's window, and retransmission. Bytes stay in the
 * ring until they are acknowledged.
 *
 * <p>Three acknowledgements that say nothing new mean that one segment is missing: it is sent again, and each one that
 * is found missing after it (RFC 6582). If the time is over, all may be missing: one segment is sent again, and as many
 * more as are then acknowledged (RFC 5681, section 3.1), so that a guest that was only slow gets one in vain.
 */
final class TcpOutput {
    /** {@link #deadline()} while nothing waits. */
    static final long NEVER = Long.MAX_VALUE;
    /** About a minute in all. */
    private static final int MAX_RETRIES = 12;
    private static final int DUPLICATES_FOR_LOSS = 3;

    private enum Recovery { NONE, FAST, SLOW }

    private final FlowKey key;
    private final TcpNat nat;
    private final TcpSender sender;
    private final TcpInput input;
    private final ByteRing bytes;
    private final boolean v4;
    private final RetransmissionTimer timer = new RetransmissionTimer();
    private int unacknowledged;
    private int next;
    /** One past the highest number that was ever sent. */
    private int max;
    private int window;
    private int mss = 536;
    private int guestScale;
    private boolean synDue;
    private boolean ackDue;
    private boolean finSent;
    private boolean finAcknowledged;
    private int retries;
    private long deadline = NEVER;
    private int duplicates;
    private Recovery recovery = Recovery.NONE;
    private int recoverUntil;
    /** Bytes that may be in flight in {@link Recovery#SLOW}. */
    private int allowed;

    /** @param bytes from the host */
    TcpOutput(FlowKey key, TcpNat nat, TcpSender sender, TcpInput input, ByteRing bytes) {
        this.unacknowledged = nat.firstNumber();
        this.next = unacknowledged;
        this.max = unacknowledged;
        this.key = key;
        this.nat = nat;
        this.sender = sender;
        this.input = input;
        this.bytes = bytes;
        this.v4 = IpAddress.isV4(key.guestHi, key.guestLo);
    }

    /** Takes the guest's SYN. */
    void begin(TcpSegment syn) {
        mss = TcpSender.usableMss(syn.mss, v4);
        guestScale = Math.max(0, syn.scale);
        window = syn.window;
    }

    int mss() {
        return mss;
    }

    /** One past the highest sequence number that was sent. */
    int max() {
        return max;
    }

    /** When {@link #expire} is due. */
    long deadline() {
        return deadline;
    }

    boolean isFinAcknowledged() {
        return finAcknowledged;
    }

    /** A SYN is to be sent, or sent again. */
    void requestSyn() {
        synDue = true;
    }

    /** An acknowledgement is to be sent, with data if there is some. */
    void requestAcknowledgement() {
        ackDue = true;
    }

    // From the guest.

    /** True if the segment acknowledges our SYN. */
    boolean acknowledgesSyn(TcpSegment segment) {
        return segment.has(TcpSegment.ACK) && segment.acknowledgement == max && max != unacknowledged;
    }

    /**
     * Our SYN has been acknowledged.
     *
     * @param scaled false for a SYN, whose window is as it stands
     */
    void established(TcpSegment segment, boolean scaled) {
        timer.acknowledged(max, nat.now());
        unacknowledged = max;
        window = segment.window << (scaled ? guestScale : 0);
        retries = 0;
        deadline = NEVER;
        ackDue = true;
    }

    /**
     * Takes an acknowledgement.
     *
     * @return false if it is for what was never sent
     */
    boolean acknowledge(TcpSegment segment) {
        int acknowledged = segment.acknowledgement - unacknowledged;
        if (acknowledged > max - unacknowledged) {
            return false;
        }
        int newWindow = segment.window << guestScale;
        if (acknowledged > 0) {
            int count = Math.min(acknowledged, bytes.size());
            bytes.skip(count);
            finAcknowledged |= acknowledged > count;
            unacknowledged = segment.acknowledgement;
            if (next - unacknowledged < 0) {
                next = unacknowledged;
            }
            progress(acknowledged);
        } else if (acknowledged == 0 && segment.payloadLength == 0 && newWindow == window && max != unacknowledged
                && !segment.has(TcpSegment.FIN)) {
            countDuplicate();
        }
        if (acknowledged >= 0) {
            if (window == 0 && newWindow > 0) {
                timer.restart();
            }
            window = newWindow;
        }
        return true;
    }

    private void progress(int acknowledged) {
        timer.acknowledged(unacknowledged, nat.now());
        retries = 0;
        duplicates = 0;
        if (max == unacknowledged) {
            deadline = NEVER;
        } else {
            arm();
        }
        if (recovery != Recovery.NONE && unacknowledged - recoverUntil >= 0) {
            recovery = Recovery.NONE;
        } else if (recovery == Recovery.FAST) {
            // An acknowledgement that ends before the loss began was found: the next hole begins here.
            resendFirst();
        } else if (recovery == Recovery.SLOW) {
            allowed += acknowledged;
        }
    }

    private void countDuplicate() {
        if (++duplicates == DUPLICATES_FOR_LOSS && recovery == Recovery.NONE) {
            recover(Recovery.FAST);
            resendFirst();
        }
    }

    private void recover(Recovery how) {
        recovery = how;
        recoverUntil = max;
        timer.resent();
    }

    private void resendFirst() {
        int size = Math.min(bytes.size(), Math.min(mss, max - unacknowledged));
        if (size > 0 && sender.hasRoom()) {
            sender.sendData(key, unacknowledged, input.next(), TcpSegment.ACK, input.window(), bytes, 0, size, mss);
        } else if (finSent && !finAcknowledged && bytes.size() == 0) {
            rewind();
        }
    }

    private void rewind() {
        next = unacknowledged;
        finSent = false;
    }

    // To the guest.

    /**
     * Sends the SYN if it is due.
     *
     * @param answer to the guest's own SYN
     */
    void sendSyn(boolean answer) {
        if (!synDue) {
            return;
        }
        synDue = false;
        ackDue = false;
        int flags = answer ? TcpSegment.SYN | TcpSegment.ACK : TcpSegment.SYN;
        int inputWindow = input.synWindow();
        sender.sendSyn(key, unacknowledged, answer ? input.next() : 0, flags, inputWindow, input.scaleOption());
        next = unacknowledged + 1;
        advanceMax();
        arm();
    }

    /**
     * Sends what is due.
     *
     * @param ended the host will have no more bytes
     * @return false if there was no room for all: to be called again
     */
    boolean send(boolean ended) {
        int most = sender.maxData(v4, mss);
        while (true) {
            int inFlight = next - unacknowledged;
            int unsent = bytes.size() - inFlight;
            int limit = recovery == Recovery.SLOW ? Math.min(window, allowed) : window;
            int size = Math.min(Math.min(unsent, limit - inFlight), most);
            // A small piece waits for an acknowledgement if more is in flight (RFC 9293, section 3.8.6.2.1).
            boolean silly = size < mss && size < unsent && inFlight > 0;
            if (size <= 0 || silly) {
                break;
            }
            if (!sender.hasRoom()) {
                return false;
            }
            sendPart(inFlight, size, size == unsent);
        }
        boolean allSent = next - unacknowledged == bytes.size();
        if (ended && !finSent && allSent && !finAcknowledged) {
            sendFin();
        }
        if (ackDue) {
            ackDue = false;
            sender.sendControl(key, next, input.next(), TcpSegment.ACK, input.window());
        }
        if (!allSent && deadline == NEVER) {
            arm();
        }
        return true;
    }

    private void sendPart(int skip, int size, boolean last) {
        int flags = last ? TcpSegment.ACK | TcpSegment.PSH : TcpSegment.ACK;
        sender.sendData(key, next, input.next(), flags, input.window(), bytes, skip, size, mss);
        next += size;
        advanceMax();
        ackDue = false;
        if (deadline == NEVER) {
            arm();
        }
    }

    private void sendFin() {
        finSent = true;
        sender.sendControl(key, next, input.next(), TcpSegment.FIN | TcpSegment.ACK, input.window());
        next++;
        advanceMax();
        ackDue = false;
        arm();
    }

    private void advanceMax() {
        if (next - max > 0) {
            max = next;
            timer.sent(max, nat.now());
        }
    }

    // Time.

    private void arm() {
        deadline = nat.now() + timer.timeout();
        nat.armed(deadline);
    }

    /**
     * The deadline has passed: nothing was acknowledged, or the guest's window stays shut. The retransmission is
     * sent by {@link #send} or {@link #sendSyn}.
     *
     * @param established false while our SYN is not acknowledged
     * @return false if it is time to give up
     */
    boolean expire(boolean established) {
        if (!sender.hasRoom()) {
            arm();
            return true;
        }
        boolean windowShut = established && window == 0;
        // A guest may keep its window shut as long as it likes; then only its silence would be no reason to give up.
        retries = windowShut ? Math.min(retries + 1, MAX_RETRIES - 1) : retries + 1;
        if (retries >= MAX_RETRIES) {
            deadline = NEVER;
            return false;
        }
        timer.expired();
        if (!established) {
            synDue = true;
        } else {
            rewind();
            if (windowShut && bytes.size() > 0) {
                sendPart(0, 1, false);
                // If the guest drops the byte it is sent again, with those that follow, once the window opens.
                next = unacknowledged;
            } else {
                recover(Recovery.SLOW);
                allowed = mss;
                duplicates = 0;
            }
        }
        arm();
        return true;
    }
}

package jkvm.host.chardev;

import java.io.IOException;

/**
 * The telnet protocol (RFC 854) over another link. Each new peer is told, as by QEMU, that this side echoes, suppresses
 * go-ahead and is binary, and is asked to be binary too. Its answers and all other commands are dropped; a break is
 * passed on. A byte 255 of the guest's output is doubled: the guest must not be able to command the user's telnet.
 *
 * <p>One byte of state is kept across reads; no peer can make it more.
 */
final class TelnetLink implements HostLink {
    private static final int IAC = 255;
    private static final int SB = 250;
    private static final int SE = 240;
    private static final int BRK = 243;
    private static final int WILL = 251;
    private static final int DO = 253;
    private static final int DONT = 254;
    private static final int BINARY = 0;
    private static final int ECHO = 1;
    private static final int SUPPRESS_GO_AHEAD = 3;
    private static final byte[] GREETING = {(byte) IAC, (byte) WILL, ECHO, (byte) IAC, (byte) WILL, SUPPRESS_GO_AHEAD,
        (byte) IAC, (byte) WILL, BINARY, (byte) IAC, (byte) DO, BINARY};

    private enum State { DATA, COMMAND, OPTION, SUBNEGOTIATION, SUBNEGOTIATION_COMMAND }

    private final HostLink inner;
    /** Of the reader: what it has read and not yet looked at. */
    private byte[] received = new byte[0];
    private int next;
    private int end;
    private State state = State.DATA;
    /** The first peer has been greeted before the reader asked for it. */
    private boolean isGreeted;
    /** Of the writer: the second byte of a doubled one is still to be sent. */
    private boolean owesByte;
    private final byte[] escaped = new byte[2];

    /** Greets a peer that is there already. */
    TelnetLink(HostLink inner) throws IOException {
        this.inner = inner;
        if (inner.isPresent()) {
            isGreeted = greet();
        }
    }

    @Override
    public boolean isPresent() {
        return inner.isPresent();
    }

    @Override
    public boolean awaitPeer() throws IOException {
        if (!inner.awaitPeer()) {
            return false;
        }
        state = State.DATA;
        next = 0;
        end = 0;
        boolean was = isGreeted;
        isGreeted = false;
        return was || greet();
    }

    private boolean greet() throws IOException {
        for (int sent = 0; sent < GREETING.length;) {
            int part = inner.send(GREETING, sent, GREETING.length - sent);
            if (part <= 0) {
                return false;
            }
            sent += part;
        }
        return true;
    }

    @Override
    public int read(byte[] to, int length) throws IOException {
        int count = 0;
        while (count == 0) {
            if (next == end) {
                if (received.length < length) {
                    received = new byte[length];
                }
                end = inner.read(received, length);
                next = 0;
                if (end <= 0) {
                    end = 0;
                    return 0;
                }
            }
            while (next < end && count < length) {
                int value = received[next] & 0xFF;
                boolean isBreak = state == State.COMMAND && value == BRK;
                if (isBreak && count > 0) {
                    return count;
                }
                next++;
                if (isData(value)) {
                    to[count] = (byte) value;
                    count++;
                } else if (isBreak) {
                    return BREAK;
                }
            }
        }
        return count;
    }

    /** Goes one byte on. */
    private boolean isData(int value) {
        State before = state;
        state = switch (before) {
            case DATA -> value == IAC ? State.COMMAND : State.DATA;
            case COMMAND -> value >= WILL && value <= DONT ? State.OPTION
                    : value == SB ? State.SUBNEGOTIATION : State.DATA;
            case OPTION -> State.DATA;
            case SUBNEGOTIATION -> value == IAC ? State.SUBNEGOTIATION_COMMAND : State.SUBNEGOTIATION;
            case SUBNEGOTIATION_COMMAND -> value == SE ? State.DATA : State.SUBNEGOTIATION;
        };
        return before == State.DATA && value != IAC || before == State.COMMAND && value == IAC;
    }

    @Override
    public boolean leavesAtEndOfInput() {
        return inner.leavesAtEndOfInput();
    }

    @Override
    public int send(byte[] from, int offset, int length) throws IOException {
        if (owesByte || from[offset] == (byte) IAC) {
            escaped[0] = (byte) IAC;
            escaped[1] = (byte) IAC;
            int part = inner.send(escaped, 0, owesByte ? 1 : 2);
            boolean isWhole = owesByte ? part > 0 : part > 1;
            owesByte = !isWhole && (owesByte || part > 0);
            return isWhole ? 1 : part <= 0 ? part : send(from, offset, length);
        }
        int plain = 1;
        while (plain < length && from[offset + plain] != (byte) IAC) {
            plain++;
        }
        return inner.send(from, offset, plain);
    }

    @Override
    public void interrupt() {
        inner.interrupt();
    }

    @Override
    public void close() {
        inner.close();
    }
}

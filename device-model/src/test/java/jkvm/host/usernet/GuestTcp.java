package jkvm.host.usernet;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** The guest's end of one TCP connection, run by the thread that calls: retransmits, keeps what comes out of order. */
final class GuestTcp {
    static final int FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
    private static final int MSS = 1460;
    private static final int SCALE = 7;
    private static final byte[] SYN_OPTIONS = {2, 4, MSS >> 8, (byte) MSS, 1, 3, 3, SCALE};

    private final NetGuest guest;
    private final InetAddress own;
    private final InetAddress remote;
    private final int ownPort;
    private final int remotePort;
    private final TreeMap<Integer, byte[]> early = new TreeMap<>();
    private final ByteArrayOutputStream received = new ByteArrayOutputStream();
    private byte[] data = {};
    private final int firstSequence = 0x7fff_0000;
    private int acknowledged = firstSequence;
    private int next = firstSequence;
    private int window = MSS;
    private int remoteScale;
    private int expected;
    private long lastProgress;
    private int duplicates;
    private boolean finQueued;
    private boolean unfinished;
    int receiveWindow = 1 << 20;
    boolean connected;
    boolean reset;
    boolean ended;
    long largestWindowSeen;

    GuestTcp(NetGuest guest, InetAddress own, int ownPort, InetAddress remote, int remotePort) {
        this.guest = guest;
        this.own = own;
        this.remote = remote;
        this.ownPort = ownPort;
        this.remotePort = remotePort;
    }

    static GuestTcp to(NetGuest guest, int ownPort, int remotePort) {
        return new GuestTcp(guest, NetGuest.IP, ownPort, NetGuest.GATEWAY, remotePort);
    }

    private void transmit(int sequence, int flags, byte[] options, int from, int length) {
        byte[] frame = Packets.ip(own, remote, Packets.TCP, Packets.tcp(ownPort, remotePort, sequence, expected, flags,
                Math.min(receiveWindow >> ((flags & SYN) != 0 ? 0 : SCALE), 0xffff), options, data, from, length));
        if (unfinished) {
            guest.sendUnfinished(frame, frame.length - length, MSS);
        } else {
            guest.send(frame);
        }
    }

    /** From now on checksums, and the cutting of frames of up to 16 segments, are left to the backend. */
    void leaveUnfinished() {
        unfinished = true;
    }

    void connect() {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(10);
        while (!connected && !reset && System.nanoTime() < end) {
            transmit(firstSequence, SYN, SYN_OPTIONS, 0, 0);
            next = firstSequence + 1;
            runUntil(() -> connected || reset, 300);
        }
    }

    /** Answers a SYN that came for a forwarded port. */
    void accept(Packets.Parsed syn) {
        ByteBuffer segment = ByteBuffer.wrap(syn.payload());
        expected = segment.getInt(4) + 1;
        remoteScale = segment.get(12) >> 4 > 6 ? segment.get(27) : 0;
        transmit(firstSequence, SYN | ACK, SYN_OPTIONS, 0, 0);
        next = firstSequence + 1;
        runUntil(() -> acknowledged == next, 1000);
        connected = acknowledged == next;
        assertTrue(connected);
    }

    void queue(byte[] bytes, boolean thenEnd) {
        assertTrue(data.length == 0);
        data = bytes;
        finQueued = thenEnd;
        lastProgress = System.nanoTime();
    }

    private int base() {
        return firstSequence + 1;
    }

    boolean allAcknowledged() {
        return acknowledged - base() == data.length + (finQueued ? 1 : 0);
    }

    byte[] received() {
        return received.toByteArray();
    }

    int receivedCount() {
        return received.size();
    }

    void sendReset() {
        transmit(next, RST | ACK, new byte[0], 0, 0);
    }

    void sendAck() {
        transmit(next, ACK, new byte[0], 0, 0);
    }

    /** Says that so many more bytes have come; the caller has seen them himself. */
    void acknowledgeNext(int count) {
        expected += count;
        sendAck();
    }

    /**
     * Sends, receives and retransmits.
     *
     * @return false if it took too long
     */
    boolean runUntil(BooleanSupplier done, long milliseconds) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        while (!done.getAsBoolean()) {
            if (System.nanoTime() > end) {
                return false;
            }
            if (connected) {
                push();
            }
            byte[] frame = guest.next(5);
            boolean any = false;
            for (int left = 128; frame != null && left > 0; left--) {
                any |= take(frame);
                frame = left > 1 ? guest.next(0) : null;
            }
            if (any) {
                sendAck();
            }
        }
        return true;
    }

    private void push() {
        long now = System.nanoTime();
        boolean waiting = next != acknowledged || data.length > 0 && !allAcknowledged();
        if (waiting && now - lastProgress > TimeUnit.MILLISECONDS.toNanos(150)) {
            next = acknowledged;
            lastProgress = now;
            if (window == 0) {
                window = 1;
            }
        }
        while (next - base() < data.length && next - acknowledged < window) {
            int at = next - base();
            int most = unfinished ? 16 * MSS : MSS;
            int size = Math.min(Math.min(most, data.length - at), window - (next - acknowledged));
            transmit(next, ACK | PSH, new byte[0], at, size);
            next += size;
        }
        if (finQueued && next - base() == data.length) {
            transmit(next, FIN | ACK, new byte[0], 0, 0);
            next++;
        }
    }

    /** @return true if the frame is to be acknowledged */
    private boolean take(byte[] frame) {
        if (Packets.type(frame) == 0x0806) {
            return false;
        }
        Packets.Parsed packet = Packets.parse(frame);
        if (packet.protocol() != Packets.TCP || packet.destinationPort() != ownPort
                || packet.sourcePort() != remotePort) {
            return false;
        }
        ByteBuffer segment = ByteBuffer.wrap(packet.payload());
        int flags = segment.get(13);
        int sequence = segment.getInt(4);
        int header = (segment.get(12) >> 4 & 15) * 4;
        if ((flags & RST) != 0) {
            reset = true;
            return false;
        }
        if ((flags & SYN) != 0) {
            if (!connected && (flags & ACK) != 0) {
                expected = sequence + 1;
                acknowledged = segment.getInt(8);
                remoteScale = header > 24 ? segment.get(27) : 0;
                window = segment.getShort(14) & 0xffff;
                connected = true;
            }
            return connected;
        }
        takeAcknowledgement(segment.getInt(8), (segment.getShort(14) & 0xffff) << remoteScale,
                packet.payload().length == header);
        takeData(sequence, packet.payload(), header, (flags & FIN) != 0);
        return packet.payload().length > header || (flags & FIN) != 0;
    }

    private void takeAcknowledgement(int number, int newWindow, boolean pure) {
        window = newWindow;
        largestWindowSeen = Math.max(largestWindowSeen, newWindow);
        if (number - acknowledged > 0) {
            acknowledged = number;
            if (next - acknowledged < 0) {
                next = acknowledged;
            }
            lastProgress = System.nanoTime();
            duplicates = 0;
        } else if (pure && number == acknowledged && next != acknowledged && ++duplicates == 3) {
            next = acknowledged;
        }
    }

    private void takeData(int sequence, byte[] payload, int header, boolean fin) {
        if (payload.length > header || fin) {
            byte[] bytes = Arrays.copyOfRange(payload, header, payload.length + (fin ? 1 : 0));
            assertFalse(bytes.length > 0 && !fin && sequence + bytes.length - expected > receiveWindow + MSS + 1,
                    "sent beyond the window");
            // A byte more stands for the end.
            early.merge(sequence - base(), bytes, (a, b) -> a.length >= b.length ? a : b);
            ends.merge(sequence - base(), fin, (a, b) -> a || b);
        }
        for (var first = early.firstEntry(); first != null && first.getKey() + base() - expected <= 0;
                first = early.firstEntry()) {
            early.remove(first.getKey());
            boolean last = ends.remove(first.getKey());
            int skip = expected - (first.getKey() + base());
            int size = first.getValue().length - (last ? 1 : 0) - skip;
            if (size > 0) {
                received.write(first.getValue(), skip, size);
                expected += size;
            }
            if (last && size >= 0 && !ended) {
                ended = true;
                expected++;
            }
        }
    }

    private final TreeMap<Integer, Boolean> ends = new TreeMap<>();
}

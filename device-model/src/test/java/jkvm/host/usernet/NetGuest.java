package jkvm.host.usernet;

import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import jkvm.host.net.Frames;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NetDevice;
import jkvm.host.net.NetFrame;
import jkvm.host.net.Segmenter;

/**
 * A guest with a NIC and enough of a network stack for tests: a receive ring that can be full, a wire that can lose and
 * reorder, answers to ARP and neighbour solicitation.
 */
public final class NetGuest implements NetDevice, AutoCloseable {
    public static final InetAddress IP = Packets.address("10.0.2.15");
    public static final InetAddress GATEWAY = Packets.address("10.0.2.2");
    static final InetAddress DNS = Packets.address("10.0.2.3");
    static final InetAddress IP6 = Packets.address("fec0::15");
    static final InetAddress GATEWAY6 = Packets.address("fec0::2");

    /** In a frame of TCP over IPv4, and in TCP's header. */
    private static final int TCP_START = 34, TCP_CHECKSUM = 16;

    private final NetBackend backend;
    private final ArrayBlockingQueue<byte[]> ring;
    private final Object sending = new Object();
    private final NetFrame out = new NetFrame();
    private final NetFrame part = new NetFrame();
    private final Segmenter segmenter = new Segmenter();
    private final Random random = new Random(7);
    private volatile boolean refused;
    private volatile int offloads;
    private volatile double loss;
    private volatile double reorder;
    private byte[] late;
    private volatile long longestFrame;
    private volatile long unsureFrames;

    public NetGuest(NetBackend backend) {
        this(backend, 256);
    }

    /** @param ringSize frames that the receive ring holds */
    NetGuest(NetBackend backend, int ringSize) {
        this.backend = backend;
        this.ring = new ArrayBlockingQueue<>(ringSize);
        backend.attach(this);
    }

    void setOffloads(int bits) {
        offloads = bits;
    }

    /** Each frame, both ways, is lost or comes one later with these probabilities. */
    void setTrouble(double losing, double reordering) {
        loss = losing;
        reorder = reordering;
    }

    long longestFrame() {
        return longestFrame;
    }

    /** Whole IP packets whose checksums the network neither vouches for nor leaves to the NIC. */
    long unsureFrames() {
        return unsureFrames;
    }

    @Override
    public boolean receive(NetFrame frame) {
        if (ring.remainingCapacity() < 64) {
            refused = true;
            if (ring.remainingCapacity() < 64) {
                return false;
            }
        }
        longestFrame = Math.max(longestFrame, frame.length());
        boolean sure = frame.needsChecksum() || frame.isChecksumValid() || frame.data().getShort(12) == 0x0806;
        unsureFrames += sure ? 0 : 1;
        if (random.nextDouble() < loss) {
            return true;
        }
        if (!segmenter.begin(frame)) {
            throw new AssertionError("offload fields do not fit the frame");
        }
        while (segmenter.next(part)) {
            byte[] bytes = new byte[part.length()];
            part.data().get(0, bytes);
            if (!answer(bytes)) {
                arrive(bytes);
            }
        }
        return true;
    }

    private void arrive(byte[] bytes) {
        if (late == null && random.nextDouble() < reorder) {
            late = bytes;
            return;
        }
        ring.add(bytes);
        if (late != null) {
            ring.add(late);
            late = null;
        }
    }

    /** Answers who-has for the guest's addresses. */
    private boolean answer(byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(frame);
        if (Packets.type(frame) == 0x0806 && data.getShort(20) == 1
                && Arrays.equals(Arrays.copyOfRange(frame, 38, 42), IP.getAddress())) {
            offer(arp(2, IP.getAddress(), Arrays.copyOfRange(frame, 28, 32)));
            return true;
        }
        if (Packets.type(frame) == 0x86dd && frame[20] == Packets.ICMP6 && (frame[54] & 0xff) == 135
                && Arrays.equals(Arrays.copyOfRange(frame, 62, 78), IP6.getAddress())) {
            byte[] advert = ByteBuffer.allocate(32).putInt(0x88000000).putInt(0x60000000).put(IP6.getAddress())
                    .put((byte) 2).put((byte) 1).put(Packets.GUEST_MAC).array();
            offer(Packets.ip(IP6, GATEWAY6, Packets.ICMP6, advert));
            return true;
        }
        return false;
    }

    static byte[] arp(int operation, byte[] own, byte[] target) {
        return Packets.ethernet(0x0806, ByteBuffer.allocate(28).putInt(0x00010800).putShort((short) 0x0604)
                .putShort((short) operation).put(Packets.GUEST_MAC).put(own).put(new byte[6]).put(target).array());
    }

    /** Sends a frame; waits while the backend has no room. */
    public void send(byte[] frame) {
        if (loss > 0 && random.nextDouble() < loss) {
            return;
        }
        while (!offer(frame)) {
            Thread.onSpinWait();
        }
    }

    /** Sends a frame with offload fields that need not fit it. */
    void sendUnchecked(byte[] frame, int headerLength, int mss) {
        while (!offer(frame, headerLength, mss)) {
            Thread.onSpinWait();
        }
    }

    /** Sends a frame of TCP over IPv4 whose checksum, and its cutting if it is longer, are left to the backend. */
    void sendUnfinished(byte[] frame, int headerLength, int mss) {
        byte[] unfinished = frame.clone();
        int length = frame.length - TCP_START;
        byte[] pseudo = ByteBuffer.allocate(12).put(frame, 26, 8).putInt(Packets.TCP << 16 | length).array();
        ByteBuffer.wrap(unfinished).putShort(TCP_START + TCP_CHECKSUM, (short) ~Packets.checksum(pseudo));
        sendUnchecked(unfinished, headerLength, mss);
    }

    private boolean offer(byte[] frame) {
        return offer(frame, 0, 0);
    }

    private boolean offer(byte[] frame, int headerLength, int mss) {
        synchronized (sending) {
            out.clearOffload();
            out.data().put(0, frame);
            out.setLength(frame.length);
            if (mss > 0) {
                out.setChecksum(TCP_START, TCP_CHECKSUM);
            }
            if (mss > 0 && frame.length - headerLength > mss) {
                out.setGso(NetFrame.GSO_TCPV4, mss, headerLength);
            }
            return Frames.offer(backend, out);
        }
    }

    public void sendUdp(InetAddress to, int sourcePort, int port, byte[] data) {
        send(Packets.ip(to.getAddress().length == 4 ? IP : IP6, to, Packets.UDP, Packets.udp(sourcePort, port, data)));
    }

    /** The next frame, or null after so long. */
    byte[] next(long milliseconds) {
        try {
            byte[] frame = milliseconds == 0 ? ring.poll() : ring.poll(milliseconds, TimeUnit.MILLISECONDS);
            if (refused && ring.isEmpty()) {
                refused = false;
                backend.receiveReady();
            }
            return frame;
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    /** The next IP packet that is as asked for, others passed over; empty after a second. */
    public Optional<Packets.Parsed> awaitPacket(Predicate<Packets.Parsed> wanted) {
        return awaitPacket(1000, wanted);
    }

    Optional<Packets.Parsed> awaitPacket(long milliseconds, Predicate<Packets.Parsed> wanted) {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(milliseconds);
        for (long left = 1; left > 0; left = (end - System.nanoTime()) / 1_000_000) {
            byte[] frame = next(left == 1 ? milliseconds : left);
            if (frame != null && Packets.type(frame) != 0x0806) {
                Packets.Parsed packet = Packets.parse(frame);
                if (wanted.test(packet)) {
                    return Optional.of(packet);
                }
            }
        }
        return Optional.empty();
    }

    public Optional<Packets.Parsed> awaitUdp(int port) {
        return awaitPacket(packet -> packet.protocol() == Packets.UDP && packet.destinationPort() == port);
    }

    @Override
    public void sendReady() {
        // The senders of tests try again and again.
    }

    @Override
    public int offloads() {
        return offloads;
    }

    @Override
    public void close() {
        backend.close();
    }
}

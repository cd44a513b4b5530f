package jkvm.bench;

import java.nio.ByteBuffer;
import java.util.concurrent.TimeUnit;
import jkvm.host.net.NetFrame;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Frames a second that the 82540EM moves between rings in memory and a wire that takes all, on one thread, a doorbell
 * and an interrupt's acknowledgement for each batch; what an exit and a network cost is not in it. {@code -prof gc}
 * shows that it allocates nothing.
 */
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(TimeUnit.SECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class E1000Benchmark {
    private static final int BATCH = 32;
    private static final int IP = 14, UDP = 34, TCP = 34, TCP_PAYLOAD = 54;
    private static final int MSS = 1460;
    /** A packet of 64 KiB with its headers is segmented into so many. */
    private static final int SEGMENTS = 45, LONGEST = 65536;
    private static final long EOP = 1L << 24, TSE = 1L << 26, RS = 1L << 27, EXTENDED = 1L << 29, DATA = 1L << 20;
    private static final long BOTH_CHECKSUMS = 3L << 40, TRANSPORT_CHECKSUM = 2L << 40;
    /** Of a context descriptor: over IPv4, and TCP. */
    private static final long CONTEXT_IPV4 = EXTENDED | 1L << 25, CONTEXT_TCP = 1L << 24;

    /** Frames of one length in each direction. */
    @State(Scope.Thread)
    public static class Plain {
        /** Without the checksum of the wire. */
        @Param({"64", "1500"})
        public int bytes;

        private final E1000Rings rings = new E1000Rings();
        private final NetFrame frame = new NetFrame();

        @Setup
        public void setUp() {
            writeUdp(frame.data(), bytes);
            frame.setLength(bytes);
            rings.memory.write(E1000Rings.TRANSMIT_BUFFER, frame.memory(), 0, bytes);
            rings.put(context(UDP, 6), CONTEXT_IPV4);
        }
    }

    /** One TCP packet of 64 KiB. */
    @State(Scope.Thread)
    public static class Uncut {
        private final E1000Rings rings = new E1000Rings();

        @Setup
        public void setUp() {
            NetFrame packet = new NetFrame();
            writeIp(packet.data(), LONGEST, 6);
            packet.data().put(TCP + 12, (byte) 0x50).put(TCP + 13, (byte) 0x18);
            rings.memory.write(E1000Rings.TRANSMIT_BUFFER, packet.memory(), 0, LONGEST);
            rings.put(context(TCP, 16),
                    CONTEXT_IPV4 | CONTEXT_TCP | TSE | (long) TCP_PAYLOAD << 40 | (long) MSS << 48);
        }
    }

    /** Where checksums are; the NIC keeps it for all packets that follow. */
    private static long context(int transport, int checksum) {
        return IP | (IP + 10L) << 8 | (transport - 1L) << 16 | (long) transport << 32
                | (long) (transport + checksum) << 40;
    }

    private static void writeIp(ByteBuffer frame, int length, int protocol) {
        frame.put(0, E1000Rings.MAC).put(6, E1000Rings.MAC).putShort(12, (short) 0x0800);
        frame.put(IP, (byte) 0x45).putShort(IP + 2, (short) (length - IP)).put(IP + 8, (byte) 64)
                .put(IP + 9, (byte) protocol).putInt(IP + 12, 0x0A000202).putInt(IP + 16, 0x0A00020F);
    }

    private static void writeUdp(ByteBuffer frame, int length) {
        writeIp(frame, length, 17);
        frame.putInt(UDP, 5000 << 16 | 5001).putShort(UDP + 4, (short) (length - UDP)).putShort(UDP + 6, (short) 1);
    }

    /** Frames with a UDP checksum to insert, each in a descriptor of its own. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long transmit(Plain state) {
        for (int i = 0; i < BATCH; i++) {
            state.rings.put(E1000Rings.TRANSMIT_BUFFER, state.bytes | DATA | EXTENDED | EOP | RS | TRANSPORT_CHECKSUM);
        }
        return check(state.rings);
    }

    /** Frames whose checksums the NIC checks. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long receive(Plain state) {
        for (int i = 0; i < BATCH; i++) {
            if (!state.rings.arrive(state.frame)) {
                throw new IllegalStateException("full");
            }
        }
        return state.rings.take();
    }

    /** Frames that the NIC makes of 64 KiB by segmentation, with checksums inserted. */
    @Benchmark
    @OperationsPerInvocation(SEGMENTS)
    public long transmitCut(Uncut state) {
        for (int page = 0; page < LONGEST; page += 4096) {
            long end = page + 4096 == LONGEST ? EOP | RS : 0;
            state.rings.put(E1000Rings.TRANSMIT_BUFFER + page, 4096 | DATA | EXTENDED | TSE | end | BOTH_CHECKSUMS);
        }
        return check(state.rings);
    }

    private static long check(E1000Rings rings) {
        long frames = rings.send();
        if ((rings.lastStatus() & 1) == 0) {
            throw new IllegalStateException("not sent");
        }
        return frames;
    }
}

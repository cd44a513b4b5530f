package jkvm.host.usernet;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * Puts fragments of IPv4 and IPv6 packets together again. A packet whose fragments overlap is dropped whole (RFC 5722);
 * one that is not complete after five seconds, or that is the oldest when there are too many, is forgotten.
 */
final class Reassembler {
    static final int MAX_PACKETS = 16;
    private static final int MAX_LENGTH = 65535;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(5);

    /** The oldest first. */
    private final List<Partial> partials = new ArrayList<>();
    private final List<Partial> unused = new ArrayList<>();
    private long dropped;

    private static final class Partial {
        final FlowKey key;
        final ByteBuffer bytes;
        /** Which units of eight bytes are there. */
        final BitSet present = new BitSet(MAX_LENGTH / 8 + 1);
        long begun;
        int total;
        int received;

        Partial(FlowKey key, ByteBuffer bytes) {
            this.key = key;
            this.bytes = bytes;
        }
    }

    /**
     * Takes the fragment that {@code packet} is; if the packet is complete with it, {@code packet} is the whole
     * afterwards.
     *
     * @param identification with the addresses and the protocol tells packets apart
     * @param offset         of the fragment in the packet, in bytes, a multiple of 8
     * @return true if the packet is complete
     */
    boolean add(Packet packet, int identification, int offset, boolean more, long now) {
        FlowKey key = new FlowKey().set(packet.srcHi, packet.srcLo, packet.protocol, packet.dstHi, packet.dstLo,
                identification);
        int end = offset + packet.length;
        if (packet.length == 0 || end > MAX_LENGTH || more && packet.length % 8 != 0) {
            dropped++;
            return false;
        }
        Partial partial = find(key, now);
        int first = offset / 8;
        int last = (end + 7) / 8;
        int overlap = partial.present.nextSetBit(first);
        boolean pastEnd = partial.total > 0 && (end > partial.total || !more);
        boolean beforeOthers = !more && partial.present.length() > last;
        if (overlap >= 0 && overlap < last || pastEnd || beforeOthers) {
            drop(partial);
            return false;
        }
        partial.present.set(first, last);
        partial.bytes.put(offset, packet.data, packet.start, packet.length);
        partial.received += packet.length;
        if (!more) {
            partial.total = end;
        }
        if (partial.received != partial.total) {
            return false;
        }
        packet.data = partial.bytes;
        packet.start = 0;
        packet.length = partial.total;
        packet.trusted = false;
        forget(partial);
        return true;
    }

    private Partial find(FlowKey key, long now) {
        while (!partials.isEmpty() && now - partials.getFirst().begun > TIMEOUT_NANOS) {
            drop(partials.getFirst());
        }
        for (Partial partial : partials) {
            if (partial.key.equals(key)) {
                return partial;
            }
        }
        if (partials.size() >= MAX_PACKETS) {
            drop(partials.getFirst());
        }
        ByteBuffer bytes = unused.isEmpty() ? ByteBuffer.allocate(MAX_LENGTH) : unused.removeLast().bytes;
        Partial partial = new Partial(key, bytes);
        partial.begun = now;
        partials.add(partial);
        return partial;
    }

    private void drop(Partial partial) {
        dropped++;
        forget(partial);
    }

    /** The bytes stay as they are until the next packet begins. */
    private void forget(Partial partial) {
        partials.remove(partial);
        unused.add(partial);
    }

    int size() {
        return partials.size();
    }

    /** Packets whose fragments do not fit together or are not all there, and fragments that fit no packet. */
    long dropped() {
        return dropped;
    }
}

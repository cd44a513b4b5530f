package jkvm.device.e1000;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** A copy of a context descriptor (manual section 3.3.6): where checksums lie, and how to segment. */
final class TransmitContext {
    private static final int COMMAND_TCP_BIT = 1 << 24;
    private static final int COMMAND_IP_BIT = 1 << 25;
    static final int COMMAND_TSE_BIT = 1 << 26;

    private long offsets;
    private long lengths;

    void set(long firstHalf, long secondHalf) {
        offsets = firstHalf;
        lengths = secondHalf;
    }

    void copyFrom(TransmitContext other) {
        set(other.offsets, other.lengths);
    }

    private int offset(int shift, int mask) {
        return (int) (offsets >>> shift) & mask;
    }

    /** Where the IP header starts. */
    int ipStart() {
        return offset(0, 0xFF);
    }

    int ipChecksum() {
        return offset(8, 0xFF);
    }

    /** The last byte that the IP checksum covers; 0 for the frame's last. */
    int ipEnd() {
        return offset(16, 0xFFFF);
    }

    /** Where the TCP or UDP header starts. */
    int transportStart() {
        return offset(32, 0xFF);
    }

    int transportChecksum() {
        return offset(40, 0xFF);
    }

    /** The last byte that the TCP or UDP checksum covers; 0 for the frame's last. */
    int transportEnd() {
        return offset(48, 0xFFFF);
    }

    boolean isTcp() {
        return (lengths & COMMAND_TCP_BIT) != 0;
    }

    boolean isIpv4() {
        return (lengths & COMMAND_IP_BIT) != 0;
    }

    int headerLength() {
        return (int) (lengths >>> 40) & 0xFF;
    }

    /** Payload bytes of each segment. */
    int segmentSize() {
        return (int) (lengths >>> 48) & 0xFFFF;
    }

    void save(StateWriter out) {
        out.putLong("context-offsets", offsets);
        out.putLong("context-lengths", lengths);
    }

    void load(StateReader in) {
        offsets = in.getLong("context-offsets");
        lengths = in.getLong("context-lengths");
    }
}

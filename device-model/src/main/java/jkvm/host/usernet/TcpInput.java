package jkvm.host.usernet;

/**
 * One flow's input from the guest: the expected sequence numbers and the window, which is the free space of the ring.
 */
final class TcpInput {
    private static final int SCALE = 4;

    private final ByteRing bytes;
    /** The sequence number that comes next. */
    private int next;
    /** The first number that the guest may not send. */
    private int advertised;
    private int scale = SCALE;

    TcpInput(ByteRing bytes) {
        this.bytes = bytes;
    }

    /** Takes the guest's SYN. */
    void begin(TcpSegment syn) {
        next = syn.sequence + 1;
        advertised = next;
        scale = syn.scale < 0 ? 0 : SCALE;
    }

    int next() {
        return next;
    }

    boolean isInWindow(TcpSegment segment) {
        int offset = segment.sequence - next;
        return offset >= 0 && offset <= bytes.free();
    }

    /** How many bytes at the segment's begin are there already; negative if some are missing before it. */
    int skip(TcpSegment segment) {
        return next - segment.sequence;
    }

    void advance(int count) {
        next += count;
    }

    /** The window field; the window never shrinks (RFC 9293, section 3.8.6.2.2). */
    int window() {
        int free = Math.max(bytes.free(), advertised - next);
        int field = Math.min(free >> scale, 0xffff);
        advertised = next + (field << scale);
        return field;
    }

    /** The window field of a SYN, which is not scaled. */
    int synWindow() {
        int free = Math.min(bytes.free(), 0xffff);
        advertised = next + free;
        return free;
    }

    /** The scale option's value; -1 if there is to be none. */
    int scaleOption() {
        return scale > 0 ? scale : -1;
    }
}

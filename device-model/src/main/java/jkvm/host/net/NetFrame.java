package jkvm.host.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A buffer for one Ethernet frame without its checksum, and what is still to be done to it before it may go over a real
 * wire. It is made once and used again and again; its memory is off the heap, so that a system call can take it, and is
 * freed when the object is collected. One thread at a time may use it.
 *
 * <p>The offload fields mean what {@code struct virtio_net_hdr} (VIRTIO 1.2, section 5.1.6) means.
 */
public final class NetFrame {
    /** The longest frame: a 64 KiB IP packet, its Ethernet header and two VLAN tags. */
    public static final int MAX_LENGTH = 65535 + 14 + 8;
    /**
     * Bytes in front of the frame that {@link #memoryWithHeadroom()} has, for a header of an interface. A holder that
     * is given the frame may write there.
     */
    public static final int HEADROOM = 16;
    /** Bytes that follow the longest frame, for padding and the checksum of the wire. */
    public static final int TAILROOM = 64;
    static final int WHOLE_SIZE = HEADROOM + MAX_LENGTH + TAILROOM;
    /** Values of {@link #gsoType()}. */
    public static final int GSO_NONE = 0, GSO_TCPV4 = 1, GSO_TCPV6 = 4;

    private static final int TCP_FLAGS_OFFSET = 13;
    private static final int TCP_CWR_BIT = 0x80;

    private final MemorySegment whole;
    private final MemorySegment memory;
    private final ByteBuffer data;
    private final ByteBuffer dataWithHeadroom;
    private int length;
    private boolean needsChecksum;
    private boolean checksumValid;
    private int checksumStart;
    private int checksumOffset;
    private int gsoType;
    private int gsoSize;
    private int headerLength;

    /** An empty frame with memory of its own. */
    public NetFrame() {
        this(ByteBuffer.allocateDirect(WHOLE_SIZE));
    }

    /** An empty frame in memory that is there, {@link #WHOLE_SIZE} bytes. */
    NetFrame(ByteBuffer buffer) {
        whole = MemorySegment.ofBuffer(buffer);
        memory = whole.asSlice(HEADROOM);
        data = buffer.slice(HEADROOM, MAX_LENGTH + TAILROOM);
        dataWithHeadroom = buffer;
    }

    /**
     * The buffer, {@link #MAX_LENGTH} bytes and {@link #TAILROOM}, from the first byte of the destination address on.
     */
    public MemorySegment memory() {
        return memory;
    }

    /** The buffer from {@link #HEADROOM} bytes before the frame on. */
    public MemorySegment memoryWithHeadroom() {
        return whole;
    }

    /**
     * The same bytes as {@link #memory()}, big-endian. Users leave position and limit as they found them (0 and the
     * capacity) or use absolute access only.
     */
    public ByteBuffer data() {
        return data;
    }

    /** The same bytes as {@link #memoryWithHeadroom()}, with the rules of {@link #data()}. */
    public ByteBuffer dataWithHeadroom() {
        return dataWithHeadroom;
    }

    /** The frame's length in bytes. */
    public int length() {
        return length;
    }

    /**
     * Says how many bytes of the buffer are the frame.
     *
     * @throws IllegalArgumentException if it is negative or above {@link #MAX_LENGTH}
     */
    public void setLength(int value) {
        if (value < 0 || value > MAX_LENGTH) {
            throw new IllegalArgumentException("frame length " + value);
        }
        length = value;
    }

    /** Forgets all offload fields: the frame is finished. */
    public void clearOffload() {
        needsChecksum = false;
        checksumValid = false;
        checksumStart = 0;
        checksumOffset = 0;
        gsoType = GSO_NONE;
        gsoSize = 0;
        headerLength = 0;
    }

    /** True if something is to be done before the frame may go over a real wire. */
    public boolean hasOffload() {
        return needsChecksum || gsoType != GSO_NONE;
    }

    /**
     * The checksum at {@code start + offset} holds the pseudo-header's sum only; it is to be computed from {@code
     * start} to the end of the frame. Nothing is checked here: a frame may come from a hostile guest, and who works on
     * it checks.
     */
    public void setChecksum(int start, int offset) {
        needsChecksum = true;
        checksumStart = start;
        checksumOffset = offset;
    }

    public boolean needsChecksum() {
        return needsChecksum;
    }

    /** True if the frame's sender has checked its checksums. */
    public boolean isChecksumValid() {
        return checksumValid;
    }

    public void setChecksumValid(boolean valid) {
        checksumValid = valid;
    }

    public int checksumStart() {
        return checksumStart;
    }

    public int checksumOffset() {
        return checksumOffset;
    }

    /**
     * The frame is to be segmented into several. Its IP header's length field holds the length of the whole, as Linux
     * writes it.
     *
     * @param type         {@link #GSO_TCPV4} or {@link #GSO_TCPV6}; others are refused by who works on the frame
     * @param size         payload bytes of each
     * @param headerLength bytes from the frame's start to its TCP payload, a hint
     */
    public void setGso(int type, int size, int headerLength) {
        gsoType = type;
        gsoSize = size;
        this.headerLength = headerLength;
    }

    public int gsoType() {
        return gsoType;
    }

    public int gsoSize() {
        return gsoSize;
    }

    public int headerLength() {
        return headerLength;
    }

    /**
     * True if the frame is to be segmented and says that its sender has slowed down (CWR, RFC 3168): only the first of
     * the segments may say so, which not every segmenter knows.
     */
    public boolean isCongestionMarked() {
        int flags = checksumStart + TCP_FLAGS_OFFSET;
        return gsoType != GSO_NONE && needsChecksum && flags < length && (data.get(flags) & TCP_CWR_BIT) != 0;
    }

    /** Takes over another frame's bytes and offload fields. */
    public void copyFrom(NetFrame other) {
        MemorySegment.copy(other.memory, 0, memory, 0, other.length);
        length = other.length;
        copyOffload(other);
    }

    /**
     * Writes the frame and its offload fields.
     *
     * @param name of it, among other fields of its owner
     */
    public void save(StateWriter out, String name) {
        byte[] bytes = new byte[length];
        data.get(0, bytes);
        out.putBytes(name, bytes);
        out.putBoolean(name + ".needsChecksum", needsChecksum);
        out.putBoolean(name + ".checksumValid", checksumValid);
        out.putInt(name + ".checksumStart", checksumStart);
        out.putInt(name + ".checksumOffset", checksumOffset);
        out.putInt(name + ".gsoType", gsoType);
        out.putInt(name + ".gsoSize", gsoSize);
        out.putInt(name + ".headerLength", headerLength);
    }

    /** Takes over what {@link #save} wrote. The offload fields are as little to be trusted as a guest's. */
    public void load(StateReader in, String name) {
        byte[] bytes = in.getBytes(name, -1);
        if (bytes.length > MAX_LENGTH) {
            throw new StateException("a frame of " + bytes.length + " bytes");
        }
        data.put(0, bytes);
        length = bytes.length;
        needsChecksum = in.getBoolean(name + ".needsChecksum");
        checksumValid = in.getBoolean(name + ".checksumValid");
        checksumStart = in.getInt(name + ".checksumStart", 0, 0xFFFF);
        checksumOffset = in.getInt(name + ".checksumOffset", 0, 0xFFFF);
        gsoType = in.getInt(name + ".gsoType", 0, 0xFF);
        gsoSize = in.getInt(name + ".gsoSize", 0, 0xFFFF);
        headerLength = in.getInt(name + ".headerLength", 0, MAX_LENGTH);
    }

    /** Takes over another frame's offload fields. */
    public void copyOffload(NetFrame other) {
        needsChecksum = other.needsChecksum;
        checksumValid = other.checksumValid;
        checksumStart = other.checksumStart;
        checksumOffset = other.checksumOffset;
        gsoType = other.gsoType;
        gsoSize = other.gsoSize;
        headerLength = other.headerLength;
    }
}

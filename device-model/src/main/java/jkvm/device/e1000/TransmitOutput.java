package jkvm.device.e1000;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jkvm.host.net.InternetChecksum;
import jkvm.host.net.NetFrame;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Makes frames of one assembled packet: segments it (manual section 3.5), inserts checksums and a VLAN tag, and pads.
 * It holds the packet until all of its frames are sent. No offset in a context is trusted. Guarded by the device's
 * lock.
 */
final class TransmitOutput {
    static final int IP_CHECKSUM_BIT = 1;
    static final int TRANSPORT_CHECKSUM_BIT = 2;
    /** The longest frame that the chip handles, without its checksum. */
    static final int MAX_FRAME = 16384;
    /** The most segments made right from the guest's buffers: those of 64 KiB on an ordinary wire. */
    private static final int MAX_DIRECT = 64;
    private static final int NO_TAG = -1;
    private static final int MIN_FRAME = 60;
    private static final int ADDRESSES_SIZE = 12;
    private static final int TAG_SIZE = 4;
    private static final int IPV4_HEADER = 20;
    private static final int IPV6_HEADER = 40;
    private static final int TCP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int UDP_CHECKSUM = 6;
    private static final int PSH_FIN_BITS = 9;

    private final FrameSink sink;
    private final Statistics statistics;
    private final RegisterFile registers;
    /** A packet to be segmented, as long as it is read from where the guest has it; else it is in {@link #packet}. */
    private final GuestPieces pieces;
    /** For packets that are segmented, and while the sink has no buffer. */
    private final NetFrame ownPacket = new NetFrame();
    private final NetFrame ownSegment = new NetFrame();
    private NetFrame packet = ownPacket;
    private NetFrame segment = ownSegment;
    private final TransmitContext context = new TransmitContext();
    private int checksums;
    private boolean cutting;
    private int tag = NO_TAG;
    private boolean pending;
    /** The next frame is made: it lies in {@link #segment} if cutting, else in {@link #packet}. */
    private boolean prepared;
    /** Where in the packet the payload of the next segment begins, and how many were made before. */
    private int position;
    private int segments;
    private long dropped;

    TransmitOutput(RegisterFile registers, Statistics statistics, GuestMemory memory, FrameSink sink) {
        this.registers = registers;
        this.pieces = new GuestPieces(memory);
        this.statistics = statistics;
        this.sink = sink;
    }

    /**
     * A packet begins. One that is not segmented is gathered where it is sent from, the payload of one that is in each
     * segment.
     *
     * @param cut whether it will be segmented
     */
    void open(boolean cut) {
        NetFrame buffer = cut ? ownPacket : claimOr(ownPacket);
        // Often it is the same again, and to write a reference costs more than to compare it: a collector's barrier.
        if (buffer != packet) {
            packet = buffer;
        }
    }

    private NetFrame claimOr(NetFrame own) {
        NetFrame buffer = sink.claim();
        return buffer == null ? own : buffer;
    }

    /**
     * A buffer of a packet that will be segmented, to be read when it is.
     *
     * @param at where it is in the packet
     * @return false if it is to be gathered into {@link #packet()} instead
     */
    boolean defer(long address, int length, int at) {
        if (pieces.isFull()) {
            keep();
        }
        if (pieces.total() != at) {
            return false;
        }
        pieces.add(address, length);
        return true;
    }

    /** The guest gets its buffers back: reads the rest of what is in them. */
    void keep() {
        if (!pieces.isEmpty()) {
            int at = pieces.position();
            pieces.read(packet.memory(), at, pieces.total() - at);
            pieces.clear();
        }
    }

    /** The packet to be; written by the assembler while nothing is pending. */
    NetFrame packet() {
        return packet;
    }

    /** Frames are still to be sent. */
    boolean isPending() {
        return pending;
    }

    /** Packets that were not sent because their descriptors made no sense. */
    long dropped() {
        return dropped;
    }

    void drop() {
        dropped++;
        pieces.clear();
    }

    /** The packet carries this tag, whatever else is done to it. Forgotten with the packet. */
    void setTag(int newTag) {
        tag = newTag & 0xFFFF;
    }

    /** The packet is whole: insert one checksum as a legacy descriptor asks for, or none. */
    void beginLegacy(boolean checksum, int start, int field) {
        begin(false);
        if (checksum && !insertChecksum(packet, start, field, 0)) {
            abandon();
        }
    }

    /** The packet is whole: do what its context and options ask for. */
    void begin(TransmitContext newContext, int newChecksums, boolean cut) {
        context.copyFrom(newContext);
        checksums = newChecksums;
        begin(cut);
        if (cut ? !canCut() : pending && !insertChecksums(packet)) {
            if (cut) {
                statistics.count(Statistics.TSCTFC_OFFSET);
            }
            abandon();
        }
    }

    /** The packet to be segmented has begun: sends the segments that can be made right from the guest's buffers. */
    void segment() {
        if (!pending) {
            pieces.clear();
            return;
        }
        if (!pieces.isEmpty()) {
            pieces.read(packet.memory(), 0, context.headerLength());
        }
        pump(MAX_DIRECT);
        keep();
    }

    private void begin(boolean cut) {
        cutting = cut;
        prepared = false;
        segments = 0;
        position = context.headerLength();
        pending = true;
        if (!cut && (packet.length() == 0 || packet.length() > MAX_FRAME)) {
            abandon();
        }
    }

    private void abandon() {
        if (pending) {
            dropped++;
        }
        finish();
    }

    private void finish() {
        pending = false;
        prepared = false;
        tag = NO_TAG;
    }

    /** Whether all that segmentation changes lies inside the header, and each segment advances in the packet. */
    private boolean canCut() {
        int header = context.headerLength();
        int payload = packet.length() - header;
        int size = context.segmentSize();
        int ipHeader = context.isIpv4() ? IPV4_HEADER : IPV6_HEADER;
        int transportHeader = context.isTcp() ? TCP_HEADER : UDP_HEADER;
        return header > 0 && size > 0 && payload >= 0 && header + Math.min(size, payload) <= MAX_FRAME
                && context.ipStart() + ipHeader <= header && context.transportStart() + transportHeader <= header
                && context.ipStart() + ipHeader <= context.transportStart()
                && ((checksums & IP_CHECKSUM_BIT) == 0 || context.ipChecksum() + Short.BYTES <= header)
                && ((checksums & TRANSPORT_CHECKSUM_BIT) == 0 || context.transportChecksum() + Short.BYTES <= header);
    }

    /**
     * Sends what is pending, at most {@code limit} frames.
     *
     * @return false if the sink has no room
     */
    boolean pump(int limit) {
        for (int i = 0; i < limit && pending; i++) {
            if (!prepared) {
                prepare();
            }
            NetFrame frame = cutting ? segment : packet;
            if (!sink.send(frame, frame != ownPacket && frame != ownSegment)) {
                return false;
            }
            ByteBuffer data = frame.data();
            boolean broadcast = Filters.isBroadcast(data);
            statistics.sent(frame.length(), Filters.isMulticast(data), broadcast);
            prepared = false;
            segments++;
            position += context.segmentSize();
            if (!cutting || position >= packet.length()) {
                if (cutting && segments > 1) {
                    statistics.count(Statistics.TSCTC_OFFSET);
                }
                finish();
            }
        }
        return true;
    }

    private void prepare() {
        NetFrame frame = packet;
        if (cutting) {
            frame = claimOr(ownSegment);
            if (frame != segment) {
                segment = frame;
            }
            cut();
        }
        frame.clearOffload();
        int length = frame.length();
        if ((registers.get(RegisterMap.TCTL_OFFSET) & RegisterMap.TCTL_PSP_BIT) != 0 && length < MIN_FRAME) {
            for (int i = length; i < MIN_FRAME; i++) {
                frame.data().put(i, (byte) 0);
            }
            frame.setLength(MIN_FRAME);
        }
        if (tag != NO_TAG && frame.length() >= ADDRESSES_SIZE) {
            insertTag(frame);
        }
        prepared = true;
    }

    private void insertTag(NetFrame frame) {
        int rest = frame.length() - ADDRESSES_SIZE;
        MemorySegment.copy(frame.memory(), ADDRESSES_SIZE, frame.memory(), ADDRESSES_SIZE + TAG_SIZE, rest);
        frame.data().putShort(ADDRESSES_SIZE, (short) registers.get(RegisterMap.VET_OFFSET));
        frame.data().putShort(ADDRESSES_SIZE + Short.BYTES, (short) tag);
        frame.setLength(frame.length() + TAG_SIZE);
    }

    /** Makes the next segment: the header, brought up to date, and the next piece of payload. */
    private void cut() {
        int header = context.headerLength();
        int size = Math.min(context.segmentSize(), packet.length() - position);
        MemorySegment.copy(packet.memory(), 0, segment.memory(), 0, header);
        if (pieces.isEmpty()) {
            MemorySegment.copy(packet.memory(), position, segment.memory(), header, size);
        } else {
            pieces.read(segment.memory(), header, size);
        }
        int length = header + size;
        segment.setLength(length);
        ByteBuffer data = segment.data();
        int ip = context.ipStart();
        if (context.isIpv4()) {
            data.putShort(ip + 2, (short) (length - ip));
            data.putShort(ip + 4, (short) (data.getShort(ip + 4) + segments));
        } else {
            data.putShort(ip + 4, (short) (length - ip - IPV6_HEADER));
        }
        int transport = context.transportStart();
        if (context.isTcp()) {
            data.putInt(transport + 4, data.getInt(transport + 4) + position - header);
            if (position + size < packet.length()) {
                data.put(transport + 13, (byte) (data.get(transport + 13) & ~PSH_FIN_BITS));
            }
        } else {
            data.putShort(transport + 4, (short) (length - transport));
        }
        if ((checksums & TRANSPORT_CHECKSUM_BIT) != 0) {
            // The driver leaves the pseudo-header's sum there without the length, which only now is known.
            int field = context.transportChecksum();
            data.putShort(field, (short) InternetChecksum.fold((data.getShort(field) & 0xFFFF) + length - transport));
        }
        insertChecksums(segment);
    }

    private boolean insertChecksums(NetFrame frame) {
        return ((checksums & TRANSPORT_CHECKSUM_BIT) == 0 || insertChecksum(frame, context.transportStart(),
                context.transportChecksum(), context.transportEnd()))
                && ((checksums & IP_CHECKSUM_BIT) == 0
                || insertChecksum(frame, context.ipStart(), context.ipChecksum(), context.ipEnd()));
    }

    /** @return false if that does not fit the frame, which then is as it was */
    private static boolean insertChecksum(NetFrame frame, int start, int field, int last) {
        int end = last != 0 && last < frame.length() ? last + 1 : frame.length();
        if (start >= end || field + Short.BYTES > frame.length()) {
            return false;
        }
        long sum = InternetChecksum.add(0, frame.data(), start, end - start);
        boolean udp = field - start == UDP_CHECKSUM;
        int checksum = udp ? InternetChecksum.finishNonZero(sum) : InternetChecksum.finish(sum);
        frame.data().putShort(field, (short) checksum);
        return true;
    }

    void reset() {
        finish();
        pieces.clear();
        packet = ownPacket;
        packet.setLength(0);
        context.set(0, 0);
        checksums = 0;
        cutting = false;
        position = 0;
        segments = 0;
    }

    void save(StateWriter out) {
        out.putBytes("packet", pending ? bytes(packet) : new byte[0]);
        out.putBytes("segment", pending && cutting ? bytes(segment) : new byte[0]);
        context.save(out);
        out.putInt("checksums", checksums);
        out.putBoolean("cutting", cutting);
        out.putInt("tag", tag);
        out.putBoolean("pending", pending);
        out.putBoolean("prepared", prepared);
        out.putInt("position", position);
        out.putInt("segments", segments);
    }

    private static byte[] bytes(NetFrame frame) {
        byte[] bytes = new byte[frame.length()];
        frame.data().get(0, bytes);
        return bytes;
    }

    void load(StateReader in) {
        packet = ownPacket;
        segment = ownSegment;
        load(packet, in.getBytes("packet", -1));
        load(segment, in.getBytes("segment", -1));
        context.load(in);
        checksums = in.getInt("checksums", 0, 3);
        cutting = in.getBoolean("cutting");
        tag = in.getInt("tag", NO_TAG, 0xFFFF);
        pending = in.getBoolean("pending");
        prepared = in.getBoolean("prepared");
        position = in.getInt("position", 0, NetFrame.MAX_LENGTH);
        segments = in.getInt("segments", 0, NetFrame.MAX_LENGTH);
        if (pending && cutting && (!canCut() || position < context.headerLength() || position > packet.length())) {
            finish();
        }
    }

    private static void load(NetFrame frame, byte[] bytes) {
        int length = Math.min(bytes.length, NetFrame.MAX_LENGTH - TAG_SIZE);
        frame.data().put(0, bytes, 0, length);
        frame.setLength(length);
    }
}

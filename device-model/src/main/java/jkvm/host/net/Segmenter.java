package jkvm.host.net;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import jkvm.state.StateException;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Does in software what a frame's offload fields ask for: completes its checksum and segments it into finished frames.
 * Used for one frame after the other, by one thread at a time; the frame may not change in between.
 */
public final class Segmenter {
    private static final int TYPE_OFFSET = 12;
    private static final int TYPE_IPV4 = 0x0800, TYPE_IPV6 = 0x86dd, TYPE_VLAN = 0x8100, TYPE_QINQ = 0x88a8;
    private static final int PROTOCOL_TCP = 6, UDP_CHECKSUM_OFFSET = 6;
    private static final int FIN_BIT = 1, PSH_BIT = 8, CWR_BIT = 0x80;

    private NetFrame frame;
    private int ipStart;
    private int tcpStart;
    private int payloadStart;
    private int position;
    private int segment;

    /** One that has no frame yet. */
    public Segmenter() {
    }

    /**
     * Begins with a frame.
     *
     * @return false if its offload fields do not fit its content: it is to be dropped
     */
    public boolean begin(NetFrame source) {
        frame = source;
        segment = 0;
        position = 0;
        if (source.gsoType() == NetFrame.GSO_NONE) {
            int field = source.checksumStart() + source.checksumOffset();
            return !source.needsChecksum() || field + 2 <= source.length();
        }
        return source.gsoSize() > 0 && findHeaders(source.data(), source.length(), source.gsoType());
    }

    private boolean findHeaders(ByteBuffer data, int length, int gsoType) {
        int typeAt = TYPE_OFFSET;
        int type = 0;
        for (int tags = 0; tags <= 2 && typeAt + 2 <= length; tags++) {
            type = data.getShort(typeAt) & 0xffff;
            if (type != TYPE_VLAN && type != TYPE_QINQ) {
                break;
            }
            typeAt += 4;
        }
        ipStart = typeAt + 2;
        boolean v4 = gsoType == NetFrame.GSO_TCPV4;
        if (!v4 && gsoType != NetFrame.GSO_TCPV6 || type != (v4 ? TYPE_IPV4 : TYPE_IPV6)
                || ipStart + (v4 ? 20 : 40) > length) {
            return false;
        }
        int headerSize = v4 ? (data.get(ipStart) & 15) * 4 : 40;
        int protocol = data.get(ipStart + (v4 ? 9 : 6)) & 0xff;
        tcpStart = ipStart + headerSize;
        if (headerSize < 20 || protocol != PROTOCOL_TCP || tcpStart + 20 > length) {
            return false;
        }
        int tcpHeader = (data.get(tcpStart + 12) >> 4 & 15) * 4;
        payloadStart = tcpStart + tcpHeader;
        position = payloadStart;
        return tcpHeader >= 20 && payloadStart < length && length - ipStart <= 0xffff;
    }

    /**
     * Writes the next finished frame.
     *
     * @return false if there is none left
     */
    public boolean next(NetFrame into) {
        if (frame == null || position >= frame.length() && segment > 0) {
            frame = null;
            return false;
        }
        into.clearOffload();
        if (frame.gsoType() == NetFrame.GSO_NONE) {
            completeChecksum(into);
            position = frame.length();
        } else {
            cut(into);
        }
        segment++;
        return true;
    }

    /** Writes how far it is with its frame, which its owner saves. */
    public void save(StateWriter out) {
        out.putBoolean("cutting", frame != null);
        out.putInt("position", position);
        out.putInt("segment", segment);
    }

    /**
     * Goes on with a frame where {@link #save} was.
     *
     * @throws StateException if the frame cannot be the one
     */
    public void load(StateReader in, NetFrame source) {
        boolean cutting = in.getBoolean("cutting");
        int at = in.getInt("position", 0, NetFrame.MAX_LENGTH);
        int next = in.getInt("segment", 0, NetFrame.MAX_LENGTH);
        if (cutting && (!begin(source) || at < position || at > source.length())) {
            throw new StateException("a frame that cannot be segmented at " + at);
        }
        frame = cutting ? source : null;
        position = at;
        segment = next;
    }

    private void completeChecksum(NetFrame into) {
        int length = frame.length();
        MemorySegment.copy(frame.memory(), 0, into.memory(), 0, length);
        into.setLength(length);
        if (frame.needsChecksum()) {
            int start = frame.checksumStart();
            long sum = InternetChecksum.add(0, into.data(), start, length - start);
            // Right for TCP too: there 0xffff and 0 are the same sum.
            boolean udp = frame.checksumOffset() == UDP_CHECKSUM_OFFSET;
            int checksum = udp ? InternetChecksum.finishNonZero(sum) : InternetChecksum.finish(sum);
            into.data().putShort(start + frame.checksumOffset(), (short) checksum);
        }
    }

    private void cut(NetFrame into) {
        int size = Math.min(frame.gsoSize(), frame.length() - position);
        MemorySegment.copy(frame.memory(), 0, into.memory(), 0, payloadStart);
        MemorySegment.copy(frame.memory(), position, into.memory(), payloadStart, size);
        int length = payloadStart + size;
        into.setLength(length);
        ByteBuffer data = into.data();
        boolean v4 = frame.gsoType() == NetFrame.GSO_TCPV4;
        if (v4) {
            data.putShort(ipStart + 2, (short) (length - ipStart));
            data.putShort(ipStart + 4, (short) (data.getShort(ipStart + 4) + segment));
            data.putShort(ipStart + 10, (short) 0);
            long sum = InternetChecksum.add(0, data, ipStart, tcpStart - ipStart);
            data.putShort(ipStart + 10, (short) InternetChecksum.finish(sum));
        } else {
            data.putShort(ipStart + 4, (short) (length - tcpStart));
        }
        data.putInt(tcpStart + 4, data.getInt(tcpStart + 4) + position - payloadStart);
        boolean last = position + size >= frame.length();
        int flags = data.get(tcpStart + 13) & (last ? 0xff : ~(FIN_BIT | PSH_BIT)) & (segment > 0 ? ~CWR_BIT : 0xff);
        data.put(tcpStart + 13, (byte) flags);
        data.putShort(tcpStart + 16, (short) 0);
        int addresses = v4 ? 8 : 32;
        long sum = PROTOCOL_TCP + length - tcpStart;
        sum = InternetChecksum.add(sum, data, ipStart + (v4 ? 12 : 8), addresses);
        sum = InternetChecksum.add(sum, data, tcpStart, length - tcpStart);
        data.putShort(tcpStart + 16, (short) InternetChecksum.finish(sum));
        position += size;
    }
}

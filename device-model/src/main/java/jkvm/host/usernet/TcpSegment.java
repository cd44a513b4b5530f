package jkvm.host.usernet;

import java.nio.ByteBuffer;

/** A TCP segment from the guest, taken apart (RFC 9293, section 3.1); one object is used for all. */
final class TcpSegment {
    static final int FIN = 1, SYN = 2, RST = 4, PSH = 8, ACK = 16;
    static final int HEADER = 20;
    private static final int OPTION_END = 0, OPTION_NOP = 1, OPTION_MSS = 2, OPTION_SCALE = 3;
    /** The segment size for a host that announces none (RFC 9293, section 3.7.1). */
    private static final int DEFAULT_MSS = 536;
    private static final int MAX_SCALE = 14;

    ByteBuffer data;
    int sourcePort;
    int destinationPort;
    int sequence;
    int acknowledgement;
    int flags;
    int window;
    int payloadStart;
    int payloadLength;
    int mss;
    /** Bits to shift later windows by; -1 if the segment has no such option. */
    int scale;

    /** @return false if the packet is no TCP segment */
    boolean parse(Packet packet) {
        data = packet.data;
        int at = packet.start;
        if (packet.length < HEADER) {
            return false;
        }
        int header = (data.get(at + 12) >> 4 & 15) * 4;
        if (header < HEADER || header > packet.length || !packet.isChecksumRight()) {
            return false;
        }
        sourcePort = data.getShort(at) & 0xffff;
        destinationPort = data.getShort(at + 2) & 0xffff;
        sequence = data.getInt(at + 4);
        acknowledgement = data.getInt(at + 8);
        flags = data.get(at + 13) & 0x3f;
        window = data.getShort(at + 14) & 0xffff;
        payloadStart = at + header;
        payloadLength = packet.length - header;
        mss = DEFAULT_MSS;
        scale = -1;
        if (has(SYN)) {
            parseOptions(at + HEADER, at + header);
        }
        return sourcePort != 0 && destinationPort != 0;
    }

    private void parseOptions(int from, int end) {
        int at = from;
        while (at < end && data.get(at) != OPTION_END) {
            if (data.get(at) == OPTION_NOP) {
                at++;
                continue;
            }
            int size = at + 1 < end ? data.get(at + 1) & 0xff : 0;
            if (size < 2 || at + size > end) {
                return;
            }
            if (data.get(at) == OPTION_MSS && size == 4) {
                mss = Math.max(64, data.getShort(at + 2) & 0xffff);
            } else if (data.get(at) == OPTION_SCALE && size == 3) {
                scale = Math.min(MAX_SCALE, data.get(at + 2) & 0xff);
            }
            at += size;
        }
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    /** The sequence numbers that the segment takes. */
    int sequenceLength() {
        return payloadLength + (has(SYN) ? 1 : 0) + (has(FIN) ? 1 : 0);
    }
}

package jkvm.device.e1000;

import java.nio.ByteBuffer;
import jkvm.host.net.InternetChecksum;

/**
 * Checks the checksums of what arrives and tells the driver so, and sums it up (manual sections 3.2.3 and 3.2.9). Goes
 * over a packet's bytes once at most: what the check has found counts for the sum, too. Guarded by the device's lock.
 */
final class ReceiveChecksum {
    static final int STATUS_IXSM_BIT = 1 << 2;
    static final int STATUS_TCPCS_BIT = 1 << 5;
    static final int STATUS_IPCS_BIT = 1 << 6;
    static final int ERROR_TCPE_BIT = 1 << 5;
    static final int ERROR_IPE_BIT = 1 << 6;
    private static final int ERROR_SHIFT = 8;

    private static final int TYPE_OFFSET = 12;
    private static final int TAGGED_TYPE_OFFSET = 16;
    private static final int TYPE_IPV4 = 0x0800;
    private static final int TYPE_VLAN = 0x8100;
    private static final int TCP = 6;
    private static final int UDP = 17;
    private static final int UDP_CHECKSUM_OFFSET = 6;
    private static final int GOOD = 0xFFFF;

    private ByteBuffer frame;
    private int length;
    /** Where the bytes begin whose sum is known; they go up to the frame's end. */
    private int knownStart;
    private int knownSum;

    /**
     * Looks at a frame.
     *
     * @param control RXCSUM
     * @param trusted the sender vouches for the checksums
     * @return bits of a descriptor's status byte, and above them of its error byte
     */
    int check(ByteBuffer newFrame, int newLength, int control, boolean trusted) {
        frame = newFrame;
        length = newLength;
        knownStart = newLength;
        knownSum = 0;
        int type = length >= TYPE_OFFSET + 2 ? frame.getShort(TYPE_OFFSET) & 0xFFFF : 0;
        int ip = TYPE_OFFSET + 2;
        if (type == TYPE_VLAN && length >= TAGGED_TYPE_OFFSET + 2) {
            type = frame.getShort(TAGGED_TYPE_OFFSET) & 0xFFFF;
            ip = TAGGED_TYPE_OFFSET + 2;
        }
        boolean checksIp = (control & RegisterMap.RXCSUM_IPOFL_BIT) != 0;
        boolean checksTransport = (control & RegisterMap.RXCSUM_TUOFL_BIT) != 0;
        if (type != TYPE_IPV4 || !checksIp && !checksTransport || ip + 20 > length) {
            return STATUS_IXSM_BIT;
        }
        int header = (frame.get(ip) & 0xF) * 4;
        int total = frame.getShort(ip + 2) & 0xFFFF;
        if (frame.get(ip) >>> 4 != 4 || header < 20 || total < header || ip + total > length) {
            return STATUS_IXSM_BIT;
        }
        int result = 0;
        if (checksIp) {
            boolean good = trusted || InternetChecksum.fold(InternetChecksum.add(0, frame, ip, header)) == GOOD;
            result |= STATUS_IPCS_BIT | (good ? 0 : ERROR_IPE_BIT << ERROR_SHIFT);
        }
        return checksTransport ? result | checkTransport(ip, header, total, trusted) : result;
    }

    private int checkTransport(int ip, int header, int total, boolean trusted) {
        int protocol = frame.get(ip + 9) & 0xFF;
        int start = ip + header;
        int size = total - header;
        boolean fragment = (frame.getShort(ip + 6) & 0x3FFF) != 0;
        boolean tcp = protocol == TCP && size >= 20;
        boolean udp = protocol == UDP && size >= 8 && frame.getShort(start + UDP_CHECKSUM_OFFSET) != 0;
        if (fragment || !tcp && !udp) {
            return 0;
        }
        int pseudo = InternetChecksum.fold(InternetChecksum.add(protocol + size, frame, ip + 12, 8));
        // Of a good packet the sum is known without adding: with the pseudo-header's it makes all ones.
        int sum = trusted ? GOOD - pseudo : InternetChecksum.fold(InternetChecksum.add(0, frame, start, size));
        if (start + size == length) {
            knownStart = start;
            knownSum = sum;
        }
        return STATUS_TCPCS_BIT | (InternetChecksum.fold(pseudo + sum) == GOOD ? 0 : ERROR_TCPE_BIT << ERROR_SHIFT);
    }

    /** The sum of the frame that was looked at last, from {@code first} to its end, folded and not inverted. */
    int sumFrom(int first) {
        // Pairs of bytes that begin at an odd distance are others.
        if (first > knownStart || (knownStart - first) % 2 != 0) {
            return first < length ? InternetChecksum.fold(InternetChecksum.add(0, frame, first, length - first)) : 0;
        }
        return InternetChecksum.fold(InternetChecksum.add(knownSum, frame, first, knownStart - first));
    }
}

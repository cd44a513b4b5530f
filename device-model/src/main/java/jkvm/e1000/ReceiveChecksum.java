package jkvm.e1000;

import java.nio.ByteBuffer;
import jkvm.net.InternetChecksum;

/** Checks the checksums of what arrives, and tells the driver so (manual section 3.2.9). Stateless. */
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

    private ReceiveChecksum() {
    }

    /**
     * Looks at a frame.
     *
     * @param control RXCSUM
     * @param trusted the sender vouches for the checksums
     * @return bits of a descriptor's status byte, and above them of its error byte
     */
    static int check(ByteBuffer frame, int length, int control, boolean trusted) {
        int type = length >= TYPE_OFFSET + 2 ? frame.getShort(TYPE_OFFSET) & 0xFFFF : 0;
        int ip = TYPE_OFFSET + 2;
        if (type == TYPE_VLAN && length >= TAGGED_TYPE_OFFSET + 2) {
            type = frame.getShort(TAGGED_TYPE_OFFSET) & 0xFFFF;
            ip = TAGGED_TYPE_OFFSET + 2;
        }
        boolean checksIp = (control & Registers.RXCSUM_IPOFL_BIT) != 0;
        boolean checksTransport = (control & Registers.RXCSUM_TUOFL_BIT) != 0;
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
            boolean good = trusted || InternetChecksum.fold(InternetChecksum.add(0, frame, ip, header)) == 0xFFFF;
            result |= STATUS_IPCS_BIT | (good ? 0 : ERROR_IPE_BIT << ERROR_SHIFT);
        }
        return checksTransport ? result | checkTransport(frame, ip, header, total, trusted) : result;
    }

    private static int checkTransport(ByteBuffer frame, int ip, int header, int total, boolean trusted) {
        int protocol = frame.get(ip + 9) & 0xFF;
        int start = ip + header;
        int size = total - header;
        boolean fragment = (frame.getShort(ip + 6) & 0x3FFF) != 0;
        boolean tcp = protocol == TCP && size >= 20;
        boolean udp = protocol == UDP && size >= 8 && frame.getShort(start + UDP_CHECKSUM_OFFSET) != 0;
        if (fragment || !tcp && !udp) {
            return 0;
        }
        if (trusted) {
            return STATUS_TCPCS_BIT;
        }
        long sum = InternetChecksum.add(protocol + size, frame, ip + 12, 8);
        sum = InternetChecksum.add(sum, frame, start, size);
        boolean good = InternetChecksum.fold(sum) == 0xFFFF;
        return STATUS_TCPCS_BIT | (good ? 0 : ERROR_TCPE_BIT << ERROR_SHIFT);
    }
}

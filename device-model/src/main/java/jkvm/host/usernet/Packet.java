package jkvm.host.usernet;

import java.nio.ByteBuffer;
import jkvm.host.net.InternetChecksum;

/** An IP packet from the guest, checked as far as its IP headers go; one object is used for all. */
final class Packet {
    static final int ICMP = 1, TCP = 6, UDP = 17, ICMP6 = 58;

    /** Big-endian; the packet's payload is the {@link #length} bytes from {@link #start} on. */
    ByteBuffer data;
    int start;
    int length;
    int protocol;
    long srcHi;
    long srcLo;
    long dstHi;
    long dstLo;
    /** The transport's checksum need not be checked: it was never computed. */
    boolean trusted;

    boolean isV4() {
        return IpAddress.isV4(dstHi, dstLo);
    }

    /** True if the payload's checksum with the pseudo-header is right. */
    boolean isChecksumRight() {
        return trusted || InternetChecksum.fold(InternetChecksum.add(IpAddress.pseudoHeader(srcHi, srcLo, dstHi,
                dstLo, protocol, length), data, start, length)) == 0xffff;
    }
}

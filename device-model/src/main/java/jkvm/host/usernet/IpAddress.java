package jkvm.host.usernet;

import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;

/** Addresses as two longs; IPv4 ones are mapped, {@code ::ffff:a.b.c.d}. */
final class IpAddress {
    private static final long MAPPED = 0xffff_0000_0000L;
    private static final long LOW_INT = 0xffff_ffffL;

    private IpAddress() {
    }

    static boolean isV4(long hi, long lo) {
        return hi == 0 && (lo & ~LOW_INT) == MAPPED;
    }

    static long v4(int address) {
        return MAPPED | address & LOW_INT;
    }

    static long hi(InetAddress address) {
        return address instanceof Inet6Address ? ByteBuffer.wrap(address.getAddress()).getLong(0) : 0;
    }

    static long lo(InetAddress address) {
        ByteBuffer bytes = ByteBuffer.wrap(address.getAddress());
        return address instanceof Inet6Address ? bytes.getLong(8) : v4(bytes.getInt(0));
    }

    static InetAddress toInet(long hi, long lo) {
        byte[] bytes = isV4(hi, lo) ? ByteBuffer.allocate(4).putInt((int) lo).array()
                : ByteBuffer.allocate(16).putLong(hi).putLong(lo).array();
        try {
            return InetAddress.getByAddress(bytes);
        } catch (UnknownHostException e) {
            throw new AssertionError(e);
        }
    }

    /** The sum of the pseudo-header (RFC 9293, section 3.1; RFC 8200, section 8.1), not folded. */
    static long pseudoHeader(long srcHi, long srcLo, long dstHi, long dstLo, int protocol, int length) {
        // The ffff of a mapped IPv4 address is a zero of this sum, so one formula serves both.
        return halves(srcHi) + halves(srcLo) + halves(dstHi) + halves(dstLo) + protocol + length;
    }

    private static long halves(long value) {
        return (value >>> 32) + (value & LOW_INT);
    }
}

package jkvm.host.net;

import java.nio.ByteBuffer;

/** The Internet checksum (RFC 1071), over big-endian buffers. */
public final class InternetChecksum {
    private InternetChecksum() {
    }

    /**
     * Adds bytes to a sum that is not folded yet.
     *
     * @param sum of what came before, which had an even number of bytes
     */
    public static long add(long sum, ByteBuffer data, int offset, int length) {
        long total = sum;
        int at = offset;
        int end = offset + length;
        // The compiler makes vector instructions of this loop, and not of one over longs: a fifth of the time.
        for (; at <= end - Integer.BYTES; at += Integer.BYTES) {
            total += data.getInt(at) & 0xffff_ffffL;
        }
        for (; end - at >= 2; at += 2) {
            total += data.getShort(at) & 0xffff;
        }
        return at < end ? total + ((data.get(at) & 0xff) << 8) : total;
    }

    /** Folds a sum to 16 bits, not inverted. */
    public static int fold(long sum) {
        long folded = (sum >>> 32) + (sum & 0xffff_ffffL);
        while (folded >>> 16 != 0) {
            folded = (folded >>> 16) + (folded & 0xffff);
        }
        return (int) folded;
    }

    /** The checksum field's value for a sum. */
    public static int finish(long sum) {
        return ~fold(sum) & 0xffff;
    }

    /** As {@link #finish}, for UDP: there zero means that there is no checksum, and 0xffff is sent in its place. */
    public static int finishNonZero(long sum) {
        int checksum = finish(sum);
        return checksum == 0 ? 0xffff : checksum;
    }
}

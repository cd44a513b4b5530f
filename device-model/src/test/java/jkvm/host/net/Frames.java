package jkvm.host.net;

import java.nio.ByteBuffer;
import java.util.Random;

/** Frames for tests, and the checksums of them reckoned in the plainest way. */
public final class Frames {
    public static final int IP = 14;
    public static final int TCP = 34;
    public static final int HEADER = 54;
    /** The address of the NIC under test. */
    public static final byte[] MAC = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    private Frames() {
    }

    /** A frame to the NIC of {@link #MAC}. */
    public static byte[] toNic(int length) {
        return to(MAC, length);
    }

    public static byte[] to(byte[] address, int length) {
        byte[] frame = new byte[length];
        new Random(length).nextBytes(frame);
        System.arraycopy(address, 0, frame, 0, 6);
        ByteBuffer.wrap(frame).putShort(12, (short) 0x88B5);
        return frame;
    }

    public static byte[] mac(int... bytes) {
        byte[] mac = new byte[6];
        for (int i = 0; i < 6; i++) {
            mac[i] = (byte) bytes[i];
        }
        return mac;
    }

    /**
     * IPv4 with TCP or UDP, as a driver with checksum offload leaves it: a pseudo-header's sum where the checksum
     * goes.
     */
    public static byte[] ipv4(int protocol, int payload, boolean lengthInSum) {
        int transport = protocol == 6 ? 20 : 8;
        byte[] frame = toNic(IP + 20 + transport + payload);
        ByteBuffer data = ByteBuffer.wrap(frame);
        data.putShort(12, (short) 0x0800);
        data.put(IP, (byte) 0x45);
        data.putShort(IP + 2, (short) (20 + transport + payload));
        data.putShort(IP + 4, (short) 0xFFFE);
        data.putShort(IP + 6, (short) 0x4000);
        data.put(IP + 9, (byte) protocol);
        data.putShort(IP + 10, (short) 0);
        int length = transport + payload;
        int pseudo = sum(frame, IP + 12, 8) + protocol + (lengthInSum ? length : 0);
        if (protocol == 6) {
            data.putInt(TCP + 4, 0xFFFFFF00);
            data.put(TCP + 12, (byte) 0x50);
            data.put(TCP + 13, (byte) 0x19);
        } else {
            data.putShort(TCP + 4, (short) length);
        }
        data.putShort(TCP + (protocol == 6 ? 16 : 6), (short) fold(pseudo));
        return frame;
    }

    public static int sum(byte[] data, int start, int length) {
        int sum = 0;
        for (int i = 0; i < length; i++) {
            sum += (i % 2 == 0 ? 256 : 1) * (data[start + i] & 0xFF);
            sum = fold(sum);
        }
        return sum;
    }

    public static int fold(int sum) {
        int folded = sum;
        while (folded >>> 16 != 0) {
            folded = (folded >>> 16) + (folded & 0xFFFF);
        }
        return folded;
    }

    public static boolean hasGoodIpChecksum(byte[] frame) {
        return sum(frame, IP, 20) == 0xFFFF;
    }

    /** For IPv4 without options. */
    public static boolean hasGoodTransportChecksum(byte[] frame) {
        ByteBuffer data = ByteBuffer.wrap(frame);
        int length = (data.getShort(IP + 2) & 0xFFFF) - 20;
        return fold(sum(frame, IP + 12, 8) + (frame[IP + 9] & 0xFF) + length + sum(frame, TCP, length)) == 0xFFFF;
    }

    public static byte[] tagged(byte[] frame, int tag) {
        byte[] result = new byte[frame.length + 4];
        System.arraycopy(frame, 0, result, 0, 12);
        System.arraycopy(frame, 12, result, 16, frame.length - 12);
        ByteBuffer.wrap(result).putShort(12, (short) 0x8100).putShort(14, (short) tag);
        return result;
    }

    /**
     * Sends a copy of a frame, as a card does.
     *
     * @return false if the backend has no room
     */
    public static boolean offer(NetBackend backend, NetFrame frame) {
        NetFrame buffer = backend.claim();
        if (buffer == null) {
            return false;
        }
        buffer.copyFrom(frame);
        backend.send(buffer);
        return true;
    }
}

package jkvm.host.disk.vhdx;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/** Little-endian numbers, signatures and checksums of VHDX's structures. */
final class Fields {
    private static final int CHECKSUM = 4;

    private Fields() {
    }

    static ByteBuffer of(MemorySegment bytes) {
        return bytes.asByteBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    static boolean hasSignature(MemorySegment bytes, String signature) {
        byte[] found = bytes.asSlice(0, signature.length()).toArray(ValueLayout.JAVA_BYTE);
        return new String(found, StandardCharsets.ISO_8859_1).equals(signature);
    }

    static void putSignature(MemorySegment bytes, String signature) {
        of(bytes).put(0, signature.getBytes(StandardCharsets.ISO_8859_1));
    }

    /** The checksum of a structure, which counts as zero itself. */
    static int checksum(MemorySegment bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes.asSlice(0, CHECKSUM).asByteBuffer());
        crc.update(new byte[4]);
        crc.update(bytes.asSlice(CHECKSUM + 4).asByteBuffer());
        return (int) crc.getValue();
    }

    static boolean hasRightChecksum(MemorySegment bytes) {
        return of(bytes).getInt(CHECKSUM) == checksum(bytes);
    }

    static void putChecksum(MemorySegment bytes) {
        of(bytes).putInt(CHECKSUM, checksum(bytes));
    }
}

package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes small Linux bzImages, good and bad: two setup sectors, 64-bit entry, code for 1 MiB. */
final class BzImageBuilder {
    private static final int SETUP_SIZE = 3 * 512;

    private final ByteBuffer header = ByteBuffer.allocate(SETUP_SIZE).order(ByteOrder.LITTLE_ENDIAN);
    private byte[] code = new byte[0x400];

    BzImageBuilder() {
        header.put(0x1F1, (byte) 2).putShort(0x1FE, (short) 0xAA55).put(0x200, (byte) 0xEB).put(0x201, (byte) 0x6A);
        header.putInt(0x202, 0x53726448).put(0x211, (byte) 1);
        version(0x20F);
        word(0x22C, 0x7FFFFFFF).half(0x236, 1).word(0x238, 2047).word(0x260, 0x10000);
        header.putInt(0x230, 0x200000).put(0x234, (byte) 1).putLong(0x258, 0x100000);
    }

    BzImageBuilder version(int value) {
        return half(0x206, value);
    }

    BzImageBuilder setupSectors(int value) {
        header.put(0x1F1, (byte) value);
        return this;
    }

    BzImageBuilder preferredAddress(long value) {
        header.putLong(0x258, value);
        return this;
    }

    /** Sets the code that the kernel runs at its 64-bit entry point. */
    BzImageBuilder entryCode(byte... instructions) {
        System.arraycopy(instructions, 0, code, 0x200, instructions.length);
        return this;
    }

    BzImageBuilder half(int offset, int value) {
        header.putShort(offset, (short) value);
        return this;
    }

    BzImageBuilder word(int offset, int value) {
        header.putInt(offset, value);
        return this;
    }

    byte[] build() {
        ByteBuffer out = ByteBuffer.allocate(SETUP_SIZE + code.length).order(ByteOrder.LITTLE_ENDIAN);
        out.put(header.array()).put(code);
        if (out.getInt(0x1F4) == 0) {
            out.putInt(0x1F4, code.length / 16);
        }
        return out.array();
    }
}

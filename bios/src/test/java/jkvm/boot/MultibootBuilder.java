package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/** Makes multiboot headers and images of the address-field kind. */
final class MultibootBuilder {
    static final int CODE_OFFSET = 32;

    private MultibootBuilder() {
    }

    /** A header for an ELF file. */
    static byte[] header() {
        return buffer(12).putInt(0x1BADB002).putInt(3).putInt(-0x1BADB002 - 3).array();
    }

    /** A header with addresses, at the start of the file, and code after it. */
    static byte[] image(int headerAddress, int load, int loadEnd, int bssEnd, int entry, byte... code) {
        int flags = 0x10003;
        ByteBuffer out = buffer(CODE_OFFSET + code.length).putInt(0x1BADB002).putInt(flags).putInt(-0x1BADB002 - flags);
        return out.putInt(headerAddress).putInt(load).putInt(loadEnd).putInt(bssEnd).putInt(entry).put(code).array();
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }
}

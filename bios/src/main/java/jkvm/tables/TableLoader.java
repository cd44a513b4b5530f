package jkvm.tables;

import java.nio.charset.StandardCharsets;

/**
 * Commands for firmware: files to load, pointers to correct, sums to compute. Each has 128 bytes, numbers
 * are little-endian. Firmware carries them out in order. Source: QEMU's {@code bios-linker-loader.c} documents the
 * format.
 */
final class TableLoader {
    static final String FILE = "etc/table-loader";
    /** Zones: anywhere below 4 GiB, or where a guest looks for the ACPI root pointer. */
    static final int HIGH_MEMORY = 1;
    static final int F_SEGMENT = 2;

    static final int COMMAND_SIZE = 128;
    static final int NAME_SIZE = 56;
    static final int ALLOCATE = 1;
    static final int ADD_POINTER = 2;
    static final int ADD_CHECKSUM = 3;
    static final int WRITE_POINTER = 4;

    private final TableWriter out = new TableWriter();

    /**
     * Loads a file.
     *
     * @param zone {@link #HIGH_MEMORY} or {@link #F_SEGMENT}
     */
    void allocate(String file, int alignment, int zone) {
        int start = begin(ALLOCATE);
        name(file);
        out.u32(alignment).u8(zone);
        end(start);
    }

    /** Adds the address of {@code target} to the pointer of {@code size} bytes in {@code file}. */
    void addPointer(String file, String target, int offset, int size) {
        int start = begin(ADD_POINTER);
        name(file);
        name(target);
        out.u32(offset).u8(size);
        end(start);
    }

    /** Sets the byte at {@code offset} so that {@code length} bytes from {@code first} add up to zero. */
    void addChecksum(String file, int offset, int first, int length) {
        int start = begin(ADD_CHECKSUM);
        name(file);
        out.u32(offset).u32(first).u32(length);
        end(start);
    }

    /** Tells the machine, in a {@code file} of eight bytes, where {@code offset} of {@code target} has been put. */
    void writePointer(String file, String target, int offset) {
        int start = begin(WRITE_POINTER);
        name(file);
        name(target);
        out.u32(0).u32(offset).u8(Long.BYTES);
        end(start);
    }

    byte[] toBytes() {
        return out.toBytes();
    }

    private int begin(int command) {
        int start = out.size();
        out.u32(command);
        return start;
    }

    private void name(String file) {
        byte[] encoded = file.getBytes(StandardCharsets.US_ASCII);
        out.bytes(encoded).zeros(NAME_SIZE - encoded.length);
    }

    private void end(int start) {
        out.zeros(start + COMMAND_SIZE - out.size());
    }
}

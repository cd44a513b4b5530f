package jkvm.tables;

/**
 * ACPI machine language (ACPI 6.4 chapter 20): each method encodes one term, from the terms inside it. Names are given
 * in ASL's spelling; a segment of a name has four characters, shorter ones are filled up with underscores.
 */
final class Aml {
    private static final int ZERO_OP = 0x00;
    private static final int ONE_OP = 0x01;
    private static final int NAME_OP = 0x08;
    private static final int BYTE_PREFIX = 0x0A;
    private static final int WORD_PREFIX = 0x0B;
    private static final int DWORD_PREFIX = 0x0C;
    private static final int STRING_PREFIX = 0x0D;
    private static final int SCOPE_OP = 0x10;
    private static final int BUFFER_OP = 0x11;
    private static final int PACKAGE_OP = 0x12;
    private static final int DUAL_NAME_PREFIX = 0x2E;
    private static final int MULTI_NAME_PREFIX = 0x2F;
    private static final int EXT_OP_PREFIX = 0x5B;
    private static final int DEVICE_OP = 0x82;

    private static final int IO_DESCRIPTOR = 0x47;
    private static final int IO_DECODES_16_BITS = 0x01;
    private static final int IRQ_DESCRIPTOR = 0x22;
    private static final int MEMORY32_FIXED_DESCRIPTOR = 0x86;
    private static final int DWORD_SPACE_DESCRIPTOR = 0x87;
    private static final int WORD_SPACE_DESCRIPTOR = 0x88;
    private static final int INTERRUPT_DESCRIPTOR = 0x89;
    private static final int QWORD_SPACE_DESCRIPTOR = 0x8A;
    private static final int READ_WRITE = 1;
    private static final int CACHEABLE_READ_WRITE = 3;
    private static final int CONSUMER_LEVEL_HIGH = 1;
    private static final int FIXED_RANGE = 0x0C;
    private static final int END_TAG = 0x79;
    /** Kinds of address space that a bridge passes on: resource type, and its flags in the high byte. */
    static final int IO_SPACE = 0x0301;
    static final int BUS_NUMBERS = 0x0002;

    private static final int SEGMENT_LENGTH = 4;

    private Aml() {
    }

    /** {@code Name (name, value)}. */
    static byte[] name(String name, byte[] value) {
        return new TableWriter().u8(NAME_OP).bytes(nameString(name)).bytes(value).toBytes();
    }

    /** {@code Scope (name) { terms }}. */
    static byte[] scope(String name, byte[]... terms) {
        return packaged(new TableWriter().u8(SCOPE_OP), nameString(name), terms);
    }

    /** {@code Device (name) { terms }}. */
    static byte[] device(String name, byte[]... terms) {
        return packaged(new TableWriter().u8(EXT_OP_PREFIX).u8(DEVICE_OP), nameString(name), terms);
    }

    /** {@code Package () { elements }}, at most 255 elements. */
    static byte[] packageOf(byte[]... elements) {
        byte[] count = {(byte) elements.length};
        return packaged(new TableWriter().u8(PACKAGE_OP), count, elements);
    }

    /** The shortest encoding of an unsigned 32-bit number. */
    static byte[] integer(int value) {
        TableWriter out = new TableWriter();
        if (value == 0) {
            out.u8(ZERO_OP);
        } else if (value == 1) {
            out.u8(ONE_OP);
        } else if (value >>> 8 == 0) {
            out.u8(BYTE_PREFIX).u8(value);
        } else if (value >>> 16 == 0) {
            out.u8(WORD_PREFIX).u16(value);
        } else {
            out.u8(DWORD_PREFIX).u32(value);
        }
        return out.toBytes();
    }

    /** A 32-bit number that firmware may change: always five bytes, the number in the last four. */
    static byte[] doubleWord(int value) {
        return new TableWriter().u8(DWORD_PREFIX).u32(value).toBytes();
    }

    static byte[] string(String text) {
        return new TableWriter().u8(STRING_PREFIX).ascii(text).u8(0).toBytes();
    }

    /** {@code EisaId (id)}: three letters and four hexadecimal digits, packed into 32 bits (ACPI 6.4 section 6.1.5). */
    static byte[] eisaId(String id) {
        int letters = (id.charAt(0) - '@') << 10 | (id.charAt(1) - '@') << 5 | id.charAt(2) - '@';
        int number = Integer.parseInt(id, 3, 7, 16);
        return new TableWriter().u8(DWORD_PREFIX).u8(letters >>> 8).u8(letters).u8(number >>> 8).u8(number).toBytes();
    }

    /** {@code ResourceTemplate () { descriptors }}. */
    static byte[] resources(byte[]... descriptors) {
        TableWriter content = new TableWriter();
        for (byte[] descriptor : descriptors) {
            content.bytes(descriptor);
        }
        // A checksum of zero is valid by definition.
        content.u8(END_TAG).u8(0);
        return packaged(new TableWriter().u8(BUFFER_OP), integer(content.size()), content.toBytes());
    }

    /** {@code IO (Decode16, start, start, 1, length)}. */
    static byte[] io(int start, int length) {
        TableWriter out = new TableWriter().u8(IO_DESCRIPTOR).u8(IO_DECODES_16_BITS);
        return out.u16(start).u16(start).u8(1).u8(length).toBytes();
    }

    /** {@code IRQNoFlags () {irq}}: edge-triggered, active high. */
    static byte[] irq(int irq) {
        return new TableWriter().u8(IRQ_DESCRIPTOR).u16(1 << irq).toBytes();
    }

    /** {@code Memory32Fixed (ReadWrite, start, length)}. */
    static byte[] memory32(int start, int length) {
        return new TableWriter().u8(MEMORY32_FIXED_DESCRIPTOR).u16(9).u8(READ_WRITE).u32(start).u32(length).toBytes();
    }

    /** {@code Interrupt (ResourceConsumer, Level, ActiveHigh, Exclusive) {gsi}}. */
    static byte[] levelInterrupt(int gsi) {
        return new TableWriter().u8(INTERRUPT_DESCRIPTOR).u16(6).u8(CONSUMER_LEVEL_HIGH).u8(1).u32(gsi).toBytes();
    }

    /**
     * {@code WordIO} or {@code WordBusNumber (ResourceProducer, MinFixed, MaxFixed, …)}.
     *
     * @param end first after
     */
    static byte[] wordSpace(int kind, int start, int end) {
        TableWriter out = new TableWriter().u8(WORD_SPACE_DESCRIPTOR).u16(13).u8(kind).u8(FIXED_RANGE).u8(kind >>> 8);
        return out.u16(0).u16(start).u16(end - 1).u16(0).u16(end - start).toBytes();
    }

    /** {@code DWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, NonCacheable, ReadWrite, …)}. */
    static byte[] memorySpace(long start, long end) {
        TableWriter out = new TableWriter().u8(DWORD_SPACE_DESCRIPTOR).u16(23).u8(0).u8(FIXED_RANGE);
        return out.u8(READ_WRITE).u32(0).u32(start).u32(end - 1).u32(0).u32(end - start).toBytes();
    }

    /** {@code QWordMemory (ResourceProducer, PosDecode, MinFixed, MaxFixed, Cacheable, ReadWrite, …)}. */
    static byte[] wideMemorySpace(long start, long end) {
        TableWriter out = new TableWriter().u8(QWORD_SPACE_DESCRIPTOR).u16(43).u8(0).u8(FIXED_RANGE);
        return out.u8(CACHEABLE_READ_WRITE).u64(0).u64(start).u64(end - 1).u64(0).u64(end - start).toBytes();
    }

    /** A name of up to 255 segments with dots between them, from the root if it begins with a backslash. */
    static byte[] nameString(String name) {
        TableWriter out = new TableWriter();
        String path = name;
        if (path.startsWith("\\")) {
            out.u8('\\');
            path = path.substring(1);
        }
        String[] segments = path.split("\\.", -1);
        if (segments.length == 2) {
            out.u8(DUAL_NAME_PREFIX);
        } else if (segments.length > 2) {
            out.u8(MULTI_NAME_PREFIX).u8(segments.length);
        }
        for (String segment : segments) {
            if (segment.isEmpty() || segment.length() > SEGMENT_LENGTH) {
                throw new IllegalArgumentException("not an ACPI name: " + name);
            }
            out.ascii(segment + "_".repeat(SEGMENT_LENGTH - segment.length()));
        }
        return out.toBytes();
    }

    /** An opcode, a package length and what that covers (ACPI 6.4 section 20.2.4); it counts its own bytes. */
    static byte[] packaged(TableWriter out, byte[] head, byte[]... terms) {
        int size = head.length;
        for (byte[] term : terms) {
            size += term.length;
        }
        if (size + 1 < 1 << 6) {
            out.u8(size + 1);
        } else if (size + 2 < 1 << 12) {
            int length = size + 2;
            out.u8(1 << 6 | length & 0xF).u8(length >>> 4);
        } else {
            int length = size + 3;
            out.u8(2 << 6 | length & 0xF).u8(length >>> 4).u8(length >>> 12);
        }
        out.bytes(head);
        for (byte[] term : terms) {
            out.bytes(term);
        }
        return out.toBytes();
    }
}

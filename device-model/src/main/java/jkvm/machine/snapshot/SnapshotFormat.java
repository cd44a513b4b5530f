package jkvm.machine.snapshot;

import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** The numbers of the format that the package's documentation describes. */
final class SnapshotFormat {
    static final int VERSION = 1;
    /** The first bytes; the line ends tell a file that was copied as text. */
    static final byte[] MAGIC = {'j', 'k', 'v', 'm', '\r', '\n', 0x1A, '\n'};

    static final int CONFIGURATION = 1, LAYOUT = 2, PAGES = 3, DEFLATED_PAGES = 4, ZERO_PAGES = 5, SECTION = 6, END = 7,
            ABORT = 8, RAM_IN_PLACE = 9, RAM_CHECKSUMS = 10;

    /** Of a record: type, length of what follows, number, checksum. */
    static final int RECORD_HEADER = 16;
    static final int CHECKSUM_OFFSET = 12;
    /** Of the file: magic, version, length of the text that follows, checksum. */
    static final int FILE_HEADER = 20;
    static final int MAX_WRITER = 256;
    /** The most pages in a record. */
    static final int MAX_PAGES = 256;
    /** Before pages: their address. */
    static final int PAGES_HEADER = 8;
    /** Before deflated pages: their address and count. */
    static final int DEFLATED_HEADER = 12;
    static final int MAX_PAYLOAD = DEFLATED_HEADER + MAX_PAGES * RamLayout.PAGE;
    static final int MAX_FACTS = 4096;
    static final int MAX_TEXT = 1 << 16;
    static final int MAX_CONFIGURATION = 1 << 20;
    static final int MAX_NAME = 4096;
    /** The most pieces of RAM in a file: a tebibyte. */
    static final int MAX_PIECES = 1 << 20;
    /** A display adapter's memory is the largest section. */
    static final int MAX_SECTION = 320 << 20;

    private SnapshotFormat() {
    }

    /** The longest content of a record; -1 for a type that this version does not have. */
    static int maxLength(int type) {
        return switch (type) {
            case CONFIGURATION -> MAX_CONFIGURATION;
            case LAYOUT -> Integer.BYTES + RamLayout.MAX_RANGES * 2 * Long.BYTES;
            case PAGES, DEFLATED_PAGES -> MAX_PAYLOAD;
            case ZERO_PAGES -> 2 * Long.BYTES;
            case SECTION -> MAX_SECTION;
            case END -> 0;
            case RAM_IN_PLACE -> Long.BYTES;
            case RAM_CHECKSUMS -> MAX_PIECES * Integer.BYTES;
            case ABORT -> Short.BYTES + MAX_TEXT;
            default -> -1;
        };
    }

    /** The checksum of native memory. */
    static int checksum(MemorySegment bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.asByteBuffer());
        return (int) sum.getValue();
    }

    /** Where RAM begins in a file, at the start of a page. */
    static long align(long position) {
        return (position + RamLayout.PAGE - 1) / RamLayout.PAGE * RamLayout.PAGE;
    }

    /** A record's checksum, over its header before the checksum and its content, whose positions do not change. */
    static int checksum(ByteBuffer header, ByteBuffer content) {
        CRC32C sum = new CRC32C();
        sum.update(header.slice(0, CHECKSUM_OFFSET));
        sum.update(content.duplicate());
        return (int) sum.getValue();
    }
}

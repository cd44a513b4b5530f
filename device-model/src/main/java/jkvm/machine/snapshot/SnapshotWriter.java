package jkvm.machine.snapshot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.WritableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;
import java.util.zip.Deflater;
import jkvm.bus.AddressRange;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.state.JkvmVersion;

/**
 * Writes a saved state, record by record, to a file, a descriptor or a socket: the one format for all of these, told at
 * {@link jkvm.machine.snapshot}. First the configuration, then the layout of RAM, then pages and sections in any
 * order, then the end. For one thread.
 *
 * <p>Every method throws {@link IOException} where the channel does, which then holds a state without an end. A channel
 * that does not block is not for this.
 *
 * {@snippet :
 * MachineSnapshot snapshot = machine.save().join();
 * try (FileChannel file = FileChannel.open(path, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
 *     snapshot.write(new SnapshotWriter(file));
 * }
 * }
 */
public final class SnapshotWriter {
    private final WritableByteChannel out;
    /** A record of the usual size, made up before it is written. */
    private final ByteBuffer buffer = ByteBuffer.allocateDirect(SnapshotFormat.RECORD_HEADER
            + SnapshotFormat.MAX_PAYLOAD).order(ByteOrder.LITTLE_ENDIAN);
    private final MemorySegment bufferMemory = MemorySegment.ofBuffer(buffer);
    /** Null for pages as they are. */
    private Deflater deflater;
    private int records;
    private long written;
    private long zeroPages;
    private long dataPages;

    /** Begins a state. */
    public SnapshotWriter(WritableByteChannel out) throws IOException {
        this.out = out;
        byte[] writer = JkvmVersion.NUMBER.getBytes(StandardCharsets.UTF_8);
        buffer.put(SnapshotFormat.MAGIC).putInt(SnapshotFormat.VERSION).putInt(writer.length).put(writer);
        CRC32C sum = new CRC32C();
        sum.update(buffer.duplicate().flip());
        buffer.putInt((int) sum.getValue());
        write(buffer.flip());
    }

    /**
     * Deflates pages from now on where that makes them shorter.
     *
     * @param level of {@link Deflater}, 1 to 9; 0 for pages as they are
     */
    public void compress(int level) {
        if (deflater != null) {
            deflater.end();
        }
        deflater = level == 0 ? null : new Deflater(level, true);
    }

    /** The bytes written so far. */
    public long written() {
        return written;
    }

    /** The pages written so far without their bytes. */
    public long zeroPages() {
        return zeroPages;
    }

    /** The pages written so far with their bytes. */
    public long dataPages() {
        return dataPages;
    }

    public void configuration(MachineConfiguration configuration) throws IOException {
        ByteBuffer content = ByteBuffer.allocate(SnapshotFormat.MAX_CONFIGURATION).order(ByteOrder.LITTLE_ENDIAN);
        content.putInt(configuration.facts().size());
        for (ConfigurationFact fact : configuration.facts()) {
            putText(content, fact.name());
            content.putShort((short) fact.values().size());
            fact.values().forEach(value -> putText(content, value));
        }
        record(SnapshotFormat.CONFIGURATION, content.flip());
    }

    public void layout(RamLayout layout) throws IOException {
        ByteBuffer content = begin();
        content.putInt(layout.ranges().size());
        for (AddressRange range : layout.ranges()) {
            content.putLong(range.start()).putLong(range.length());
        }
        finish(SnapshotFormat.LAYOUT);
    }

    /** Writes all pages of a memory. */
    public void memory(GuestMemory memory) throws IOException {
        for (MemoryRegion region : memory.regions()) {
            pages(region.start(), region.segment());
        }
    }

    /**
     * Writes pages, those that are zero without their bytes. A page that the guest writes to meanwhile may be torn: it
     * has to be written once more.
     *
     * @param gpa   the first page's address
     * @param bytes whole pages
     */
    public void pages(long gpa, MemorySegment bytes) throws IOException {
        long end = bytes.byteSize();
        long at = 0;
        while (at < end) {
            long zeroEnd = at;
            while (zeroEnd < end && RamImage.isZero(bytes, zeroEnd)) {
                zeroEnd += RamLayout.PAGE;
            }
            if (zeroEnd > at) {
                zeroPages(gpa + at, (zeroEnd - at) / RamLayout.PAGE);
                at = zeroEnd;
            }
            long dataEnd = at;
            long limit = Math.min(end, at + (long) SnapshotFormat.MAX_PAGES * RamLayout.PAGE);
            while (dataEnd < limit && !RamImage.isZero(bytes, dataEnd)) {
                dataEnd += RamLayout.PAGE;
            }
            if (dataEnd > at) {
                data(gpa + at, bytes.asSlice(at, dataEnd - at));
                at = dataEnd;
            }
        }
    }

    private void data(long gpa, MemorySegment bytes) throws IOException {
        dataPages += bytes.byteSize() / RamLayout.PAGE;
        if (deflater != null && deflated(gpa, bytes)) {
            return;
        }
        begin().putLong(gpa);
        // A copy, so that the checksum is of what is written though the guest runs.
        MemorySegment.copy(bytes, 0, bufferMemory, buffer.position(), bytes.byteSize());
        buffer.position(buffer.position() + (int) bytes.byteSize());
        finish(SnapshotFormat.PAGES);
    }

    private boolean deflated(long gpa, MemorySegment bytes) throws IOException {
        begin().putLong(gpa).putInt((int) (bytes.byteSize() / RamLayout.PAGE));
        deflater.reset();
        deflater.setInput(bytes.asByteBuffer());
        deflater.finish();
        buffer.limit(buffer.position() + (int) bytes.byteSize() - 1);
        deflater.deflate(buffer);
        boolean isShorter = deflater.finished();
        buffer.limit(buffer.capacity());
        if (isShorter) {
            finish(SnapshotFormat.DEFLATED_PAGES);
        }
        return isShorter;
    }

    /** Writes that pages are zero. */
    public void zeroPages(long gpa, long count) throws IOException {
        zeroPages += count;
        begin().putLong(gpa).putLong(count);
        finish(SnapshotFormat.ZERO_PAGES);
    }

    /**
     * Writes all pages to where a machine can map them from the file. Zero pages become holes.
     *
     * @param file the channel that this writes to
     */
    void memoryInPlace(GuestMemory memory, StateFile file) throws IOException {
        RamLayout layout = RamLayout.of(memory);
        if (layout.pieceCount() > SnapshotFormat.MAX_PIECES) {
            throw new IOException("the guest has more RAM than a file holds");
        }
        long start = SnapshotFormat.align(written + SnapshotFormat.RECORD_HEADER + Long.BYTES);
        begin().putLong(start);
        finish(SnapshotFormat.RAM_IN_PLACE);
        ByteBuffer sums = ByteBuffer.allocate((int) layout.pieceCount() * Integer.BYTES)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.position(start);
        for (AddressRange piece : layout.pieces()) {
            MemorySegment pages = memory.slice(piece.start(), piece.length());
            sums.putInt(SnapshotFormat.checksum(pages));
            sparse(pages, file);
        }
        written = start + layout.size();
        record(SnapshotFormat.RAM_CHECKSUMS, sums.flip());
    }

    /** Writes pages but for zero ones, which become holes. */
    static void sparse(MemorySegment bytes, StateFile file) throws IOException {
        long start = file.position();
        for (long at = 0; at < bytes.byteSize(); ) {
            long end = at;
            while (end < bytes.byteSize() && !RamImage.isZero(bytes, end)) {
                end += RamLayout.PAGE;
            }
            if (end > at) {
                file.position(start + at);
                file.write(bytes.asSlice(at, end - at));
            }
            at = end + RamLayout.PAGE;
        }
        file.position(start + bytes.byteSize());
    }

    /** Writes the state of a part. */
    public void section(String name, byte[] bytes) throws IOException {
        byte[] text = name.getBytes(StandardCharsets.UTF_8);
        ByteBuffer content = ByteBuffer.allocate(Short.BYTES + text.length + bytes.length)
                .order(ByteOrder.LITTLE_ENDIAN);
        content.putShort((short) text.length).put(text).put(bytes);
        record(SnapshotFormat.SECTION, content.flip());
    }

    /** Ends the state, which is whole. */
    public void end() throws IOException {
        begin();
        finish(SnapshotFormat.END);
        compress(0);
    }

    /** Ends the state, which is none. */
    public void abort(String reason) throws IOException {
        putText(begin(), reason);
        finish(SnapshotFormat.ABORT);
        compress(0);
    }

    private static void putText(ByteBuffer content, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        content.putShort((short) bytes.length).put(bytes);
    }

    private ByteBuffer begin() {
        return buffer.clear().position(SnapshotFormat.RECORD_HEADER);
    }

    private void finish(int type) throws IOException {
        buffer.flip();
        ByteBuffer content = buffer.slice(SnapshotFormat.RECORD_HEADER,
                buffer.limit() - SnapshotFormat.RECORD_HEADER);
        putHeader(type, content);
        write(buffer.rewind());
    }

    private void record(int type, ByteBuffer content) throws IOException {
        putHeader(type, content);
        write(buffer.position(0).limit(SnapshotFormat.RECORD_HEADER));
        write(content);
    }

    private void putHeader(int type, ByteBuffer content) {
        buffer.limit(Math.max(buffer.limit(), SnapshotFormat.RECORD_HEADER));
        buffer.putInt(0, type).putInt(4, content.remaining()).putInt(8, records++);
        buffer.putInt(SnapshotFormat.CHECKSUM_OFFSET, SnapshotFormat.checksum(buffer, content));
    }

    private void write(ByteBuffer bytes) throws IOException {
        written += bytes.remaining();
        while (bytes.hasRemaining()) {
            out.write(bytes);
        }
    }
}

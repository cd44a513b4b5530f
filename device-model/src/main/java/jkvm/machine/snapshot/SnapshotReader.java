package jkvm.machine.snapshot;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.ReadableByteChannel;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import jkvm.bus.AddressRange;
import jkvm.state.StateException;

/**
 * Reads a saved state, record by record, from a file, a descriptor or a socket. Nothing in it is trusted: a record is
 * given out after its checksum, its size, its order and the addresses of its pages were found good, and what it says
 * about sizes allocates no more than has arrived. For one thread.
 */
public final class SnapshotReader {
    private static final int STEP = 1 << 20;

    private final ReadableByteChannel in;
    private final String writer;
    private final ByteBuffer header = buffer(SnapshotFormat.RECORD_HEADER);
    /** Of pages, made with the first of them. */
    private ByteBuffer pages;
    /** Made with the first deflated pages. */
    private ByteBuffer inflated;
    private RamLayout layout;
    /** Null where RAM is to be read as it comes. */
    private final StateFile file;
    private final InPlace inPlace = new InPlace();
    private long position;
    private int records;
    private boolean ended;

    /** RAM that lies in the state as it is. */
    private static final class InPlace {
        /** Of its first byte; -1 without such RAM. */
        long offset = -1;
        /** Not read yet. */
        final Deque<AddressRange> left = new ArrayDeque<>();
        /** Of those that were read. */
        final List<Integer> sums = new ArrayList<>();
        /** As the state says; null until then. */
        int[] checksums;
    }

    /** Begins to read a file, whose RAM is left where it lies. */
    SnapshotReader(StateFile file) throws IOException {
        this(file, file);
    }

    /**
     * Begins to read.
     *
     * @throws StateException if this is no state of jkvm, or a newer one
     * @throws IOException    if the channel fails, as from every method here
     */
    public SnapshotReader(ReadableByteChannel in) throws IOException {
        this(in, null);
    }

    private SnapshotReader(ReadableByteChannel in, StateFile file) throws IOException {
        this.in = in;
        this.file = file;
        ByteBuffer start = buffer(SnapshotFormat.MAGIC.length + 2 * Integer.BYTES);
        ForeignState.requireOwn(start.array(), fill(start));
        int version = start.getInt(SnapshotFormat.MAGIC.length);
        int length = start.getInt(SnapshotFormat.MAGIC.length + Integer.BYTES);
        if (length < 0 || length > SnapshotFormat.MAX_WRITER) {
            throw new StateException("the state's header is damaged");
        }
        ByteBuffer rest = buffer(length + Integer.BYTES);
        requireFull(rest, "its header");
        CRC32C sum = new CRC32C();
        sum.update(start.array());
        sum.update(rest.array(), 0, length);
        if ((int) sum.getValue() != rest.getInt(length)) {
            throw new StateException("the state's header is damaged");
        }
        writer = new String(rest.array(), 0, length, StandardCharsets.UTF_8);
        if (version < 1 || version > SnapshotFormat.VERSION) {
            throw new StateException("the state has format version %d, written by jkvm %s; this jkvm reads 1-%d"
                    .formatted(version, writer, SnapshotFormat.VERSION));
        }
    }

    /** The version of the jkvm that wrote the state. */
    public String writer() {
        return writer;
    }

    /**
     * Reads the next record.
     *
     * @throws StateException if there is none, or it is damaged
     */
    public SnapshotRecord next() throws IOException {
        if (ended) {
            throw new IllegalStateException("the state was read to its end");
        }
        if (!inPlace.left.isEmpty()) {
            return piece();
        }
        requireFull(header.clear(), "record " + records);
        int type = header.getInt(0);
        int length = header.getInt(4);
        int most = SnapshotFormat.maxLength(type);
        if (most < 0) {
            throw new StateException("the state has a record of type %d, which jkvm does not know, of jkvm %s"
                    .formatted(type, writer));
        }
        if (length < 0 || length > most) {
            throw damaged();
        }
        ByteBuffer content = content(type, length);
        if (SnapshotFormat.checksum(header, content) != header.getInt(SnapshotFormat.CHECKSUM_OFFSET)) {
            throw damaged();
        }
        if (header.getInt(8) != records) {
            throw new StateException("the state has record %d where record %d is due"
                    .formatted(header.getInt(8), records));
        }
        requireOrder(type);
        SnapshotRecord record = decode(type, content);
        records++;
        return record == null ? next() : record;
    }

    /** RAM that the file has in its place, where it was left there; null else. */
    MappedRam mappedRam() {
        return file == null || inPlace.checksums == null ? null
                : new MappedRam(file.fd(), inPlace.offset, layout, inPlace.checksums);
    }

    private void requireOrder(int type) {
        boolean isFirst = records == 0;
        boolean isInPlace = inPlace.offset >= 0;
        boolean isPages = type == SnapshotFormat.PAGES || type == SnapshotFormat.DEFLATED_PAGES
                || type == SnapshotFormat.ZERO_PAGES;
        boolean isMissed = isInPlace && inPlace.checksums == null;
        if (isFirst != (type == SnapshotFormat.CONFIGURATION) && type != SnapshotFormat.ABORT
                || (isPages || type == SnapshotFormat.RAM_IN_PLACE) && (layout == null || isInPlace)
                || type == SnapshotFormat.LAYOUT && layout != null
                || isMissed != (type == SnapshotFormat.RAM_CHECKSUMS)) {
            throw new StateException("the state's records are out of order at record " + records);
        }
    }

    /** @return null for a record that is not for those who read */
    private SnapshotRecord decode(int type, ByteBuffer content) throws IOException {
        SnapshotRecord record = switch (type) {
            case SnapshotFormat.CONFIGURATION -> new SnapshotRecord.Configuration(configuration(content));
            case SnapshotFormat.LAYOUT -> new SnapshotRecord.Layout(layout(content));
            case SnapshotFormat.PAGES -> pages(content);
            case SnapshotFormat.DEFLATED_PAGES -> inflate(content);
            case SnapshotFormat.ZERO_PAGES -> zeroPages(content);
            case SnapshotFormat.SECTION -> {
                String name = text(content, SnapshotFormat.MAX_NAME);
                yield new SnapshotRecord.Section(name, rest(content));
            }
            case SnapshotFormat.RAM_IN_PLACE -> inPlace(content);
            case SnapshotFormat.RAM_CHECKSUMS -> checksums(content);
            case SnapshotFormat.END -> new SnapshotRecord.End();
            default -> new SnapshotRecord.Abort(text(content, SnapshotFormat.MAX_TEXT));
        };
        if (content.hasRemaining()) {
            throw damaged();
        }
        ended = type == SnapshotFormat.END || type == SnapshotFormat.ABORT;
        return record;
    }

    private MachineConfiguration configuration(ByteBuffer content) {
        int count = number(content);
        if (count < 0 || count > SnapshotFormat.MAX_FACTS) {
            throw damaged();
        }
        List<ConfigurationFact> facts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String name = text(content, SnapshotFormat.MAX_TEXT);
            int size = shortNumber(content);
            List<String> values = new ArrayList<>();
            for (int j = 0; j < size; j++) {
                values.add(text(content, SnapshotFormat.MAX_TEXT));
            }
            facts.add(new ConfigurationFact(name, values));
        }
        return new MachineConfiguration(facts);
    }

    private RamLayout layout(ByteBuffer content) {
        int count = number(content);
        List<AddressRange> ranges = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            long start = longNumber(content);
            long length = longNumber(content);
            if (start < 0 || length <= 0 || start + length < 0) {
                throw damaged();
            }
            ranges.add(new AddressRange(start, length));
        }
        layout = new RamLayout(ranges);
        return layout;
    }

    private SnapshotRecord pages(ByteBuffer content) {
        long gpa = longNumber(content);
        MemorySegment bytes = MemorySegment.ofBuffer(content.slice());
        if (bytes.byteSize() % RamLayout.PAGE != 0) {
            throw damaged();
        }
        requireRam(gpa, bytes.byteSize() / RamLayout.PAGE);
        content.position(content.limit());
        return new SnapshotRecord.Pages(gpa, bytes);
    }

    private SnapshotRecord zeroPages(ByteBuffer content) {
        long gpa = longNumber(content);
        long count = longNumber(content);
        requireRam(gpa, count);
        return new SnapshotRecord.ZeroPages(gpa, count);
    }

    private SnapshotRecord inflate(ByteBuffer content) {
        long gpa = longNumber(content);
        int count = number(content);
        requireRam(gpa, count);
        if (count > SnapshotFormat.MAX_PAGES) {
            throw damaged();
        }
        if (inflated == null) {
            inflated = ByteBuffer.allocateDirect(SnapshotFormat.MAX_PAGES * RamLayout.PAGE);
        }
        inflated.clear().limit(count * RamLayout.PAGE);
        try (Inflater inflater = new Inflater(true)) {
            inflater.setInput(content);
            int got;
            do {
                got = inflater.inflate(inflated);
            } while (inflated.hasRemaining() && got > 0);
            if (inflated.hasRemaining() || !isFinished(inflater)) {
                throw damaged();
            }
        } catch (DataFormatException e) {
            throw damaged();
        }
        return new SnapshotRecord.Pages(gpa, MemorySegment.ofBuffer(inflated.flip()));
    }

    /** True if all of the stream was inflated: its end may lie after its last byte. */
    private static boolean isFinished(Inflater inflater) throws DataFormatException {
        return inflater.finished() || inflater.inflate(new byte[1]) == 0 && inflater.finished();
    }

    private SnapshotRecord inPlace(ByteBuffer content) throws IOException {
        long offset = longNumber(content);
        if (offset != SnapshotFormat.align(position) || layout.pieceCount() > SnapshotFormat.MAX_PIECES) {
            throw damaged();
        }
        inPlace.offset = offset;
        if (file != null) {
            file.position(offset + layout.size());
            position = file.position();
            return null;
        }
        requireFull(pages((int) (offset - position)), "record " + records);
        inPlace.left.addAll(layout.pieces());
        return null;
    }

    private SnapshotRecord piece() throws IOException {
        AddressRange piece = inPlace.left.remove();
        requireFull(pages((int) piece.length()), "its RAM");
        MemorySegment bytes = MemorySegment.ofBuffer(pages);
        inPlace.sums.add(SnapshotFormat.checksum(bytes));
        return new SnapshotRecord.Pages(piece.start(), bytes);
    }

    private SnapshotRecord checksums(ByteBuffer content) {
        int[] sums = new int[(int) layout.pieceCount()];
        if (content.remaining() != sums.length * Integer.BYTES) {
            throw damaged();
        }
        content.asIntBuffer().get(sums);
        content.position(content.limit());
        for (int i = 0; i < inPlace.sums.size(); i++) {
            if (inPlace.sums.get(i) != sums[i]) {
                throw new StateException("the state's RAM is damaged from 0x%x on"
                        .formatted(layout.pieces().get(i).start()));
            }
        }
        inPlace.checksums = sums;
        return null;
    }

    private void requireRam(long gpa, long pages) {
        if (!layout.contains(gpa, pages)) {
            throw new StateException("the state has %d pages at 0x%x, where the machine has no RAM"
                    .formatted(pages, gpa));
        }
    }

    /** Reads a record's content; a long one in steps, so that a length that is not true allocates little. */
    private ByteBuffer content(int type, int length) throws IOException {
        String what = "record " + records;
        if (type == SnapshotFormat.PAGES || type == SnapshotFormat.DEFLATED_PAGES) {
            requireFull(pages(length), what);
            return pages;
        }
        byte[] bytes = new byte[Math.min(length, STEP)];
        int have = 0;
        while (true) {
            requireFull(ByteBuffer.wrap(bytes, have, bytes.length - have), what);
            have = bytes.length;
            if (have == length) {
                return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
            }
            bytes = Arrays.copyOf(bytes, (int) Math.min(length, 2L * have));
        }
    }

    private ByteBuffer pages(int length) {
        if (pages == null || pages.capacity() < length) {
            pages = ByteBuffer.allocateDirect(length).order(ByteOrder.LITTLE_ENDIAN);
        }
        return pages.clear().limit(length);
    }

    private void requireFull(ByteBuffer buffer, String what) throws IOException {
        buffer.mark();
        int missing = buffer.remaining();
        if (fill(buffer) < missing) {
            throw new StateException("the state ends within " + what);
        }
        buffer.reset();
    }

    /** Reads until a buffer is full or the state ends; how many bytes that were. */
    private int fill(ByteBuffer buffer) throws IOException {
        int start = buffer.position();
        int got = 0;
        while (buffer.hasRemaining() && got >= 0) {
            got = in.read(buffer);
        }
        position += buffer.position() - start;
        return buffer.position() - start;
    }

    private static ByteBuffer buffer(int size) {
        return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
    }

    private StateException damaged() {
        return new StateException("the state is damaged in record " + records);
    }

    private int shortNumber(ByteBuffer content) {
        requireLeft(content, Short.BYTES);
        return content.getShort() & 0xffff;
    }

    private int number(ByteBuffer content) {
        requireLeft(content, Integer.BYTES);
        return content.getInt();
    }

    private long longNumber(ByteBuffer content) {
        requireLeft(content, Long.BYTES);
        return content.getLong();
    }

    private String text(ByteBuffer content, int most) {
        int length = shortNumber(content);
        requireLeft(content, length);
        if (length > most) {
            throw damaged();
        }
        byte[] bytes = new byte[length];
        content.get(bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    private static byte[] rest(ByteBuffer content) {
        byte[] bytes = new byte[content.remaining()];
        content.get(bytes);
        return bytes;
    }

    private void requireLeft(ByteBuffer content, int count) {
        if (content.remaining() < count) {
            throw damaged();
        }
    }
}

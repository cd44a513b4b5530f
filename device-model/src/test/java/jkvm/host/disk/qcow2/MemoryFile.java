package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.IntPredicate;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Extent;

/** A file in memory that keeps a log of its changes and fails where a test wants it to. One thread at a time. */
public final class MemoryFile implements BlockFile {
    /** Kinds of changes. */
    public enum Kind {
        WRITE, FLUSH, TRUNCATE, PUNCH
    }

    /** One change; {@code bytes} is what was written. */
    public record Change(Kind kind, long position, long length, byte[] bytes) {
    }

    /** Decides whether a change fails. */
    @FunctionalInterface
    public interface Fault {
        void before(Change change) throws IOException;
    }

    private byte[] data;
    private int size;
    private final List<Change> log = new ArrayList<>();
    private Fault fault = change -> { };
    private boolean closed;
    private boolean fixed;

    public MemoryFile() {
        this(new byte[0]);
    }

    public MemoryFile(byte[] content) {
        data = content.clone();
        size = content.length;
    }

    /** A block device with this content. */
    static MemoryFile device(byte[] content) {
        MemoryFile device = new MemoryFile(content);
        device.fixed = true;
        return device;
    }

    /** Lets the file be used again after an image over it has been closed. */
    void reopen() {
        closed = false;
    }

    public List<Change> log() {
        return log;
    }

    public void failOn(Fault newFault) {
        fault = newFault;
    }

    boolean isClosed() {
        return closed;
    }

    public byte[] content() {
        return Arrays.copyOf(data, size);
    }

    /** Does one logged change, or only those sectors of a write that {@code sectors} lets through. */
    public void apply(Change change, IntPredicate sectors) {
        switch (change.kind) {
            case WRITE -> {
                for (int from = 0; from < change.length; ) {
                    int to = (int) Math.min(change.length, from + 512 - (change.position + from) % 512);
                    if (sectors.test(from)) {
                        grow(change.position + to);
                        System.arraycopy(change.bytes, from, data, (int) change.position + from, to - from);
                    }
                    from = to;
                }
            }
            case TRUNCATE -> {
                grow(change.length);
                if (change.length < size) {
                    Arrays.fill(data, (int) change.length, size, (byte) 0);
                    size = (int) change.length;
                }
            }
            case PUNCH -> {
                int to = (int) Math.min(size, change.position + change.length);
                if (to > change.position && sectors.test(0)) {
                    Arrays.fill(data, (int) change.position, to, (byte) 0);
                }
            }
            case FLUSH -> { }
        }
    }

    private void grow(long end) {
        if (end > data.length) {
            data = Arrays.copyOf(data, (int) Math.max(end, data.length * 3L / 2));
        }
        size = (int) Math.max(size, end);
    }

    private void change(Change change) throws IOException {
        if (closed) {
            throw new IOException("closed");
        }
        fault.before(change);
        if (fixed && change.kind == Kind.WRITE && change.position + change.length > size) {
            throw new IOException("no space left on device");
        }
        log.add(change);
        apply(change, sector -> true);
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public long size() {
        return size;
    }

    @Override
    public boolean hasFixedSize() {
        return fixed;
    }

    @Override
    public long allocated() {
        return size;
    }

    @Override
    public long read(long position, MemorySegment memory, long at, long length) {
        int count = (int) Math.clamp(size - position, 0, length);
        if (count > 0) {
            MemorySegment.copy(data, (int) position, memory, ValueLayout.JAVA_BYTE, at, count);
        }
        return count;
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        byte[] bytes = memory.asSlice(at, length).toArray(ValueLayout.JAVA_BYTE);
        change(new Change(Kind.WRITE, position, length, bytes));
    }

    @Override
    public void flush() throws IOException {
        change(new Change(Kind.FLUSH, 0, 0, null));
    }

    @Override
    public void truncate(long newSize) throws IOException {
        if (fixed) {
            return;
        }
        change(new Change(Kind.TRUNCATE, 0, newSize, null));
    }

    @Override
    public void punch(long position, long length) throws IOException {
        change(new Change(Kind.PUNCH, position, length, null));
    }

    @Override
    public boolean zero(long position, long length, boolean mayUnmap) throws IOException {
        change(new Change(Kind.PUNCH, position, length, null));
        return true;
    }

    @Override
    public Extent extent(long position, long length) {
        return new Extent(length, false);
    }

    @Override
    public void close() {
        closed = true;
    }
}

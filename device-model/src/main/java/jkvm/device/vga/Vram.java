package jkvm.device.vga;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Arrays;
import jkvm.bus.MemoryHandler;
import jkvm.device.board.DeviceMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The adapter's memory, and the pages of it that have changed since the last picture. As plain memory it is the linear
 * frame buffer: four planes lie in it byte by byte, so that the byte of plane P at plane address A is at A * 4 + P.
 * Guarded by the adapter's lock, but for the memory itself, which the guest may reach by itself.
 */
final class Vram implements MemoryHandler {
    static final int PAGE = DeviceMemory.PAGE_SIZE;
    /** Four planes of 64 KiB: all that a VGA has, and that its modes show. */
    static final int VGA_SIZE = 256 << 10;
    private static final int VGA_WORDS = VGA_SIZE / PAGE / Long.SIZE;
    static final ValueLayout.OfShort SHORT = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG =
            ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[PAGE]);

    private final Object lock;
    private final DeviceMemory memory;
    private final MemorySegment segment;
    private final int size;
    private final long[] dirty;
    private final long[] direct;
    private boolean fontsWritten;

    /** @param lock the adapter's */
    Vram(Object lock, DeviceMemory memory) {
        this.lock = lock;
        this.memory = memory;
        this.segment = memory.memory();
        this.size = (int) segment.byteSize();
        this.dirty = new long[Math.ceilDiv(size / PAGE, Long.SIZE)];
        this.direct = new long[dirty.length];
    }

    int size() {
        return size;
    }

    /** The number of elements of a set of its pages. */
    int pageWords() {
        return dirty.length;
    }

    @Override
    public MemorySegment memory() {
        return segment;
    }

    @Override
    public long read(long offset, int bytes) {
        return switch (bytes) {
            case Byte.BYTES -> segment.get(ValueLayout.JAVA_BYTE, offset) & 0xFF;
            case Short.BYTES -> segment.get(SHORT, offset) & 0xFFFF;
            case Integer.BYTES -> segment.get(INT, offset) & 0xFFFFFFFFL;
            default -> segment.get(LONG, offset);
        };
    }

    @Override
    public void write(long offset, int bytes, long value) {
        switch (bytes) {
            case Byte.BYTES -> segment.set(ValueLayout.JAVA_BYTE, offset, (byte) value);
            case Short.BYTES -> segment.set(SHORT, offset, (short) value);
            case Integer.BYTES -> segment.set(INT, offset, (int) value);
            default -> segment.set(LONG, offset, value);
        }
        synchronized (lock) {
            mark((int) offset);
            mark((int) offset + bytes - 1);
            fontsWritten |= offset < VGA_SIZE;
        }
    }

    int getByte(int at) {
        return segment.get(ValueLayout.JAVA_BYTE, at) & 0xFF;
    }

    int getShort(int at) {
        return segment.get(SHORT, at) & 0xFFFF;
    }

    /** The four planes at a plane address; outside of the memory all ones. */
    int planes(int address) {
        return address < size / Integer.BYTES ? segment.get(INT, (long) address * Integer.BYTES) : -1;
    }

    /**
     * Writes planes at a plane address; nowhere outside of the memory.
     *
     * @param mask a byte of ones for each plane that is written
     */
    void setPlanes(int address, int value, int mask) {
        if (address < size / Integer.BYTES) {
            int at = address * Integer.BYTES;
            segment.set(INT, at, segment.get(INT, at) & ~mask | value & mask);
            mark(at);
            fontsWritten |= (mask & 0xFF0000) != 0;
        }
    }

    /** Writes a byte; nowhere outside of the memory. */
    void setByte(int at, int value) {
        if (at < size) {
            segment.set(ValueLayout.JAVA_BYTE, at, (byte) value);
            mark(at);
        }
    }

    private void mark(int at) {
        int page = at / PAGE;
        dirty[page / Long.SIZE] |= 1L << page;
    }

    /** All of it has changed. */
    void markAll() {
        Arrays.fill(dirty, -1);
        fontsWritten = true;
    }

    /** Sets the beginning to zero. */
    void clear(int length) {
        segment.asSlice(0, Math.min(length, size)).fill((byte) 0);
        markAll();
    }

    /** Copies bytes from an address on, which wraps at a limit. */
    void copy(int from, int limit, byte[] target, int length) {
        int at = from;
        for (int done = 0; done < length; ) {
            int part = Math.min(length - done, limit - at);
            MemorySegment.copy(segment, ValueLayout.JAVA_BYTE, at, target, done, part);
            done += part;
            at = 0;
        }
    }

    /** Takes the pages that have changed since the last time. */
    void collect(long[] pages) {
        Arrays.fill(direct, 0);
        memory.collectWrites(direct);
        for (int i = 0; i < pages.length; i++) {
            fontsWritten |= i < VGA_WORDS && direct[i] != 0;
            pages[i] = dirty[i] | direct[i];
            dirty[i] = 0;
        }
    }

    /** True if characters' shapes may have changed since the last time. */
    boolean takeFontsWritten() {
        boolean written = fontsWritten;
        fontsWritten = false;
        return written;
    }

    /** Writes the pages that are not zero. */
    void save(StateWriter out) {
        int pages = size / PAGE;
        byte[] map = new byte[Math.ceilDiv(pages, Byte.SIZE)];
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (int page = 0; page < pages; page++) {
            MemorySegment one = segment.asSlice((long) page * PAGE, PAGE);
            if (one.mismatch(ZEROES) >= 0) {
                map[page / Byte.SIZE] |= (byte) (1 << page % Byte.SIZE);
                content.writeBytes(one.toArray(ValueLayout.JAVA_BYTE));
            }
        }
        out.putBytes("pages", map);
        out.putBytes("memory", content.toByteArray());
    }

    void load(StateReader in) {
        int pages = size / PAGE;
        byte[] map = in.getBytes("pages", Math.ceilDiv(pages, Byte.SIZE));
        int count = 0;
        for (byte bits : map) {
            count += Integer.bitCount(bits & 0xFF);
        }
        byte[] content = in.getBytes("memory", count * PAGE);
        int from = 0;
        for (int page = 0; page < pages; page++) {
            MemorySegment one = segment.asSlice((long) page * PAGE, PAGE);
            if ((map[page / Byte.SIZE] >> page % Byte.SIZE & 1) != 0) {
                MemorySegment.copy(content, from, one, ValueLayout.JAVA_BYTE, 0, PAGE);
                from += PAGE;
            } else if (one.mismatch(ZEROES) >= 0) {
                one.fill((byte) 0);
            }
        }
        markAll();
    }
}

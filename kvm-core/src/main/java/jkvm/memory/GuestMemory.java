package jkvm.memory;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A guest's RAM: one or more regions, addressed by guest physical address (GPA). Values are little-endian. Every access
 * that is not wholly inside one region throws {@link GuestAddressException}, which names the address.
 *
 * <p>Any thread may access it at any time, while the guest runs too; the guest sees plain accesses in no particular
 * order. Where order matters (a ring's index) use the acquire and release accessors, whose addresses must be aligned.
 * The memory belongs to the arena that it was allocated in; access after that is closed throws
 * {@link IllegalStateException}.
 *
 * {@snippet :
 * try (Arena arena = Arena.ofShared()) {
 *     GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, 1 << 20);
 *     memory.writeInt(0x500, 0xCAFE);
 *     assert memory.readShort(0x500) == (short) 0xCAFE;
 *     assert memory.contains(0xFFFFF, 1) && !memory.contains(0xFFFFF, 2);
 *     MemorySegment page = memory.slice(0x1000, 4096);   // the memory itself, without a copy
 *     page.fill((byte) 1);
 *     assert memory.readLong(0x1000) == 0x0101_0101_0101_0101L;
 * }
 * }
 */
public final class GuestMemory {
    /** Where RAM makes room for devices below 4 GiB on machines with more than 3 GiB. */
    public static final long HOLE_START = 0xC000_0000L;
    /** End of the room for devices below 4 GiB; RAM goes on here. */
    public static final long HOLE_END = 0x1_0000_0000L;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final MemoryRegion[] NONE = {};
    private static final MemorySegment ZEROES = MemorySegment.ofArray(new byte[PageBitmap.PAGE]).asReadOnly();

    private final MemoryRegion[] all;
    /** Where accesses look: none while pages are missing, so that an access without a look at these costs no branch. */
    private MemoryRegion[] regions;
    /** Null while the memory is whole. Plain, as the one before: both change while no device works, or to be whole. */
    private MissingPages missing;
    /**
     * Takes the pages that are written, null while nobody tracks them. Plain: it is set while no device writes, and a
     * device that has not seen the end of a tracking notes its pages in vain.
     */
    private PageBitmap written;

    /** Handles of aligned values, made by the first ordered access: guests without queues start without them. */
    private static final class Ordered {
        static final VarHandle SHORT = ValueLayout.JAVA_SHORT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
        static final VarHandle INT = ValueLayout.JAVA_INT.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
        static final VarHandle LONG = ValueLayout.JAVA_LONG.withOrder(ByteOrder.LITTLE_ENDIAN).varHandle();
    }

    /**
     * RAM of regions in any order.
     *
     * @throws IllegalArgumentException if there is no region or regions overlap
     */
    public GuestMemory(List<MemoryRegion> regions) {
        all = regions.toArray(new MemoryRegion[0]);
        Arrays.sort(all, (a, b) -> Long.compare(a.start(), b.start()));
        if (all.length == 0) {
            throw new IllegalArgumentException("the guest has no memory region");
        }
        for (int i = 1; i < all.length; i++) {
            if (all[i].start() < all[i - 1].end()) {
                throw new IllegalArgumentException("memory regions overlap at 0x%x".formatted(all[i].start()));
            }
        }
        this.regions = all;
    }

    /** A PC's RAM, with the hole for devices from {@link #HOLE_START} to {@link #HOLE_END} if it reaches into it. */
    public static GuestMemory ofPc(MemorySegment all) {
        List<MemoryRegion> regions = new ArrayList<>();
        long low = Math.min(all.byteSize(), HOLE_START);
        regions.add(new MemoryRegion(0, all.asSlice(0, low)));
        if (all.byteSize() > low) {
            regions.add(new MemoryRegion(HOLE_END, all.asSlice(low)));
        }
        return new GuestMemory(regions);
    }

    /** The regions in ascending order. */
    public List<MemoryRegion> regions() {
        return List.of(all);
    }

    /** Bytes of RAM in all regions. */
    public long size() {
        long size = 0;
        for (MemoryRegion region : all) {
            size += region.size();
        }
        return size;
    }

    /** First address after the RAM that starts at address zero and lies below 4 GiB. */
    public long lowEnd() {
        return all[0].end();
    }

    /** True where all of {@code [gpa, gpa + length)} is inside one region; any values may be given. */
    public boolean contains(long gpa, long length) {
        for (MemoryRegion region : all) {
            if (region.contains(gpa, length)) {
                return true;
            }
        }
        return false;
    }

    /**
     * The region that an address is in, for input and output without a copy or a view. Who uses it calls {@link
     * #require} before, and tells by {@link #noteWritten} what it wrote.
     */
    public MemoryRegion region(long gpa) {
        return region(gpa, 1);
    }

    private MemoryRegion region(long gpa, long length) {
        for (MemoryRegion region : regions) {
            if (region.contains(gpa, length)) {
                return region;
            }
        }
        return placeOf(gpa, length);
    }

    /** The region of a range, whose pages may be missing. */
    private MemoryRegion placeOf(long gpa, long length) {
        for (MemoryRegion region : all) {
            if (region.contains(gpa, length)) {
                require(gpa, length);
                return region;
            }
        }
        throw new GuestAddressException(gpa, length);
    }

    /**
     * Waits until the pages of a range of one region are there, for input and output that finds the memory by {@link
     * #region(long)}. Methods here that access memory do so.
     *
     * @throws MissingPageException if they do not come any more
     */
    public void require(long gpa, long length) {
        MissingPages pages = missing;
        if (pages != null) {
            pages.require(gpa, length);
        }
    }

    /** Accesses wait for these pages from now on, while no device works; null for none any more. */
    void await(MissingPages pages) {
        missing = pages;
        regions = pages == null ? all : NONE;
    }

    /** @throws IllegalStateException if pages are missing, so that a copy of the memory would not be whole */
    public void requireWhole() {
        if (missing != null) {
            throw new IllegalStateException("pages of the guest's memory are still with the other machine");
        }
    }

    /** Ends all waits for pages that are missing: the guest ends. */
    public void endWaits() {
        MissingPages pages = missing;
        if (pages != null) {
            pages.lose();
        }
    }

    /** Takes what was missing. */
    void place(long gpa, MemorySegment source, long offset, long length) {
        MemoryRegion region = all[regionOf(gpa)];
        MemorySegment.copy(source, offset, region.segment(), gpa - region.start(), length);
        noteWritten(gpa, length);
    }

    /** Takes a missing page of zeroes; one that is zero already is not touched, and takes no memory of the host. */
    void clear(long gpa) {
        MemoryRegion region = all[regionOf(gpa)];
        MemorySegment page = region.segment().asSlice(gpa - region.start(), PageBitmap.PAGE);
        if (page.mismatch(ZEROES) >= 0) {
            page.fill((byte) 0);
            noteWritten(gpa, PageBitmap.PAGE);
        }
    }

    private int regionOf(long gpa) {
        int i = 0;
        while (!all[i].contains(gpa, 1)) {
            i++;
        }
        return i;
    }

    /**
     * The memory itself, for input and output without a copy. The view is valid as long as the guest's memory is. Who
     * writes to it tells that by {@link #noteWritten}.
     */
    public MemorySegment slice(long gpa, long length) {
        MemoryRegion region = region(gpa, length);
        return region.segment().asSlice(gpa - region.start(), length);
    }

    /**
     * A device has written to the memory itself ({@link #slice}, {@link #region(long)}): call it after the write, so
     * that who copies a running guest's memory copies the page once more. Methods here that write call it.
     */
    public void noteWritten(long gpa, long length) {
        PageBitmap pages = written;
        if (pages != null) {
            pages.add(gpa, length);
        }
    }

    /** Notes from now on the pages that are written; null for no longer. */
    void noteWrites(PageBitmap pages) {
        written = pages;
    }

    /** True while written pages are noted: for who would have to remember where it wrote. */
    public boolean notesWrites() {
        return written != null;
    }

    /** Reads 8 bits. */
    public byte readByte(long gpa) {
        MemoryRegion region = region(gpa, Byte.BYTES);
        return region.segment().get(ValueLayout.JAVA_BYTE, gpa - region.start());
    }

    /** Reads 16 bits; any alignment. */
    public short readShort(long gpa) {
        MemoryRegion region = region(gpa, Short.BYTES);
        return region.segment().get(SHORT, gpa - region.start());
    }

    /** Reads 32 bits; any alignment. */
    public int readInt(long gpa) {
        MemoryRegion region = region(gpa, Integer.BYTES);
        return region.segment().get(INT, gpa - region.start());
    }

    /** Reads 64 bits; any alignment. */
    public long readLong(long gpa) {
        MemoryRegion region = region(gpa, Long.BYTES);
        return region.segment().get(LONG, gpa - region.start());
    }

    /** Writes 8 bits. */
    public void writeByte(long gpa, byte value) {
        MemoryRegion region = region(gpa, Byte.BYTES);
        region.segment().set(ValueLayout.JAVA_BYTE, gpa - region.start(), value);
        noteWritten(gpa, Byte.BYTES);
    }

    /** Writes 16 bits; any alignment. */
    public void writeShort(long gpa, short value) {
        MemoryRegion region = region(gpa, Short.BYTES);
        region.segment().set(SHORT, gpa - region.start(), value);
        noteWritten(gpa, Short.BYTES);
    }

    /** Writes 32 bits; any alignment. */
    public void writeInt(long gpa, int value) {
        MemoryRegion region = region(gpa, Integer.BYTES);
        region.segment().set(INT, gpa - region.start(), value);
        noteWritten(gpa, Integer.BYTES);
    }

    /** Writes 64 bits; any alignment. */
    public void writeLong(long gpa, long value) {
        MemoryRegion region = region(gpa, Long.BYTES);
        region.segment().set(LONG, gpa - region.start(), value);
        noteWritten(gpa, Long.BYTES);
    }

    /** Reads 16 bits; all that the guest wrote before it wrote this value is visible afterwards. */
    public short readShortAcquire(long gpa) {
        MemoryRegion region = region(gpa, Short.BYTES);
        return (short) Ordered.SHORT.getAcquire(region.segment(), gpa - region.start());
    }

    /** Writes 16 bits; the guest that sees this value sees all that was written before. */
    public void writeShortRelease(long gpa, short value) {
        MemoryRegion region = region(gpa, Short.BYTES);
        Ordered.SHORT.setRelease(region.segment(), gpa - region.start(), value);
        noteWritten(gpa, Short.BYTES);
    }

    /** Reads 32 bits; all that the guest wrote before it wrote this value is visible afterwards. */
    public int readIntAcquire(long gpa) {
        MemoryRegion region = region(gpa, Integer.BYTES);
        return (int) Ordered.INT.getAcquire(region.segment(), gpa - region.start());
    }

    /** Writes 32 bits; the guest that sees this value sees all that was written before. */
    public void writeIntRelease(long gpa, int value) {
        MemoryRegion region = region(gpa, Integer.BYTES);
        Ordered.INT.setRelease(region.segment(), gpa - region.start(), value);
        noteWritten(gpa, Integer.BYTES);
    }

    /** Reads 64 bits; all that the guest wrote before it wrote this value is visible afterwards. */
    public long readLongAcquire(long gpa) {
        MemoryRegion region = region(gpa, Long.BYTES);
        return (long) Ordered.LONG.getAcquire(region.segment(), gpa - region.start());
    }

    /** Writes 64 bits; the guest that sees this value sees all that was written before. */
    public void writeLongRelease(long gpa, long value) {
        MemoryRegion region = region(gpa, Long.BYTES);
        Ordered.LONG.setRelease(region.segment(), gpa - region.start(), value);
        noteWritten(gpa, Long.BYTES);
    }

    /** Copies guest memory into an array. */
    public void read(long gpa, byte[] target, int offset, int length) {
        MemoryRegion region = region(gpa, length);
        MemorySegment.copy(region.segment(), ValueLayout.JAVA_BYTE, gpa - region.start(), target, offset, length);
    }

    /** Copies an array into guest memory. */
    public void write(long gpa, byte[] source, int offset, int length) {
        MemoryRegion region = region(gpa, length);
        MemorySegment.copy(source, offset, region.segment(), ValueLayout.JAVA_BYTE, gpa - region.start(), length);
        noteWritten(gpa, length);
    }

    /** Copies a whole array into guest memory. */
    public void write(long gpa, byte[] source) {
        write(gpa, source, 0, source.length);
    }

    /** Copies guest memory into other memory. */
    public void read(long gpa, MemorySegment target, long offset, long length) {
        MemoryRegion region = region(gpa, length);
        MemorySegment.copy(region.segment(), gpa - region.start(), target, offset, length);
    }

    /** Copies other memory into guest memory. */
    public void write(long gpa, MemorySegment source, long offset, long length) {
        MemoryRegion region = region(gpa, length);
        MemorySegment.copy(source, offset, region.segment(), gpa - region.start(), length);
        noteWritten(gpa, length);
    }

    /** Sets {@code length} bytes to {@code value}. */
    public void fill(long gpa, long length, byte value) {
        slice(gpa, length).fill(value);
        noteWritten(gpa, length);
    }
}

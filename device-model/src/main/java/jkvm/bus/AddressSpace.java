package jkvm.bus;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;

/**
 * Finds the device for an address: one instance for ports, one for memory-mapped registers.
 *
 * <p>Ranges may overlap; the one with the higher priority is seen, the later added of two with the same. An access
 * outside all ranges reads as all ones, writes nothing, and is counted. One that crosses a range's start or end is
 * split, as a bus does it: each part, aligned to its size, goes to the range that it lies in.
 *
 * <p>Any thread may call. Access goes over an immutable view of the ranges, found by binary search, with no lock and no
 * allocation; adding, moving and removing ranges makes a new view. An access that runs at that moment sees the old one.
 *
 * {@snippet :
 * AddressSpace ports = new AddressSpace("port");
 * IoHandler keyboard = new IoHandler() {
 *     public long read(long offset, int size) {
 *         return 0x1C + offset;
 *     }
 *
 *     public void write(long offset, int size, long value) {
 *     }
 * };
 * AddressSpace.Region region = ports.add(new AddressRange(0x60, 8), keyboard);
 * assert ports.dispatchRead(0x64, 1) == 0x20;
 * region.move(new AddressRange(0x160, 8));
 * assert ports.dispatchRead(0x64, 1) == -1 && ports.unassignedAccesses() == 1;
 * }
 */
public final class AddressSpace {
    private final String name;
    private final GuestLog log;
    private final LongAdder unassigned = new LongAdder();
    private final List<Region> regions = new ArrayList<>();
    private AccessWatch watch = AccessWatch.NONE;
    private Runnable listener = () -> { };
    private volatile View view = new View(new long[0], new long[0], new long[0], new IoHandler[0], new Region[0]);

    /**
     * A space without ranges.
     *
     * @param name in messages: {@code port}, {@code memory}
     */
    public AddressSpace(String name) {
        this.name = name;
        this.log = new GuestLog("jkvm.bus." + name);
    }

    /** A range and the device that serves it. */
    public final class Region {
        private final IoHandler handler;
        private final int priority;
        private String owner;
        private AddressRange range;
        /** The target of accesses: the handler, or the watch around it. */
        private IoHandler seen;

        private Region(AddressRange range, IoHandler handler, int priority) {
            this.range = range;
            this.handler = handler;
            this.priority = priority;
            this.owner = handler instanceof Device device ? device.name() : "";
        }

        /** Says whose range it is, where the handler is not the device itself. */
        public Region ownedBy(String device) {
            synchronized (regions) {
                owner = device;
                seen = null;
                rebuild();
            }
            return this;
        }

        /** Puts the range elsewhere while vCPUs run. */
        public void move(AddressRange target) {
            synchronized (regions) {
                range = target;
                seen = null;
                rebuild();
            }
        }

        /** Takes the range out. Removing twice does nothing. */
        public void remove() {
            synchronized (regions) {
                regions.remove(this);
                rebuild();
            }
        }
    }

    /**
     * A range, or the part of one that no other covers.
     *
     * @param owner the device's name; empty if it is not known
     */
    public record Visible(AddressRange range, String owner) {
    }

    /** A range of plain memory. */
    public record Plain(AddressRange range, MemoryHandler handler) {
    }

    /**
     * The ranges as accesses see them. Holds each range's start from when the view was made: a range may move
     * meanwhile.
     */
    private record View(long[] starts, long[] ends, long[] bases, IoHandler[] handlers, Region[] regions) {

        /** The index of the entry that holds {@code address}, or else the complement of the next entry's. */
        int find(long address) {
            int low = 0;
            int high = starts.length - 1;
            while (low <= high) {
                int middle = (low + high) >>> 1;
                if (address < starts[middle]) {
                    high = middle - 1;
                } else if (address >= ends[middle]) {
                    low = middle + 1;
                } else {
                    return middle;
                }
            }
            return ~low;
        }

        /** True unless an access begins in the entry, or outside of all, and ends elsewhere. */
        boolean isWhole(int index, long address, int size) {
            return index >= 0 ? address + size <= ends[index]
                    : ~index == starts.length || address + size <= starts[~index];
        }
    }

    /** Adds a range of priority zero. */
    public Region add(AddressRange range, IoHandler handler) {
        return add(range, handler, 0);
    }

    /**
     * Adds a range.
     *
     * @param priority decides where ranges overlap: the higher is seen
     */
    public Region add(AddressRange range, IoHandler handler, int priority) {
        Region region = new Region(range, handler, priority);
        synchronized (regions) {
            regions.add(region);
            rebuild();
        }
        return region;
    }

    /**
     * Watches all accesses that reach a device from now on, also of ranges that come later. Without a watch there is
     * nothing between the space and its devices.
     *
     * @param newWatch {@link AccessWatch#NONE} to end it
     */
    public void watch(AccessWatch newWatch) {
        synchronized (regions) {
            watch = newWatch;
            regions.forEach(region -> region.seen = null);
            rebuild();
        }
    }

    /**
     * Tells of each change of the ranges from now on.
     *
     * @param newListener called with the lock held that guards the ranges
     */
    public void onChange(Runnable newListener) {
        synchronized (regions) {
            listener = newListener;
        }
    }

    /** The ranges of plain memory that accesses see whole. */
    public List<Plain> plainRanges() {
        View current = view;
        List<Plain> plain = new ArrayList<>();
        for (int i = 0; i < current.starts.length; i++) {
            Region region = current.regions[i];
            AddressRange range = new AddressRange(current.starts[i], current.ends[i] - current.starts[i]);
            if (region.handler instanceof MemoryHandler handler && region.range.equals(range)) {
                plain.add(new Plain(range, handler));
            }
        }
        return plain;
    }

    /** The name of the device that an access to this address reaches; empty if there is none, or no name. */
    public String ownerOf(long address) {
        View current = view;
        int index = current.find(address);
        return index < 0 ? "" : current.regions[index].owner;
    }

    /**
     * The name of the register that an access to this address reaches; empty if there is no device, or its registers
     * have no names.
     */
    public String registerAt(long address) {
        View current = view;
        int index = current.find(address);
        RegisterNames names = index < 0 ? null : current.regions[index].handler.registerNames();
        return names == null ? "" : names.at(address - current.bases[index]);
    }

    /** The ranges as accesses see them, in ascending order: without those, and parts of those, that others cover. */
    public List<Visible> ranges() {
        View current = view;
        List<Visible> ranges = new ArrayList<>();
        for (int i = 0; i < current.starts.length; i++) {
            ranges.add(new Visible(new AddressRange(current.starts[i], current.ends[i] - current.starts[i]),
                    current.regions[i].owner));
        }
        return ranges;
    }

    /** Accesses that no range took, and parts of those that were split. */
    public long unassignedAccesses() {
        return unassigned.sum();
    }

    /** Reads 1 to 8 bytes; all ones where there is nothing. */
    public long dispatchRead(long address, int size) {
        View current = view;
        int index = current.find(address);
        if (!current.isWhole(index, address, size)) {
            return readParts(current, address, size);
        }
        if (index < 0) {
            refuse(address, size);
            return -1;
        }
        IoHandler handler = current.handlers[index];
        long offset = address - current.bases[index];
        return Integer.bitCount(size) == 1 ? handler.read(offset, size) : readBytes(handler, offset, size);
    }

    /** Writes 1 to 8 bytes; nowhere if there is nothing. */
    public void dispatchWrite(long address, int size, long value) {
        View current = view;
        int index = current.find(address);
        if (!current.isWhole(index, address, size)) {
            writeParts(current, address, size, value);
            return;
        }
        if (index < 0) {
            refuse(address, size);
            return;
        }
        IoHandler handler = current.handlers[index];
        long offset = address - current.bases[index];
        if (Integer.bitCount(size) == 1) {
            handler.write(offset, size, value);
        } else {
            writeBytes(handler, offset, size, value);
        }
    }

    /** An unaligned access that the processor split at a page's end comes with 3, 5, 6 or 7 bytes. */
    private static long readBytes(IoHandler handler, long offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (handler.read(offset + i, 1) & 0xFF) << i * Byte.SIZE;
        }
        return value;
    }

    private static void writeBytes(IoHandler handler, long offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            handler.write(offset + i, 1, value >>> i * Byte.SIZE & 0xFF);
        }
    }

    private long readParts(View current, long address, int size) {
        long value = 0;
        int part;
        for (int done = 0; done < size; done += part) {
            part = partSize(current, address + done, size - done);
            long mask = -1L >>> Long.SIZE - part * Byte.SIZE;
            value |= (dispatchRead(address + done, part) & mask) << done * Byte.SIZE;
        }
        return value;
    }

    private void writeParts(View current, long address, int size, long value) {
        int part;
        for (int done = 0; done < size; done += part) {
            part = partSize(current, address + done, size - done);
            long mask = -1L >>> Long.SIZE - part * Byte.SIZE;
            dispatchWrite(address + done, part, value >>> done * Byte.SIZE & mask);
        }
    }

    /** The largest power of two that the address is a multiple of and that crosses no range's start or end. */
    private static int partSize(View current, long address, int left) {
        int size = (int) Math.min(Integer.highestOneBit(left), address == 0 ? left : Long.lowestOneBit(address));
        int index = current.find(address);
        while (!current.isWhole(index, address, size)) {
            size /= 2;
        }
        return size;
    }

    private void refuse(long address, int size) {
        unassigned.increment();
        log.log("no device at this " + name, address, size);
    }

    /** Lays the ranges over one another, lowest priority first, and removes the parts that are covered. */
    private void rebuild() {
        List<Region> order = new ArrayList<>(regions);
        order.sort((a, b) -> Integer.compare(a.priority, b.priority));
        List<Piece> pieces = new ArrayList<>();
        for (Region region : order) {
            pieces = cover(pieces, region);
        }
        pieces.sort((a, b) -> Long.compare(a.start, b.start));
        View next = new View(new long[pieces.size()], new long[pieces.size()], new long[pieces.size()],
                new IoHandler[pieces.size()], new Region[pieces.size()]);
        for (int i = 0; i < pieces.size(); i++) {
            Piece piece = pieces.get(i);
            next.starts[i] = piece.start;
            next.ends[i] = piece.end;
            next.bases[i] = piece.region.range.start();
            next.handlers[i] = watched(piece.region);
            next.regions[i] = piece.region;
        }
        view = next;
        listener.run();
    }

    private IoHandler watched(Region region) {
        if (region.seen == null) {
            region.seen = watch.around(region.handler, region.owner, region.range.start());
        }
        return region.seen;
    }

    private record Piece(long start, long end, Region region) {
    }

    private static List<Piece> cover(List<Piece> below, Region top) {
        long start = top.range.start();
        long end = top.range.end();
        List<Piece> result = new ArrayList<>();
        for (Piece piece : below) {
            if (piece.start < Math.min(start, piece.end)) {
                result.add(new Piece(piece.start, Math.min(start, piece.end), piece.region));
            }
            if (Math.max(end, piece.start) < piece.end) {
                result.add(new Piece(Math.max(end, piece.start), piece.end, piece.region));
            }
        }
        result.add(new Piece(start, end, top));
        return result;
    }
}

package jkvm.boot;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.tables.MemoryMap;

/**
 * The content of guest memory at the guest's start. A loader first plans everything, which checks every byte's place,
 * then calls {@link #write()}: a file that is refused leaves guest memory as it was.
 */
final class LoadPlan {
    private record Range(long start, long end, String what) { }

    private record FilePart(BootFile file, long offset, long size, long gpa, long memorySize) { }

    private record Data(long gpa, byte[] bytes) { }

    private final GuestMemory memory;
    private final MemoryMap map;
    private final boolean isRehearsal;
    private final List<Range> taken = new ArrayList<>();
    private final List<FilePart> parts = new ArrayList<>();
    private final List<Data> data = new ArrayList<>();
    private long nextString = BootLayout.STRINGS;

    LoadPlan(BootRequest request) {
        this.memory = request.memory();
        this.map = request.memoryMap();
        this.isRehearsal = request.isRehearsal();
    }

    /** Keeps files away from {@code [start, end)}. Before the first {@link #load}. */
    void reserve(long start, long end, String what) {
        taken.add(new Range(start, end, what));
    }

    /** Data for a place that was reserved. */
    void put(long gpa, byte[] bytes) {
        data.add(new Data(gpa, bytes));
    }

    /**
     * Places a text and a zero byte after it. Before the first {@link #load}.
     *
     * @param what names the text in messages
     * @return its address
     */
    long string(String text, String what) {
        if (text.indexOf('\0') >= 0) {
            throw new BootException(what + ": contains a zero byte");
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        long address = nextString;
        if (bytes.length + 1 > BootLayout.STRINGS_END - address) {
            throw new BootException("%s: %d bytes are too long; the limit is %d".formatted(what, bytes.length,
                    Math.max(0, BootLayout.STRINGS_END - address - 1)));
        }
        put(address, Arrays.copyOf(bytes, bytes.length + 1));
        nextString = address + bytes.length + 1;
        reserve(address, nextString, what);
        return address;
    }

    /**
     * Loads {@code size} bytes of a file to {@code gpa}, and zeros after them up to {@code memorySize}.
     *
     * @throws BootException if that is not in the file, not in usable RAM, or not free
     */
    void load(BootFile file, long offset, long size, long gpa, long memorySize) {
        if (!file.contains(offset, size)) {
            throw file.error("wants %s bytes at offset %s, but ends at %d".formatted(Long.toUnsignedString(size),
                    Long.toUnsignedString(offset), file.size()));
        }
        if (memorySize < size && memorySize >= 0) {
            throw file.error("puts %d bytes of the file into %d bytes of memory at 0x%x".formatted(size,
                    memorySize, gpa));
        }
        if (!map.isUsable(gpa, memorySize) || !memory.contains(gpa, memorySize)) {
            throw file.error("wants %s bytes of memory at 0x%x, where the guest has no usable RAM; usable are %s"
                    .formatted(Long.toUnsignedString(memorySize), gpa, usable()));
        }
        Range conflict = conflict(gpa, gpa + memorySize);
        if (conflict != null) {
            throw file.error("wants memory at 0x%x-0x%x, already taken by %s (0x%x-0x%x)".formatted(gpa,
                    gpa + memorySize, conflict.what, conflict.start, conflict.end));
        }
        taken.add(new Range(gpa, gpa + memorySize, "another part of a boot file"));
        parts.add(new FilePart(file, offset, size, gpa, memorySize));
    }

    private String usable() {
        StringBuilder text = new StringBuilder();
        for (MemoryMap.Entry entry : map.entries()) {
            if (entry.type() == MemoryMap.USABLE) {
                text.append(text.isEmpty() ? "" : ", ").append("0x%x-0x%x".formatted(entry.start(), entry.end()));
            }
        }
        return text.toString();
    }

    private Range conflict(long start, long end) {
        for (Range range : taken) {
            if (start < range.end && range.start < end) {
                return range;
            }
        }
        return null;
    }

    /**
     * The highest free page-aligned place between {@code floor} and {@code ceiling} in RAM below 4 GiB.
     *
     * @return its address, or -1 if there is none
     */
    long highest(long size, long floor, long ceiling) {
        long end = Math.min(ceiling, map.lowEnd());
        while (end - size >= floor && size <= end) {
            long start = (end - size) & -BootLayout.PAGE;
            Range conflict = conflict(start, start + size);
            if (start >= floor && conflict == null) {
                return start;
            }
            end = conflict == null ? start : conflict.start;
        }
        return -1;
    }

    /**
     * The lowest free page-aligned place from {@code floor}, at least 1 MiB, on in RAM below 4 GiB.
     *
     * @return its address, or -1 if there is none
     */
    long lowest(long size, long floor) {
        long start = BootLayout.pageUp(Math.max(floor, BootLayout.HIGH_MEMORY));
        while (size <= map.lowEnd() - start) {
            Range conflict = conflict(start, start + size);
            if (conflict == null) {
                return start;
            }
            start = BootLayout.pageUp(conflict.end);
        }
        return -1;
    }

    /** Puts everything into guest memory, unless it is a rehearsal. */
    void write() {
        if (isRehearsal) {
            return;
        }
        for (FilePart part : parts) {
            part.file.readInto(memory, part.gpa, part.offset, part.size);
            memory.fill(part.gpa + part.size, part.memorySize - part.size, (byte) 0);
        }
        for (Data piece : data) {
            memory.write(piece.gpa, piece.bytes);
        }
    }
}

package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import jkvm.tables.MemoryMap;

/** An x86 ELF file of either class, parsed and checked (System V ABI, generic chapters 4 and 5). */
final class ElfFile {
    private static final int MAGIC = 0x464C457F;
    private static final int HEADER_64_SIZE = 64;
    private static final int HEADER_32_SIZE = 52;
    private static final int CLASS_OFFSET = 4;
    private static final int DATA_OFFSET = 5;
    private static final int CLASS_32 = 1;
    private static final int CLASS_64 = 2;
    private static final int LITTLE_ENDIAN = 1;
    private static final int TYPE_OFFSET = 16;
    private static final int MACHINE_OFFSET = 18;
    private static final int ET_EXEC = 2;
    private static final int ET_DYN = 3;
    private static final int EM_386 = 3;
    private static final int EM_486 = 6;
    static final int EM_X86_64 = 62;
    private static final int PHDR_64_SIZE = 56;
    private static final int PHDR_32_SIZE = 32;
    private static final int PT_LOAD = 1;
    private static final int PT_NOTE = 4;
    private static final int MAX_NOTES_SIZE = 1 << 20;
    private static final int NOTE_HEADER_SIZE = 12;
    private static final int XEN_ELFNOTE_PHYS32_ENTRY = 18;
    private static final byte[] XEN = "Xen\0".getBytes(StandardCharsets.US_ASCII);

    /** A program header; sizes and addresses are unsigned 64-bit. */
    private record Segment(int type, long offset, long vaddr, long paddr, long fileSize, long memorySize,
            long align) { }

    private final BootFile file;
    private final boolean is64;
    private final int machine;
    private final long entry;
    private final List<Segment> segments;

    private ElfFile(BootFile file, boolean is64, int machine, long entry, List<Segment> segments) {
        this.file = file;
        this.is64 = is64;
        this.machine = machine;
        this.entry = entry;
        this.segments = segments;
    }

    static boolean isElf(BootFile file) {
        return file.contains(0, Integer.BYTES) && file.read(0, Integer.BYTES).getInt(0) == MAGIC;
    }

    /** @throws BootException if it is no executable for x86, or its headers are not what they claim */
    static ElfFile parse(BootFile file) {
        ByteBuffer ident = header(file, HEADER_32_SIZE);
        int elfClass = ident.get(CLASS_OFFSET);
        if (elfClass != CLASS_32 && elfClass != CLASS_64 || ident.get(DATA_OFFSET) != LITTLE_ENDIAN) {
            throw file.error("is an ELF file, but not a little-endian one of 32 or 64 bits");
        }
        boolean is64 = elfClass == CLASS_64;
        ByteBuffer header = header(file, is64 ? HEADER_64_SIZE : HEADER_32_SIZE);
        int type = Short.toUnsignedInt(header.getShort(TYPE_OFFSET));
        int machine = Short.toUnsignedInt(header.getShort(MACHINE_OFFSET));
        if (machine != EM_X86_64 && (is64 || machine != EM_386 && machine != EM_486)) {
            throw file.error("is an ELF file for another processor (e_machine %d); x86 is needed".formatted(machine));
        }
        if (type != ET_EXEC && type != ET_DYN) {
            throw file.error("is an ELF file but no executable (e_type %d); link it first".formatted(type));
        }
        long entry = is64 ? header.getLong(24) : Integer.toUnsignedLong(header.getInt(24));
        long table = is64 ? header.getLong(32) : Integer.toUnsignedLong(header.getInt(28));
        int entrySize = Short.toUnsignedInt(header.getShort(is64 ? 54 : 42));
        int count = Short.toUnsignedInt(header.getShort(is64 ? 56 : 44));
        return new ElfFile(file, is64, machine, entry, segments(file, is64, table, entrySize, count));
    }

    private static ByteBuffer header(BootFile file, int size) {
        if (!file.contains(0, size)) {
            throw file.error("is truncated: %d bytes are too few for an ELF header".formatted(file.size()));
        }
        return file.read(0, size);
    }

    private static List<Segment> segments(BootFile file, boolean is64, long table, int entrySize, int count) {
        int expected = is64 ? PHDR_64_SIZE : PHDR_32_SIZE;
        if (count == 0) {
            throw file.error("has no program headers, so nothing to load; link it as an executable");
        }
        if (entrySize != expected || !file.contains(table, (long) count * expected)) {
            throw file.error("has bad ELF program headers (%d of %d bytes at offset %s)".formatted(count, entrySize,
                    Long.toUnsignedString(table)));
        }
        ByteBuffer headers = file.read(table, count * expected);
        List<Segment> segments = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            int at = i * expected;
            segments.add(is64
                    ? new Segment(headers.getInt(at), headers.getLong(at + 8), headers.getLong(at + 16),
                            headers.getLong(at + 24), headers.getLong(at + 32), headers.getLong(at + 40),
                            headers.getLong(at + 48))
                    : new Segment(headers.getInt(at), word(headers, at + 4), word(headers, at + 8),
                            word(headers, at + 12), word(headers, at + 16), word(headers, at + 20),
                            word(headers, at + 28)));
        }
        return segments;
    }

    private static long word(ByteBuffer buffer, int offset) {
        return Integer.toUnsignedLong(buffer.getInt(offset));
    }

    boolean is64() {
        return is64;
    }

    int machine() {
        return machine;
    }

    /**
     * Plans all loadable segments at their physical addresses.
     *
     * @return first address after the highest of them
     */
    long plan(LoadPlan plan) {
        long end = 0;
        for (Segment segment : segments) {
            if (isLoaded(segment)) {
                long skipped = headersOverFirmware(segment);
                if (skipped == 0 || skipped < segment.memorySize) {
                    plan.load(file, segment.offset + skipped, segment.fileSize - skipped, segment.paddr + skipped,
                            segment.memorySize - skipped);
                }
                end = Math.max(end, segment.paddr + segment.memorySize);
            }
        }
        if (end == 0) {
            throw file.error("has no loadable segment");
        }
        return end;
    }

    /**
     * How much of a segment's start is left out. Linkers put the file's own headers on the page before the first
     * section, which for a program at 1 MiB is where firmware tables are; no program needs them there.
     */
    private static long headersOverFirmware(Segment segment) {
        boolean isPageBelow = MemoryMap.FIRMWARE_END - segment.paddr == BootLayout.PAGE;
        if (segment.offset != 0 || !isPageBelow || segment.fileSize < 0 || segment.memorySize < segment.fileSize) {
            return 0;
        }
        return Math.min(BootLayout.PAGE, segment.fileSize);
    }

    private static boolean isLoaded(Segment segment) {
        return segment.type == PT_LOAD && (segment.memorySize != 0 || segment.fileSize != 0);
    }

    /**
     * The entry point's physical address: kernels that are linked to a high virtual address name that one.
     *
     * @throws BootException if it is in no segment or not below 4 GiB
     */
    long physicalEntry() {
        for (Segment segment : segments) {
            if (isLoaded(segment) && Long.compareUnsigned(entry - segment.vaddr, segment.memorySize) < 0) {
                return checkEntry(entry - segment.vaddr + segment.paddr);
            }
        }
        return checkEntry(entry);
    }

    /** The physical 32-bit entry point that a PVH note names, if there is one. */
    OptionalLong pvhEntry() {
        for (Segment segment : segments) {
            if (segment.type == PT_NOTE) {
                OptionalLong found = findPvhEntry(segment);
                if (found.isPresent()) {
                    return OptionalLong.of(checkEntry(found.getAsLong()));
                }
            }
        }
        return OptionalLong.empty();
    }

    private OptionalLong findPvhEntry(Segment segment) {
        if (!file.contains(segment.offset, segment.fileSize)) {
            throw file.error("has a note segment that ends outside the file");
        }
        ByteBuffer notes = file.read(segment.offset, (int) Math.min(segment.fileSize, MAX_NOTES_SIZE));
        long align = segment.align == Long.BYTES ? Long.BYTES : Integer.BYTES;
        long at = 0;
        while (at + NOTE_HEADER_SIZE <= notes.limit()) {
            long nameSize = word(notes, (int) at);
            long size = word(notes, (int) at + 4);
            int type = notes.getInt((int) at + 8);
            long name = at + NOTE_HEADER_SIZE;
            long description = name + nameSize + align - 1 & -align;
            if (description + size > notes.limit()) {
                break;
            }
            if (type == XEN_ELFNOTE_PHYS32_ENTRY && nameSize == XEN.length && isXen(notes, (int) name)) {
                return OptionalLong.of(entry(notes, (int) description, size));
            }
            at = description + size + align - 1 & -align;
        }
        return OptionalLong.empty();
    }

    private static boolean isXen(ByteBuffer notes, int at) {
        byte[] name = new byte[XEN.length];
        notes.get(at, name);
        return Arrays.equals(name, XEN);
    }

    private long entry(ByteBuffer notes, int at, long size) {
        if (size == Integer.BYTES) {
            return word(notes, at);
        }
        if (size == Long.BYTES) {
            return notes.getLong(at);
        }
        throw file.error("has a PVH note with an entry point of %d bytes".formatted(size));
    }

    private long checkEntry(long address) {
        for (Segment segment : segments) {
            if (isLoaded(segment) && Long.compareUnsigned(address - segment.paddr, segment.memorySize) < 0
                    && address >>> 32 == 0 && address - segment.paddr >= headersOverFirmware(segment)) {
                return address;
            }
        }
        throw file.error("has its entry point at 0x%x, in none of its segments below 4 GiB".formatted(address));
    }
}

package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Makes small ELF files, good and bad. The content of segments follows the headers in order. */
final class ElfBuilder {
    private static final int PT_LOAD = 1;
    private static final int PT_NOTE = 4;

    private record Segment(int type, byte[] content, long vaddr, long paddr, long memorySize, Long offset,
            Long size) { }

    private final boolean is64;
    private final List<Segment> segments = new ArrayList<>();
    private int machine;
    private long entry;

    private ElfBuilder(boolean is64) {
        this.is64 = is64;
        this.machine = is64 ? 62 : 3;
    }

    static ElfBuilder elf32() {
        return new ElfBuilder(false);
    }

    static ElfBuilder elf64() {
        return new ElfBuilder(true);
    }

    ElfBuilder machine(int value) {
        machine = value;
        return this;
    }

    ElfBuilder entry(long address) {
        entry = address;
        return this;
    }

    ElfBuilder load(long address, byte[] content) {
        return load(address, address, content, content.length);
    }

    ElfBuilder load(long vaddr, long paddr, byte[] content, long memorySize) {
        segments.add(new Segment(PT_LOAD, content, vaddr, paddr, memorySize, null, null));
        return this;
    }

    /** A segment whose header tells where in the file it is, whatever there is. */
    ElfBuilder loadAt(long offset, long size, long address, long memorySize) {
        segments.add(new Segment(PT_LOAD, new byte[0], address, address, memorySize, offset, size));
        return this;
    }

    ElfBuilder pvhNote(int address) {
        ByteBuffer note = ByteBuffer.allocate(20).order(ByteOrder.LITTLE_ENDIAN);
        note.putInt(4).putInt(4).putInt(18).put(new byte[] {'X', 'e', 'n', 0}).putInt(address);
        segments.add(new Segment(PT_NOTE, note.array(), 0, 0, 0, null, null));
        return this;
    }

    byte[] build() {
        int headerSize = is64 ? 64 : 52;
        int entrySize = is64 ? 56 : 32;
        int contentAt = headerSize + entrySize * segments.size();
        int size = contentAt + segments.stream().mapToInt(s -> s.content.length).sum();
        ByteBuffer out = ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        out.put(new byte[] {0x7F, 'E', 'L', 'F', (byte) (is64 ? 2 : 1), 1, 1}).position(16);
        out.putShort((short) 2).putShort((short) machine).putInt(1);
        word(out, entry);
        word(out, headerSize);
        word(out, 0);
        out.putInt(0).putShort((short) headerSize).putShort((short) entrySize).putShort((short) segments.size());
        out.position(headerSize);
        long offset = contentAt;
        for (Segment segment : segments) {
            header(out, segment, offset);
            offset += segment.content.length;
        }
        segments.forEach(s -> out.put(s.content));
        return out.array();
    }

    private void header(ByteBuffer out, Segment segment, long next) {
        long offset = segment.offset != null ? segment.offset : next;
        long size = segment.size != null ? segment.size : segment.content.length;
        out.putInt(segment.type);
        if (is64) {
            out.putInt(7).putLong(offset).putLong(segment.vaddr).putLong(segment.paddr).putLong(size);
            out.putLong(segment.memorySize).putLong(4);
        } else {
            out.putInt((int) offset).putInt((int) segment.vaddr).putInt((int) segment.paddr).putInt((int) size);
            out.putInt((int) segment.memorySize).putInt(7).putInt(4);
        }
    }

    private void word(ByteBuffer out, long value) {
        if (is64) {
            out.putLong(value);
        } else {
            out.putInt((int) value);
        }
    }
}

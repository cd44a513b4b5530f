package jkvm.boot;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Optional;

/**
 * The names that an ELF file has for addresses of its code (System V ABI, chapter 4, "Symbol Table"). A name is a
 * convenience: a file without symbols, and one that is no ELF file or is damaged, has none.
 */
public final class ElfSymbols {
    /** No names. */
    public static final ElfSymbols NONE = new ElfSymbols(new Symbol[0], ByteBuffer.allocate(0));

    private static final int CLASS_OFFSET = 4;
    private static final int CLASS_64 = 2;
    private static final int HEADER_SIZE = 64;
    private static final int SHT_SYMTAB = 2;
    private static final int MAX_SECTIONS = 1 << 16;
    private static final long MAX_TABLE = 64L << 20;
    private static final int TYPE_MASK = 0xF;
    private static final int STT_NOTYPE = 0;
    private static final int STT_FUNC = 2;
    private static final int MAX_NAME = 256;
    /** Code without a symbol lies at most so far after one that has no size. */
    private static final long REACH = 0x10000;

    /** By address; where several have the same, functions first. */
    private final Symbol[] symbols;
    private final ByteBuffer names;

    private record Symbol(long address, long size, int name, boolean isFunction) {
        boolean reaches(long to) {
            return to - address < (size == 0 ? REACH : size);
        }
    }

    /** A symbol and the distance from it. */
    public record Place(String symbol, long offset) {
        @Override
        public String toString() {
            return offset == 0 ? symbol : symbol + "+0x" + Long.toHexString(offset);
        }
    }

    /** Where the parts of a file's headers and entries lie: they differ between 32 and 64 bits. */
    private record Layout(boolean is64) {
        long word(ByteBuffer buffer, int at64, int at32) {
            return is64 ? buffer.getLong(at64) : Integer.toUnsignedLong(buffer.getInt(at32));
        }

        int sectionSize() {
            return is64 ? 64 : 40;
        }

        int symbolSize() {
            return is64 ? 24 : 16;
        }
    }

    private ElfSymbols(Symbol[] symbols, ByteBuffer names) {
        this.symbols = symbols;
        this.names = names;
    }

    /** Reads a file's. */
    public static ElfSymbols read(Path path) {
        try (BootFile file = BootFile.open(BootException.Role.KERNEL, path.toString())) {
            return ElfFile.isElf(file) && file.contains(0, HEADER_SIZE) ? read(file) : NONE;
        } catch (BootException | IllegalArgumentException | IndexOutOfBoundsException _) {
            return NONE;
        }
    }

    private static ElfSymbols read(BootFile file) {
        ByteBuffer header = file.read(0, HEADER_SIZE);
        Layout layout = new Layout(header.get(CLASS_OFFSET) == CLASS_64);
        long table = layout.word(header, 40, 32);
        int entry = Short.toUnsignedInt(header.getShort(layout.is64 ? 58 : 46));
        int count = Short.toUnsignedInt(header.getShort(layout.is64 ? 60 : 48));
        if (entry != layout.sectionSize() || count > MAX_SECTIONS || !file.contains(table, (long) count * entry)) {
            return NONE;
        }
        ByteBuffer sections = file.read(table, count * entry);
        for (int i = 0; i < count; i++) {
            ByteBuffer section = sections.slice(i * entry, entry).order(sections.order());
            int link = section.getInt(layout.is64 ? 40 : 24);
            if (section.getInt(4) == SHT_SYMTAB && link > 0 && link < count) {
                return new ElfSymbols(symbols(content(file, section, layout), layout),
                        content(file, sections.slice(link * entry, entry).order(sections.order()), layout));
            }
        }
        return NONE;
    }

    private static ByteBuffer content(BootFile file, ByteBuffer section, Layout layout) {
        long offset = layout.word(section, 24, 16);
        long size = layout.word(section, 32, 20);
        if (size < 0 || size > MAX_TABLE || !file.contains(offset, size)) {
            throw new IllegalArgumentException("no such section");
        }
        return file.read(offset, (int) size);
    }

    private static Symbol[] symbols(ByteBuffer table, Layout layout) {
        int size = layout.symbolSize();
        Symbol[] found = new Symbol[table.capacity() / size];
        int count = 0;
        for (int i = 0; i < found.length; i++) {
            int at = i * size;
            int type = table.get(at + (layout.is64 ? 4 : 12)) & TYPE_MASK;
            int section = table.getShort(at + (layout.is64 ? 6 : 14));
            long address = layout.word(table, at + 8, at + 4);
            if ((type == STT_FUNC || type == STT_NOTYPE) && section != 0 && table.getInt(at) != 0) {
                found[count++] = new Symbol(address, layout.word(table, at + 16, at + 8), table.getInt(at),
                        type == STT_FUNC);
            }
        }
        Symbol[] symbols = Arrays.copyOf(found, count);
        Arrays.sort(symbols, Comparator.comparing(Symbol::address, Long::compareUnsigned)
                .thenComparing(symbol -> !symbol.isFunction));
        return symbols;
    }

    /** The symbol that an address belongs to. */
    public Optional<Place> at(long address) {
        int low = 0;
        int high = symbols.length;
        while (low < high) {
            int middle = low + high >>> 1;
            if (Long.compareUnsigned(symbols[middle].address, address) <= 0) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        if (low == 0) {
            return Optional.empty();
        }
        int first = low - 1;
        while (first > 0 && symbols[first - 1].address == symbols[low - 1].address) {
            first--;
        }
        Symbol found = symbols[first];
        return found.reaches(address) ? Optional.of(new Place(name(found.name), address - found.address))
                : Optional.empty();
    }

    private String name(int offset) {
        int end = offset;
        while (end >= 0 && end < names.capacity() && end - offset < MAX_NAME && names.get(end) != 0) {
            end++;
        }
        return offset < 0 || offset >= end ? "" : new String(names.array(), offset, end - offset,
                StandardCharsets.ISO_8859_1);
    }
}

package jkvm.boot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ElfSymbolsTest {
    private static final String NAMES = "\0start_kernel\0loop\0data\0label\0";
    private static final int FUNC = 2;
    private static final int OBJECT = 1;
    private static final long BASE = 0xFFFF_FFFF_8100_0000L;

    @TempDir
    private Path folder;

    private static long base(boolean is64) {
        return is64 ? BASE : BASE & 0xFFFF_FFFFL;
    }

    /** A file with two sections: symbols, and their names. */
    private static byte[] file(boolean is64) {
        int entry = is64 ? 64 : 40;
        int symbol = is64 ? 24 : 16;
        int symbols = 4 * symbol;
        ByteBuffer file = ByteBuffer.allocate(64 + symbols + NAMES.length() + 3 * entry)
                .order(ByteOrder.LITTLE_ENDIAN);
        file.putInt(0, 0x464C457F).put(4, (byte) (is64 ? 2 : 1)).put(5, (byte) 1);
        int table = 64 + symbols + NAMES.length();
        word(file, is64, 40, 32, table);
        file.putShort(is64 ? 58 : 46, (short) entry).putShort(is64 ? 60 : 48, (short) 3);
        symbol(file, is64, 64 + symbol, NAMES.indexOf("start_kernel"), FUNC, base(is64) + 0x100, 0x40);
        symbol(file, is64, 64, NAMES.indexOf("loop"), 0, base(is64) + 0x200, 0);
        symbol(file, is64, 64 + 2 * symbol, NAMES.indexOf("data"), OBJECT, base(is64) + 0x120, 8);
        symbol(file, is64, 64 + 3 * symbol, NAMES.indexOf("label"), 0, base(is64) + 0x100, 0);
        file.put(64 + symbols, NAMES.getBytes(StandardCharsets.ISO_8859_1));
        section(file, is64, table + entry, 2, 64, symbols, 2);
        section(file, is64, table + 2 * entry, 3, 64 + symbols, NAMES.length(), 0);
        return file.array();
    }

    private static void word(ByteBuffer file, boolean is64, int at64, int at32, long value) {
        if (is64) {
            file.putLong(at64, value);
        } else {
            file.putInt(at32, (int) value);
        }
    }

    private static void symbol(ByteBuffer file, boolean is64, int at, int name, int type, long address, long size) {
        file.putInt(at, name).put(at + (is64 ? 4 : 12), (byte) type).putShort(at + (is64 ? 6 : 14), (short) 1);
        word(file, is64, at + 8, at + 4, address);
        word(file, is64, at + 16, at + 8, size);
    }

    private static void section(ByteBuffer file, boolean is64, int at, int type, long offset, long size, int link) {
        file.putInt(at + 4, type).putInt(at + (is64 ? 40 : 24), link);
        word(file, is64, at + 24, at + 16, offset);
        word(file, is64, at + 32, at + 20, size);
    }

    private ElfSymbols read(byte[] content) throws IOException {
        return ElfSymbols.read(Files.write(folder.resolve("kernel"), content));
    }

    private static String at(ElfSymbols symbols, long address) {
        return symbols.at(address).map(ElfSymbols.Place::toString).orElse("");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldFindTheFunctionOrLabelThatAnAddressBelongsTo(boolean is64) throws IOException {
        ElfSymbols symbols = read(file(is64));
        long base = base(is64);

        assertEquals("start_kernel", at(symbols, base + 0x100));
        assertEquals("start_kernel+0x3f", at(symbols, base + 0x13F));
        assertEquals("loop+0x1000", at(symbols, base + 0x1200));
        assertEquals("", at(symbols, base + 0xFF));
        assertEquals("", at(symbols, base + 0x140), "after its size");
        assertEquals("", at(symbols, base + 0x20_0000), "too far away");
    }

    @Test
    void shouldHaveNoNamesWhereThereAreNone() throws IOException {
        assertEquals("", at(read(new byte[0]), 0));
        assertEquals("", at(read("no ELF file, but long enough for the header of one, if it were one"
                .getBytes(StandardCharsets.US_ASCII)), 0));
        assertEquals("", at(ElfSymbols.read(folder.resolve("absent")), 0));
        assertEquals("", at(ElfSymbols.read(folder), 0));
    }

    @Test
    void shouldTakeAnyDamage() throws IOException {
        Random random = new Random(11);
        byte[] whole = file(true);
        for (int i = 0; i < 2000; i++) {
            byte[] damaged = Arrays.copyOf(whole, random.nextInt(4) == 0 ? random.nextInt(whole.length)
                    : whole.length);
            for (int change = random.nextInt(4); change > 0 && damaged.length > 4; change--) {
                damaged[4 + random.nextInt(damaged.length - 4)] = (byte) random.nextInt(256);
            }
            assertTrue(at(read(damaged), BASE + 0x104).length() < 300);
        }
    }
}

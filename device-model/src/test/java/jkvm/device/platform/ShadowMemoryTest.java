package jkvm.device.platform;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryRegion;
import jkvm.memory.WriteWatch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ShadowMemoryTest {
    private static final byte RAM = 0x11;
    private static final byte ROM = 0x22;
    private static final int NOTHING = 0xFF;
    private static final int READ = 1;
    private static final int WRITE = 2;

    private record Mapped(long start, MemorySegment memory, boolean writable) {
    }

    private final GuestMemory memory = new GuestMemory(List.of(new MemoryRegion(0,
            Arena.ofAuto().allocate(1 << 20, 4096))));
    private final Map<Integer, Mapped> mapped = new TreeMap<>();
    private final List<Integer> changes = new ArrayList<>();
    private ShadowMemory shadow;

    private final ShadowMemory.Mapper mapper = new ShadowMemory.Mapper() {
        @Override
        public void map(int area, long start, MemorySegment segment, boolean writable) {
            mapped.put(area, new Mapped(start, segment, writable));
            changes.add(area);
        }

        @Override
        public void unmap(int area, long start) {
            mapped.remove(area);
            changes.add(area);
        }
    };

    @BeforeEach
    void powerOn() {
        shadow = shadow(256 << 10);
    }

    private ShadowMemory shadow(int romSize) {
        memory.fill(0, 1 << 20, RAM);
        MemorySegment rom = Arena.ofAuto().allocate(romSize, 4096).fill(ROM);
        ShadowMemory made = new ShadowMemory(memory, rom, mapper);
        for (int i = 0; i < ShadowMemory.PAM_REGISTERS; i++) {
            made.setPam(i, 0);
        }
        return made;
    }

    private int read(long address) {
        return (int) shadow.read(address - ShadowMemory.START, 1) & 0xFF;
    }

    private void write(long address, int value) {
        try (WriteWatch watch = new WriteWatch(memory)) {
            shadow.write(address - ShadowMemory.START, 1, value);
            watch.check();
        }
    }

    @Test
    void shouldShowTheRomAndNothingBelowItAtFirst() {
        assertEquals(NOTHING, read(0xC0000));
        assertEquals(NOTHING, read(0xDFFFF));
        assertEquals(ROM, read(0xE0000));
        assertEquals(ROM, read(0xFFFFF));
        assertEquals(List.of(8, 9, 10, 11, 12), List.copyOf(mapped.keySet()));
        mapped.values().forEach(area -> assertFalse(area.writable()));
        assertEquals(0xF0000, mapped.get(12).start());
        assertEquals(0x10000, mapped.get(12).memory().byteSize());
    }

    @Test
    void shouldShowASmallRomBelow1MiBOnly() {
        mapped.clear();
        shadow = shadow(64 << 10);
        assertEquals(NOTHING, read(0xEFFFF));
        assertEquals(ROM, read(0xF0000));
        assertEquals(List.of(12), List.copyOf(mapped.keySet()));
    }

    @ParameterizedTest
    @CsvSource({"0, 4, 0xF0000, 12", "1, 0, 0xC0000, 0", "1, 4, 0xC4000, 1", "2, 0, 0xC8000, 2", "3, 4, 0xD4000, 5",
        "5, 0, 0xE0000, 8", "6, 4, 0xEC000, 11"})
    void shouldMapTheAreaOfAHalfRegister(int register, int shift, int address, int area) {
        changes.clear();
        shadow.setPam(register, (READ | WRITE) << shift);
        assertEquals(List.of(area), changes);
        assertEquals(address, mapped.get(area).start());
        assertEquals(memory.slice(address, 1).address(), mapped.get(area).memory().address());
        assertEquals(RAM, read(address));
        shadow.setPam(register, (READ | WRITE) << shift);
        assertEquals(List.of(area), changes, "the same again changes nothing");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, READ, WRITE, READ | WRITE})
    void shouldSendReadsAndWritesWhereTheRegisterSays(int enable) {
        shadow.setPam(6, enable);
        write(0xE8000, 0x33);
        boolean written = (enable & WRITE) != 0;
        assertEquals(written ? 0x33 : RAM, memory.readByte(0xE8000));
        assertEquals((enable & READ) == 0 ? ROM : written ? 0x33 : RAM, read(0xE8000));
        assertEquals(enable == (READ | WRITE), mapped.get(10).writable());
    }

    @Test
    @DisplayName("an access over two areas' border goes to each")
    void shouldSplitAnAccessAtAnAreasEnd() {
        shadow.setPam(6, READ | WRITE);
        shadow.write(0xEBFFE - ShadowMemory.START, 4, 0x44444444);
        assertEquals(0x44, memory.readByte(0xEBFFF));
        assertEquals(RAM, memory.readByte(0xEC000));
        assertEquals(0x22224444, shadow.read(0xEBFFE - ShadowMemory.START, 4));
    }

    @Test
    void shouldUnmapWhatHasNoRomAgain() {
        shadow.setPam(1, READ);
        assertFalse(mapped.get(0).writable());
        shadow.setPam(1, 0);
        assertSame(null, mapped.get(0));
        assertEquals(NOTHING, read(0xC0000));
        assertEquals(RAM, memory.slice(0xC0000, 1).get(ValueLayout.JAVA_BYTE, 0));
    }
}

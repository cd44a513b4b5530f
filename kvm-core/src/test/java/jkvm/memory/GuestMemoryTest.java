package jkvm.memory;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class GuestMemoryTest {
    private static final long HIGH = 0x1_0000_0000L;
    private final Arena arena = Arena.ofShared();
    private final GuestMemory memory = new GuestMemory(List.of(
            new MemoryRegion(HIGH, arena.allocate(0x2000, 4096)), new MemoryRegion(0, arena.allocate(0x1000, 4096))));

    @AfterEach
    void free() {
        if (arena.scope().isAlive()) {
            arena.close();
        }
    }

    @Test
    void shouldReadBackWhatWasWrittenInEachWidthAndRegion() {
        for (long base : new long[] {0x10, HIGH + 0x1001}) {
            memory.writeByte(base, (byte) 0x81);
            memory.writeShort(base + 1, (short) 0x8283);
            memory.writeInt(base + 3, 0x84858687);
            memory.writeLong(base + 7, 0x88898a8b8c8d8e8fL);

            assertEquals((byte) 0x81, memory.readByte(base));
            assertEquals((short) 0x8283, memory.readShort(base + 1));
            assertEquals(0x84858687, memory.readInt(base + 3));
            assertEquals(0x88898a8b8c8d8e8fL, memory.readLong(base + 7));
            assertEquals((byte) 0x83, memory.readByte(base + 1), "little-endian");
        }
    }

    @Test
    void shouldReadBackOrderedAccesses() {
        memory.writeShortRelease(0x20, (short) 0xfffe);
        memory.writeIntRelease(HIGH + 0x24, 0xfffefdfc);
        memory.writeLongRelease(0x28, -2);

        assertEquals((short) 0xfffe, memory.readShortAcquire(0x20));
        assertEquals(0xfffefdfc, memory.readIntAcquire(HIGH + 0x24));
        assertEquals(-2, memory.readLongAcquire(0x28));
    }

    @Test
    void shouldCopyInBulk() {
        byte[] source = {1, 2, 3, 4, 5};
        byte[] target = new byte[7];

        memory.write(HIGH + 0x1ffb, source);
        memory.read(HIGH + 0x1ffb, target, 1, 5);
        memory.fill(0x100, 4, (byte) 0xab);

        assertArrayEquals(new byte[] {0, 1, 2, 3, 4, 5, 0}, target);
        assertEquals(0xabababab, memory.readInt(0x100));
        assertEquals(0, memory.readByte(0x104));
    }

    @Test
    void shouldNameTheAddressOfARefusedAccess() {
        GuestAddressException e = assertThrows(GuestAddressException.class, () -> memory.readInt(0xffd));

        assertEquals("guest physical address 0xffd, 4 bytes: not in guest memory", e.getMessage());
        assertEquals(0xffd, e.address());
    }

    @Test
    void shouldRefuseEveryAccessOutsideARegion() {
        for (long gpa : new long[] {0x1000, 0xfff_ffffL, HIGH - 1, HIGH + 0x2000, Long.MAX_VALUE, Long.MIN_VALUE, -1}) {
            assertFalse(memory.contains(gpa, 1));
            assertThrows(GuestAddressException.class, () -> memory.readByte(gpa));
            assertThrows(GuestAddressException.class, () -> memory.writeByte(gpa, (byte) 0));
            assertThrows(GuestAddressException.class, () -> memory.readLong(gpa));
            assertThrows(GuestAddressException.class, () -> memory.writeShortRelease(gpa, (short) 0));
            assertThrows(GuestAddressException.class, () -> memory.read(gpa, new byte[1], 0, 1));
            assertThrows(GuestAddressException.class, () -> memory.slice(gpa, 1));
        }
    }

    @Test
    void shouldRefuseLengthsThatWrapOrSpanRegions() {
        assertThrows(GuestAddressException.class, () -> memory.slice(0x800, Long.MAX_VALUE));
        assertThrows(GuestAddressException.class, () -> memory.slice(0x800, -1));
        assertThrows(GuestAddressException.class, () -> memory.slice(0, HIGH + 1));
        assertThrows(GuestAddressException.class, () -> memory.fill(0xff0, 0x11, (byte) 0));
        assertTrue(memory.contains(0xff0, 0x10));
    }

    @Test
    void shouldOrderRegionsAndAddTheirSizes() {
        assertEquals(0x3000, memory.size());
        assertEquals(0x1000, memory.lowEnd());
        assertEquals(List.of(0L, HIGH), memory.regions().stream().map(MemoryRegion::start).toList());
    }

    @Test
    void shouldRefuseOverlappingRegions() {
        List<MemoryRegion> regions = List.of(new MemoryRegion(0, arena.allocate(0x1000)),
                new MemoryRegion(0xfff, arena.allocate(0x1000)));

        assertThrows(IllegalArgumentException.class, () -> new GuestMemory(regions));
        assertThrows(IllegalArgumentException.class, () -> new GuestMemory(List.of()));
    }

    @Test
    void shouldRefuseUseAfterItsArenaIsClosed() {
        arena.close();

        assertThrows(IllegalStateException.class, () -> memory.readByte(0));
    }
}

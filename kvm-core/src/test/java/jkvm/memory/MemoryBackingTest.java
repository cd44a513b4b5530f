package jkvm.memory;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemoryBackingTest {
    private static final long MIB = 1 << 20;
    private final FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());

    @ParameterizedTest
    @EnumSource(names = {"ANONYMOUS", "MEMFD"})
    void shouldAllocateZeroedMemory(MemoryBacking backing) {
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = backing.allocate(kernel, arena, 4 * MIB);

            assertEquals(4 * MIB, memory.size());
            assertEquals(0, memory.readLong(4 * MIB - 8));
            memory.writeLong(4 * MIB - 8, 42);
            assertEquals(42, memory.readLong(4 * MIB - 8));
        }
        assertEquals(1, kernel.calls(SyscallNumber.MUNMAP));
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    @Test
    void shouldLeaveAHoleBelowFourGib() {
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = MemoryBacking.ANONYMOUS.allocate(kernel, arena, 5L << 30);

            assertEquals(2, memory.regions().size());
            assertEquals(GuestMemory.HOLE_START, memory.lowEnd());
            assertEquals(GuestMemory.HOLE_END, memory.regions().get(1).start());
            assertEquals(GuestMemory.HOLE_END + (2L << 30), memory.regions().get(1).end());
            memory.writeInt(GuestMemory.HOLE_START - 4, 1);
            memory.writeInt(GuestMemory.HOLE_END, 2);
            assertFalse(memory.contains(GuestMemory.HOLE_START, 1));
            assertThrows(GuestAddressException.class, () -> memory.readInt(GuestMemory.HOLE_START - 2));
            assertThrows(GuestAddressException.class, () -> memory.readInt(GuestMemory.HOLE_END - 4));
        }
    }

    @Test
    void shouldNeedNoHoleForThreeGib() {
        try (Arena arena = Arena.ofShared()) {
            assertEquals(1, MemoryBacking.ANONYMOUS.allocate(kernel, arena, 3L << 30).regions().size());
        }
    }

    @Test
    void shouldRefuseHugePagesCleanlyWhenThePoolIsEmpty() throws IOException {
        Path pool = Path.of("/sys/kernel/mm/hugepages/hugepages-2048kB/free_hugepages");
        assumeTrue(!Files.exists(pool) || Files.readString(pool).strip().equals("0"), "the host's pool has pages");
        try (Arena arena = Arena.ofShared()) {
            LinuxException e = assertThrows(LinuxException.class,
                    () -> MemoryBacking.HUGEPAGES.allocate(kernel, arena, 4 * MIB));

            assertTrue(e.getMessage().contains("vm.nr_hugepages"), e.getMessage());
        }
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    @Test
    void shouldRefuseSizesThatAreNoWholePages() {
        try (Arena arena = Arena.ofShared()) {
            for (long size : new long[] {0, -4096, 4097}) {
                assertThrows(IllegalArgumentException.class,
                        () -> MemoryBacking.ANONYMOUS.allocate(kernel, arena, size));
            }
            assertThrows(IllegalArgumentException.class, () -> MemoryBacking.HUGEPAGES.allocate(kernel, arena, MIB));
            assertTrue(arena.scope().isAlive());
        }
    }

    @Test
    void shouldCloseTheFileWhenItCannotGrowOrBeMapped() {
        try (Arena arena = Arena.ofShared()) {
            kernel.failNext(SyscallNumber.FTRUNCATE, Errno.EFBIG);
            assertEquals(Errno.EFBIG, assertThrows(LinuxException.class,
                    () -> MemoryBacking.MEMFD.allocate(kernel, arena, MIB)).errno());
            kernel.failNext(SyscallNumber.MMAP, Errno.ENOMEM);
            assertEquals("mmap of 1048576 bytes for guest memory: ENOMEM (cannot allocate memory)",
                    assertThrows(LinuxException.class,
                            () -> MemoryBacking.MEMFD.allocate(kernel, arena, MIB)).getMessage());
        }
        assertEquals(Set.of(), kernel.openDescriptors());
    }
}

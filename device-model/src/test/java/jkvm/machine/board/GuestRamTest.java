package jkvm.machine.board;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MemoryConfig;
import jkvm.memory.GuestMemory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class GuestRamTest {
    private static final int SIZE = 8 << 20;
    private static final long PLACE = 0x123456;

    @TempDir
    private Path folder;
    private final FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());

    private static int word(Path file) throws IOException {
        ByteBuffer word = ByteBuffer.allocate(Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            channel.read(word, PLACE);
        }
        return word.getInt(0);
    }

    @Test
    void shouldPutTheGuestsWritesIntoAFileThatIsShared() throws IOException {
        Path file = folder.resolve("guest");
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = GuestRam.allocate(MemoryConfig.ofFile(file, true), kernel, arena, SIZE);
            memory.writeInt(PLACE, 42);
            assertEquals(42, word(file));
        }
        assertEquals(SIZE, Files.size(file));
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = GuestRam.allocate(MemoryConfig.ofFile(file, false), kernel, arena, SIZE / 2);
            assertEquals(42, memory.readInt(PLACE), "a file that is larger keeps its content");
            memory.writeInt(PLACE, 43);
        }
        assertEquals(42, word(file), "a private mapping");
        assertEquals(SIZE, Files.size(file));
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    @Test
    void shouldLeaveNoNameInAFolder() throws IOException {
        try (Arena arena = Arena.ofShared(); Stream<Path> files = Files.list(folder)) {
            GuestMemory memory = GuestRam.allocate(MemoryConfig.ofFile(folder, true), kernel, arena, SIZE);
            memory.writeInt(PLACE, 42);
            assertEquals(42, memory.readInt(PLACE));
            assertEquals(List.of(), files.toList());
        }
    }

    @Test
    void shouldRefuseAFileThatIsTooSmall() throws IOException {
        Path file = Files.write(folder.resolve("small"), new byte[4096]);
        try (Arena arena = Arena.ofShared()) {
            MachineException e = assertThrows(MachineException.class, () ->
                    GuestRam.allocate(MemoryConfig.ofFile(file, true), kernel, arena, SIZE));
            assertEquals("backing store size 0x1000 does not match 'size' option 0x800000", e.reason());
        }
        assertEquals(4096, Files.size(file));
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    /** The kernel's words on the mapping, from smaps. */
    private static String mapping(GuestMemory memory) throws IOException {
        long address = memory.regions().getFirst().hostAddress();
        List<String> lines = Files.readAllLines(Path.of("/proc/self/smaps"));
        StringBuilder text = new StringBuilder();
        boolean isIn = false;
        for (String line : lines) {
            String[] range = line.split(" ")[0].split("-");
            if (range.length == 2 && line.matches("[0-9a-f]+-[0-9a-f]+ .*")) {
                isIn = Long.parseUnsignedLong(range[0], 16) <= address
                        && address < Long.parseUnsignedLong(range[1], 16);
            } else if (isIn) {
                text.append(line.replaceAll("\\s+", " ")).append('\n');
            }
        }
        return text.toString();
    }

    private static long resident(String mapping) {
        return Long.parseLong(mapping.replaceAll("(?s).*\\bRss: (\\d+) kB.*", "$1")) * 1024;
    }

    @Test
    void shouldTakeAllMemoryBeforeTheGuestStarts() throws IOException {
        try (Arena arena = Arena.ofShared()) {
            GuestMemory memory = GuestRam.allocate(MemoryConfig.DEFAULT.with(true, true, false, false), kernel, arena,
                    SIZE);
            String mapping = mapping(memory);
            assertTrue(resident(mapping) >= SIZE, mapping);
            assertTrue(mapping.matches("(?s).*VmFlags:.* dd .*"), mapping);
            assertEquals(0, memory.readInt(PLACE));
        }
        kernel.failNext(SyscallNumber.MADVISE, Errno.EINVAL);
        try (Arena arena = Arena.ofShared()) {
            String mapping = mapping(GuestRam.allocate(MemoryConfig.DEFAULT.with(true, false, true, false), kernel,
                    arena, SIZE));
            assertTrue(resident(mapping) >= SIZE, "by writes: " + mapping);
        }
    }

    @Test
    void shouldSayWhyMemoryIsNotLocked() {
        kernel.failNext(SyscallNumber.MLOCK, Errno.ENOMEM);
        try (Arena arena = Arena.ofShared()) {
            LinuxException e = assertThrows(LinuxException.class, () -> GuestRam.allocate(
                    MemoryConfig.DEFAULT.with(false, false, true, true), kernel, arena, SIZE));
            assertTrue(e.getMessage().startsWith("mlock of 8388608 bytes of guest memory: ENOMEM"), e.getMessage());
            assertEquals(0, kernel.calls(SyscallNumber.MADVISE));
        }
    }
}

package jkvm.machine.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.Pipe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Stream;
import jkvm.linux.Errno;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file that cannot be written whole is not there, and the one of its name stays. */
class SnapshotFileFaultTest {
    private static final int MEMORY = 64 << 10;
    private static final Set<Long> FAILING = Set.of(SyscallNumber.OPEN, SyscallNumber.PWRITE64, SyscallNumber.FSYNC);

    @TempDir
    private Path folder;
    private final Arena arena = Arena.ofShared();
    private GuestMemory memory;
    private MachineSnapshot state;

    /** A kernel whose call of a number fails; zero for none. */
    private static final class Failing implements Syscalls {
        private final Syscalls real = new FfmSyscalls();
        private final Errno errno;
        private int left;

        Failing(int call, Errno errno) {
            this.left = call;
            this.errno = errno;
        }

        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            if (FAILING.contains(number) && --left == 0) {
                return -errno.code();
            }
            // A kernel may write less than it is asked to.
            long length = number == SyscallNumber.PWRITE64 ? Math.min(a2, 5000) : a2;
            return real.call(number, a0, a1, length, a3, a4, a5);
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return real.installInterruptingSignal(signal);
        }
    }

    @BeforeEach
    void make() {
        memory = MemoryBacking.ANONYMOUS.allocate(new FfmSyscalls(), arena, MEMORY);
        memory.fill(0x2000, 0x7000, (byte) 1);
        state = new MachineSnapshot.Builder(new MachineConfiguration.Builder().fact("CPUs", 1).build())
                .section("a", out -> out.putLong("x", 1)).build(null);
    }

    @AfterEach
    void free() {
        arena.close();
    }

    @Test
    void shouldKeepTheOldFileWhateverFailsWhileANewOneIsWritten() throws IOException {
        Path path = Files.write(folder.resolve("state"), new byte[] {1, 2, 3});
        int call = 0;
        boolean isFailed = true;
        while (isFailed) {
            call++;
            Failing kernel = new Failing(call, call % 2 == 0 ? Errno.ENOSPC : Errno.EIO);
            try {
                SnapshotFile.write(kernel, path, state, memory);
                isFailed = kernel.left <= 0;
            } catch (SnapshotFileException e) {
                assertTrue(e.getMessage().startsWith("cannot save the machine's state to " + path + ": "),
                        e.getMessage());
                assertEquals(1, e.getMessage().lines().count());
                boolean isReplaced = Files.size(path) > 3;
                assertTrue(!isReplaced || opens(path), "a file that is there is whole");
                if (isReplaced) {
                    Files.write(path, new byte[] {1, 2, 3});
                }
                assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(path));
            }
            try (Stream<Path> files = Files.list(folder)) {
                assertEquals(1, files.count(), "nothing is left beside it");
            }
        }
        assertTrue(call > 8, call + " calls");
        assertTrue(opens(path));
    }

    private static boolean opens(Path path) {
        try (SnapshotFile file = SnapshotFile.open(new FfmSyscalls(), path, MEMORY)) {
            file.verify();
            return file.snapshot().names().equals(Set.of("a"));
        }
    }

    @Test
    void shouldRefuseWhatIsNoFile() {
        SnapshotFileException e = assertThrows(SnapshotFileException.class,
                () -> SnapshotFile.write(new FfmSyscalls(), Path.of("/dev/full"), state, memory));
        assertEquals("cannot save the machine's state to /dev/full: not a regular file", e.getMessage());
        e = assertThrows(SnapshotFileException.class,
                () -> SnapshotFile.open(new FfmSyscalls(), folder.resolve("none"), MEMORY));
        assertTrue(e.getMessage().endsWith("none: no such file or directory"), e.getMessage());
    }

    @Test
    void shouldTellOfAClosedPipe() throws IOException {
        Pipe pipe = Pipe.open();
        pipe.source().close();
        IOException e = assertThrows(IOException.class, () -> state.write(new SnapshotWriter(pipe.sink())));
        assertEquals(1, e.getMessage().lines().count());
    }
}

package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStatusTest {
    private static final int SIZE = 1 << 20;
    private final Syscalls syscalls = new FfmSyscalls();

    @TempDir
    private Path folder;

    @Test
    void shouldTellKindsApart() throws Exception {
        Path file = Files.createFile(folder.resolve("file"));
        assertEquals(FileStatus.Kind.REGULAR, kind(file.toString()));
        assertEquals(FileStatus.Kind.DIRECTORY, kind(folder.toString()));
        assertEquals(FileStatus.Kind.OTHER, kind("/dev/null"));
    }

    @Test
    void shouldCountWhatIsAllocatedNotWhatIsLong() throws Exception {
        Path file = folder.resolve("file");
        Files.write(file, new byte[SIZE]);
        try (Fd fd = Fd.open(syscalls, file.toString(), Fd.O_RDWR)) {
            assertTrue(FileStatus.of(fd).allocated() >= SIZE);
            assertEquals(0, fd.truncate(0));
            assertEquals(0, fd.truncate(SIZE));
            assertEquals(0, FileStatus.of(fd).allocated());
            assertEquals(SIZE, fd.size());
        }
    }

    @Test
    void shouldNameTheFileThatTheKernelRefuses() {
        Syscalls faulty = FaultySyscalls.over(syscalls).failNext(SyscallNumber.FSTAT, Errno.EIO);
        try (Fd fd = Fd.open(faulty, "/dev/null", Fd.O_RDONLY)) {
            LinuxException e = assertThrows(LinuxException.class, () -> FileStatus.of(fd));
            assertEquals("fstat /dev/null", e.call());
        }
    }

    private FileStatus.Kind kind(String path) {
        try (Fd fd = Fd.open(syscalls, path, Fd.O_RDONLY)) {
            return FileStatus.of(fd).kind();
        }
    }
}

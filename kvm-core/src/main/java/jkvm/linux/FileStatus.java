package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * An open file's status, from {@code fstat(2)}.
 *
 * @param kind      of file
 * @param allocated bytes that the file system keeps for it
 */
public record FileStatus(Kind kind, long allocated) {
    /** struct stat of x86-64 (asm/stat.h). */
    private static final int SIZE = 144, MODE_OFFSET = 24, BLOCKS_OFFSET = 64;
    private static final int BLOCK_SIZE = 512;
    private static final int S_IFMT = 0xF000;

    /** The file's type, the upper bits of its mode. */
    public enum Kind {
        REGULAR(0x8000), BLOCK_DEVICE(0x6000), DIRECTORY(0x4000),
        /** A pipe, socket, character device or symbolic link. */
        OTHER(0);

        private final int mode;

        Kind(int mode) {
            this.mode = mode;
        }

        private static Kind of(int mode) {
            for (Kind kind : values()) {
                if (kind.mode == (mode & S_IFMT)) {
                    return kind;
                }
            }
            return OTHER;
        }
    }

    /** @throws LinuxException if the kernel refuses */
    public static FileStatus of(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment stat = arena.allocate(SIZE, 8);
            long result = fd.status(stat.address());
            if (Syscalls.isError(result)) {
                throw new LinuxException("fstat " + fd.name(), (int) -result);
            }
            return new FileStatus(Kind.of(stat.get(ValueLayout.JAVA_INT, MODE_OFFSET)),
                    stat.get(ValueLayout.JAVA_LONG, BLOCKS_OFFSET) * BLOCK_SIZE);
        }
    }
}

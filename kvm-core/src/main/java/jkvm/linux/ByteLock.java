package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Locks on single bytes of a file that belong to the open file description ({@code F_OFD_SETLK}, see {@code fcntl(2)}):
 * they conflict with those of other openings, in this process too, and go with the last descriptor of theirs.
 */
public final class ByteLock {
    private static final int F_OFD_GETLK = 36, F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2;
    /** struct flock: type and whence are 16 bits, then start and length; the pid has to be zero. */
    private static final int FLOCK_SIZE = 32, TYPE_OFFSET = 0, START_OFFSET = 8, LENGTH_OFFSET = 16;

    /** Of an attempt to lock. */
    public enum Outcome {
        LOCKED,
        /** Another opening of the file has a lock that conflicts. */
        CONFLICT,
        /** The file system knows no such locks. */
        UNSUPPORTED
    }

    private ByteLock() {
    }

    /** Takes a shared lock on one byte, which need not be within the file. Does not wait. */
    public static Outcome share(Fd fd, long position) {
        try (Arena arena = Arena.ofConfined()) {
            long result = fd.control(F_OFD_SETLK, flock(arena, F_RDLCK, position).address());
            if (result == -Errno.EAGAIN.code() || result == -Errno.EACCES.code()) {
                return Outcome.CONFLICT;
            }
            return Syscalls.isError(result) ? Outcome.UNSUPPORTED : Outcome.LOCKED;
        }
    }

    /** Gives up the lock on one byte, if this opening of the file has it. */
    public static void release(Fd fd, long position) {
        try (Arena arena = Arena.ofConfined()) {
            // It cannot fail but where there are no such locks.
            var _ = fd.control(F_OFD_SETLK, flock(arena, F_UNLCK, position).address());
        }
    }

    /** True if another opening of the file has any lock on the byte. */
    public static boolean isHeldByOthers(Fd fd, long position) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flock = flock(arena, F_WRLCK, position);
            return !Syscalls.isError(fd.control(F_OFD_GETLK, flock.address()))
                    && flock.get(ValueLayout.JAVA_SHORT, TYPE_OFFSET) != F_UNLCK;
        }
    }

    private static MemorySegment flock(Arena arena, short type, long position) {
        MemorySegment flock = arena.allocate(FLOCK_SIZE, 8);
        flock.set(ValueLayout.JAVA_SHORT, TYPE_OFFSET, type);
        flock.set(ValueLayout.JAVA_LONG, START_OFFSET, position);
        flock.set(ValueLayout.JAVA_LONG, LENGTH_OFFSET, 1L);
        return flock;
    }
}

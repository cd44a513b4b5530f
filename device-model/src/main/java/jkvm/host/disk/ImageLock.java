package jkvm.host.disk;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.Syscalls;

/**
 * Locks an image file as QEMU does (its block/file-posix.c): for each permission that is used, a shared lock on one
 * byte, for each that others may not use, a shared lock on another; then nobody else may hold a byte that conflicts.
 * The locks are open-file-description locks and go with the descriptor. Host file systems that have none leave the
 * image unlocked.
 */
final class ImageLock {
    private static final int F_OFD_GETLK = 36, F_OFD_SETLK = 37;
    private static final short F_RDLCK = 0, F_WRLCK = 1, F_UNLCK = 2;
    /** struct flock: type and whence are 16 bits, then start and length; the pid has to be zero. */
    private static final int FLOCK_SIZE = 32, TYPE_OFFSET = 0, START_OFFSET = 8, LENGTH_OFFSET = 16;
    private static final long USED_BASE = 100, UNSHARED_BASE = 200;
    private static final int CONSISTENT_READ_BIT = 0, WRITE_BIT = 1, RESIZE_BIT = 3;
    private static final int[] READ = {CONSISTENT_READ_BIT};
    private static final int[] READ_WRITE = {CONSISTENT_READ_BIT, WRITE_BIT, RESIZE_BIT};
    private static final int[] UNSHARED = {WRITE_BIT, RESIZE_BIT};

    private ImageLock() {
    }

    /**
     * Takes the locks of one user who lets others read at most.
     *
     * @throws IOException if another process, or another opening in this one, uses the image in a way that conflicts
     */
    static void acquire(Fd fd, boolean write) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment flock = arena.allocate(FLOCK_SIZE, 8);
            int[] used = write ? READ_WRITE : READ;
            for (int bit : used) {
                if (!lock(fd, flock, USED_BASE + bit)) {
                    return;
                }
            }
            for (int bit : UNSHARED) {
                lock(fd, flock, UNSHARED_BASE + bit);
            }
            for (int bit : used) {
                refuseIfHeld(fd, flock, UNSHARED_BASE + bit, bit);
            }
            for (int bit : UNSHARED) {
                refuseIfHeld(fd, flock, USED_BASE + bit, bit);
            }
        }
    }

    /** @return false if the file system knows no such locks */
    private static boolean lock(Fd fd, MemorySegment flock, long position) throws IOException {
        long result = control(fd, F_OFD_SETLK, flock, F_RDLCK, position);
        if (result == -Errno.EAGAIN.code() || result == -Errno.EACCES.code()) {
            throw inUse(WRITE_BIT);
        }
        return !Syscalls.isError(result);
    }

    private static void refuseIfHeld(Fd fd, MemorySegment flock, long position, int bit) throws IOException {
        long result = control(fd, F_OFD_GETLK, flock, F_WRLCK, position);
        if (!Syscalls.isError(result) && flock.get(ValueLayout.JAVA_SHORT, TYPE_OFFSET) != F_UNLCK) {
            throw inUse(bit);
        }
    }

    private static IOException inUse(int bit) {
        String permission = bit == WRITE_BIT ? "write" : bit == RESIZE_BIT ? "resize" : "consistent read";
        return new IOException("cannot get the \"" + permission
                + "\" lock: another process, or another of this machine's disks, uses the image; end that use first,"
                + " or open the image read-only in both");
    }

    private static long control(Fd fd, int command, MemorySegment flock, short type, long position) {
        flock.fill((byte) 0);
        flock.set(ValueLayout.JAVA_SHORT, TYPE_OFFSET, type);
        flock.set(ValueLayout.JAVA_LONG, START_OFFSET, position);
        flock.set(ValueLayout.JAVA_LONG, LENGTH_OFFSET, 1L);
        return fd.control(command, flock.address());
    }
}

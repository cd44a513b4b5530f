package jkvm.host.disk;

import java.io.IOException;
import java.util.Arrays;
import jkvm.linux.ByteLock;
import jkvm.linux.Fd;

/**
 * Locks an image file as QEMU does (its block/file-posix.c): for each permission that is used, a shared lock on one
 * byte, for each that others may not use, a shared lock on another; then no other process may hold a byte that
 * conflicts. The locks are open-file-description locks and go with the descriptor. Host file systems that have none
 * leave the image unlocked.
 */
public final class ImageLock {
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
     * @throws IOException if another process, or another opening in this one, uses the image in a mode that conflicts
     */
    public static void acquire(Fd fd, boolean write) throws IOException {
        try {
            take(fd, write);
        } catch (IOException e) {
            release(fd);
            throw e;
        }
    }

    /** Gives up all. */
    public static void release(Fd fd) {
        keepUsed(fd, new int[0]);
        for (int bit : UNSHARED) {
            ByteLock.release(fd, UNSHARED_BASE + bit);
        }
    }

    /**
     * Changes the locks that one user has already.
     *
     * @throws IOException if a writer conflicts with others; the locks are as they were
     */
    public static void change(Fd fd, boolean write) throws IOException {
        if (!write) {
            keepUsed(fd, READ);
            return;
        }
        try {
            take(fd, true);
        } catch (IOException e) {
            keepUsed(fd, READ);
            throw e;
        }
    }

    private static void keepUsed(Fd fd, int[] kept) {
        for (int bit : READ_WRITE) {
            if (Arrays.stream(kept).noneMatch(each -> each == bit)) {
                ByteLock.release(fd, USED_BASE + bit);
            }
        }
    }

    private static void take(Fd fd, boolean write) throws IOException {
        int[] used = write ? READ_WRITE : READ;
        for (int bit : used) {
            if (!lock(fd, USED_BASE + bit)) {
                return;
            }
        }
        for (int bit : UNSHARED) {
            lock(fd, UNSHARED_BASE + bit);
        }
        for (int bit : used) {
            refuseIfHeld(fd, UNSHARED_BASE + bit, bit);
        }
        for (int bit : UNSHARED) {
            refuseIfHeld(fd, USED_BASE + bit, bit);
        }
    }

    /** @return false if the file system knows no such locks */
    private static boolean lock(Fd fd, long position) throws IOException {
        return switch (ByteLock.share(fd, position)) {
            case LOCKED -> true;
            case CONFLICT -> throw inUse(WRITE_BIT);
            case UNSUPPORTED -> false;
        };
    }

    private static void refuseIfHeld(Fd fd, long position, int bit) throws IOException {
        if (ByteLock.isHeldByOthers(fd, position)) {
            throw inUse(bit);
        }
    }

    private static IOException inUse(int bit) {
        String permission = bit == WRITE_BIT ? "write" : bit == RESIZE_BIT ? "resize" : "consistent read";
        return new ImageException(DiskException.Kind.IN_USE, "cannot get the \"" + permission
                + "\" lock: another process, or another of this machine's disks, uses the image; end that use first,"
                + " or open the image read-only in both");
    }
}

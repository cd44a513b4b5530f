package jkvm.linux;

/**
 * Asks whether a page of this process can be read or written: the JVM does not survive an access to memory that is not
 * there. A {@code futex(2)} call touches a word of the page without a change and says EFAULT where it cannot.
 */
public final class PageProbe {
    /** With FUTEX_PRIVATE_FLAG: compare a word with a value; OR zero to a word. Neither wakes or waits here. */
    private static final int CMP_REQUEUE = 4 | 128, WAKE_OP = 5 | 128;
    private static final int OR_ZERO = 2 << 28;

    private PageProbe() {
    }

    /**
     * Costs one system call.
     *
     * @param page the address of a word in the page, a multiple of four
     */
    public static boolean isAccessible(Syscalls syscalls, long page, boolean write) {
        long result = write ? syscalls.call(SyscallNumber.FUTEX, page, WAKE_OP, 0, 0, page, OR_ZERO)
                : syscalls.call(SyscallNumber.FUTEX, page, CMP_REQUEUE, 0, 0, page, 0);
        return result != -Errno.EFAULT.code();
    }
}

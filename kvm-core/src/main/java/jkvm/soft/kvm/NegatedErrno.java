package jkvm.soft.kvm;

/** Results of system calls that failed: negated error numbers, as ints that cost nothing to return. */
final class NegatedErrno {
    static final int EPERM = -1, ENOENT = -2, EINTR = -4, EIO = -5, ENXIO = -6, E2BIG = -7, EBADF = -9, EAGAIN = -11,
            ENOMEM = -12, EFAULT = -14, EBUSY = -16, EEXIST = -17, ENODEV = -19, EINVAL = -22, EMFILE = -24,
            ENOTTY = -25, ENOSPC = -28;

    private NegatedErrno() {
    }
}

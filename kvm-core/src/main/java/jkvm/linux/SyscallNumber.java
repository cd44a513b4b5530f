package jkvm.linux;

/** System call numbers of x86-64 (arch/x86/entry/syscalls/syscall_64.tbl). */
public final class SyscallNumber {
    public static final long READ = 0;
    public static final long WRITE = 1;
    public static final long OPEN = 2;
    public static final long CLOSE = 3;
    public static final long FSTAT = 5;
    public static final long POLL = 7;
    public static final long LSEEK = 8;
    public static final long MMAP = 9;
    public static final long MPROTECT = 10;
    public static final long MUNMAP = 11;
    public static final long IOCTL = 16;
    public static final long PREAD64 = 17;
    public static final long PWRITE64 = 18;
    public static final long MADVISE = 28;
    public static final long DUP2 = 33;
    public static final long GETPID = 39;
    public static final long SENDMSG = 46;
    public static final long RECVMSG = 47;
    public static final long SOCKETPAIR = 53;
    public static final long GETSOCKOPT = 55;
    public static final long FCNTL = 72;
    public static final long FSYNC = 74;
    public static final long FDATASYNC = 75;
    public static final long FTRUNCATE = 77;
    public static final long GETPGID = 121;
    public static final long GETSID = 124;
    public static final long RT_SIGPENDING = 127;
    public static final long MLOCK = 149;
    public static final long GETTID = 186;
    public static final long FUTEX = 202;
    public static final long EPOLL_WAIT = 232;
    public static final long EPOLL_CTL = 233;
    public static final long TGKILL = 234;
    public static final long FALLOCATE = 285;
    public static final long ACCEPT4 = 288;
    public static final long SIGNALFD4 = 289;
    public static final long EVENTFD2 = 290;
    public static final long EPOLL_CREATE1 = 291;
    public static final long MEMFD_CREATE = 319;

    private SyscallNumber() {
    }
}

package jkvm.linux;

import java.lang.foreign.Arena;

/** Files that are in memory only, {@code memfd_create(2)}. */
public final class MemFd {
    private static final int MFD_CLOEXEC = 1, MFD_ALLOW_SEALING = 2, MFD_HUGETLB = 4;
    private static final long F_ADD_SEALS = 1033;
    private static final long F_SEAL_SEAL = 1, F_SEAL_SHRINK = 2, F_SEAL_GROW = 4, F_SEAL_WRITE = 8;

    private MemFd() {
    }

    /**
     * Makes a file of zeroes.
     *
     * @param name      as {@code /proc} shows it
     * @param what      is in it, for messages
     * @param hugePages true for pages of 2 MiB from the host's pool
     * @throws LinuxException if the kernel refuses
     */
    public static Fd create(Syscalls syscalls, String name, String what, long size, boolean hugePages) {
        long result;
        try (Arena arena = Arena.ofConfined()) {
            result = syscalls.call(SyscallNumber.MEMFD_CREATE, arena.allocateFrom(name).address(),
                    MFD_CLOEXEC | MFD_ALLOW_SEALING | (hugePages ? MFD_HUGETLB : 0), 0, 0, 0, 0);
        }
        if (Syscalls.isError(result)) {
            throw new LinuxException("memfd_create", (int) -result);
        }
        Fd file = new Fd(syscalls, (int) result, what);
        long resized = file.truncate(size);
        if (Syscalls.isError(resized)) {
            file.close();
            throw new LinuxException("ftruncate of " + what + " to " + size + " bytes", (int) -resized);
        }
        return file;
    }

    /**
     * Makes a file unchangeable, for all who have it and for ever: private mappings of it still take writes.
     *
     * @throws LinuxException if the kernel refuses, such as with a shared mapping that may be written to
     */
    public static void seal(Fd file) {
        long result = file.syscalls().call(SyscallNumber.FCNTL, file.number(), F_ADD_SEALS,
                F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE, 0, 0, 0);
        if (Syscalls.isError(result)) {
            throw new LinuxException("fcntl F_ADD_SEALS of " + file.name(), (int) -result);
        }
    }
}

package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;

/** Memory mapped with {@code mmap(2)}. It is unmapped when the arena that it was made in closes. */
public final class Mapping {
    /** {@code PROT_READ | PROT_WRITE}. */
    public static final int READ_WRITE = 3;
    public static final int MAP_SHARED = 0x01;
    public static final int MAP_PRIVATE = 0x02;
    private static final int MAP_FIXED = 0x10;
    public static final int MAP_ANONYMOUS = 0x20;
    /** Do not reserve swap: guest memory that is never touched costs nothing. */
    public static final int MAP_NORESERVE = 0x4000;
    public static final int MAP_HUGETLB = 0x40000;

    /** Advice of {@code madvise(2)}: pages with equal content may be shared. */
    public static final int MADV_MERGEABLE = 12;
    /** Advice of {@code madvise(2)}: core dumps leave the pages out. */
    public static final int MADV_DONTDUMP = 16;
    /** Advice of {@code madvise(2)}: takes memory for all pages at once, as writing to them does. Since Linux 5.14. */
    public static final int MADV_POPULATE_WRITE = 23;

    private Mapping() {
    }

    /**
     * Maps memory for as long as {@code arena} lives.
     *
     * @param size  in bytes
     * @param flags MAP_ constants of this class
     * @param fd    the file to map, or -1
     * @param what  names the memory in the exception
     * @throws LinuxException if the kernel refuses
     */
    @SuppressWarnings("restricted")
    public static MemorySegment map(Syscalls syscalls, Arena arena, long size, int flags, int fd, long offset,
            String what) {
        long address = syscalls.call(SyscallNumber.MMAP, 0, size, READ_WRITE, flags, fd, offset);
        if (Syscalls.isError(address)) {
            throw new LinuxException("mmap of " + size + " bytes for " + what, (int) -address);
        }
        return MemorySegment.ofAddress(address).reinterpret(size, arena,
                segment -> syscalls.call(SyscallNumber.MUNMAP, segment.address(), size, 0, 0, 0, 0));
    }

    /**
     * Puts a private mapping of a file into the place of other memory: its pages are read when they are used first, and
     * what is written to them does not go to the file. The memory stays the arena's that it was mapped in.
     *
     * @param pages  whole pages, mapped
     * @param offset in the file, a multiple of the page size
     * @throws LinuxException if the kernel refuses; the memory is as it was then
     */
    public static void replace(MemorySegment pages, Fd file, long offset) {
        long result = file.syscalls().call(SyscallNumber.MMAP, pages.address(), pages.byteSize(), READ_WRITE,
                MAP_PRIVATE | MAP_FIXED | MAP_NORESERVE, file.number(), offset);
        if (Syscalls.isError(result)) {
            throw new LinuxException("mmap of " + pages.byteSize() + " bytes of " + file.name(), (int) -result);
        }
    }

    /** {@code madvise(2)} for whole pages; zero, or a negated errno. */
    public static long advise(Syscalls syscalls, MemorySegment pages, int advice) {
        return syscalls.call(SyscallNumber.MADVISE, pages.address(), pages.byteSize(), advice, 0, 0, 0);
    }

    /** Keeps whole pages in memory ({@code mlock(2)}); zero, or a negated errno. */
    public static long lock(Syscalls syscalls, MemorySegment pages) {
        return syscalls.call(SyscallNumber.MLOCK, pages.address(), pages.byteSize(), 0, 0, 0, 0);
    }

    /**
     * Makes whole pages inaccessible and accessible again, content kept: users of cached translations look them up
     * anew.
     */
    public static void revokeAndRestore(Syscalls syscalls, MemorySegment pages) {
        syscalls.call(SyscallNumber.MPROTECT, pages.address(), pages.byteSize(), 0, 0, 0, 0);
        syscalls.call(SyscallNumber.MPROTECT, pages.address(), pages.byteSize(), READ_WRITE, 0, 0, 0);
    }
}

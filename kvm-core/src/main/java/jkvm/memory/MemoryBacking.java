package jkvm.memory;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.linux.MemFd;
import jkvm.linux.Syscalls;

/** The kinds of host memory that can back guest RAM. */
public enum MemoryBacking {
    /** Private anonymous memory: the default. Pages appear as the guest touches them. */
    ANONYMOUS,
    /** A memory file that another process can be given. */
    MEMFD,
    /** A memory file of 2 MiB pages from the host's pool ({@code vm.nr_hugepages}); sizes are multiples of 2 MiB. */
    HUGEPAGES;

    private static final long HUGE_PAGE = 2L << 20;
    private static final long PAGE = 4096;

    /**
     * Allocates a PC's RAM, with a hole for devices from {@link GuestMemory#HOLE_START} to
     * {@link GuestMemory#HOLE_END} if {@code size} reaches into it.
     *
     * @param arena the memory is freed when it closes
     * @param size  in bytes, a multiple of the page size
     * @throws LinuxException           if the host has no memory for it
     * @throws IllegalArgumentException if the size is not positive or not a multiple of the page size
     */
    public GuestMemory allocate(Syscalls syscalls, Arena arena, long size) {
        long page = this == HUGEPAGES ? HUGE_PAGE : PAGE;
        if (size <= 0 || size % page != 0) {
            throw new IllegalArgumentException("guest memory of %d bytes: must be a multiple of %d"
                    .formatted(size, page));
        }
        return GuestMemory.ofPc(map(syscalls, arena, size));
    }

    private MemorySegment map(Syscalls syscalls, Arena arena, long size) {
        if (this == ANONYMOUS) {
            return Mapping.map(syscalls, arena, size,
                    Mapping.MAP_PRIVATE | Mapping.MAP_ANONYMOUS | Mapping.MAP_NORESERVE, -1, 0, "guest memory");
        }
        try (Fd file = MemFd.create(syscalls, "jkvm-guest", "guest memory", size, this == HUGEPAGES)) {
            // Huge pages are reserved at once: a page that the pool cannot give later would end in a bus error.
            int flags = this == HUGEPAGES ? Mapping.MAP_SHARED : Mapping.MAP_SHARED | Mapping.MAP_NORESERVE;
            return Mapping.map(syscalls, arena, size, flags, file.number(), 0, "guest memory");
        } catch (LinuxException e) {
            if (this == HUGEPAGES) {
                throw new LinuxException(e.call() + " in huge pages", e.errnoCode(),
                        "the host's pool holds too few: sysctl vm.nr_hugepages=" + size / HUGE_PAGE);
            }
            throw e;
        }
    }
}

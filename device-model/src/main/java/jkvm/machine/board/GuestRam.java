package jkvm.machine.board;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.LinuxException;
import jkvm.linux.Mapping;
import jkvm.linux.Syscalls;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineException.Kind;
import jkvm.machine.config.MemoryConfig;
import jkvm.machine.snapshot.MappedRam;
import jkvm.memory.GuestMemory;
import jkvm.memory.MemoryBacking;
import jkvm.memory.MemoryRegion;

/** Allocates guest RAM as the user wants it. */
public final class GuestRam {
    private static final String NAME = "guest memory";
    private static final long PAGE = 4096;

    private GuestRam() {
    }

    /**
     * Allocates it for as long as {@code arena} lives.
     *
     * @param size in bytes
     * @throws MachineException if the file is not fit for that
     * @throws LinuxException   if the host refuses: no memory, a limit
     */
    public static GuestMemory allocate(MemoryConfig config, Syscalls syscalls, Arena arena, long size) {
        GuestMemory memory = config.file().isPresent()
                ? GuestMemory.ofPc(mapped(config.file().get(), config.shared(), syscalls, arena, size))
                : config.backing().allocate(syscalls, arena, size);
        advise(config, syscalls, memory);
        for (MemoryRegion region : memory.regions()) {
            MemorySegment pages = region.segment();
            if (config.preallocated()) {
                populate(syscalls, pages);
            }
            if (config.locked()) {
                require("mlock of " + pages.byteSize() + " bytes of " + NAME, Mapping.lock(syscalls, pages),
                        "raise the limit with `ulimit -l`");
            }
        }
        return memory;
    }

    private static void advise(MemoryConfig config, Syscalls syscalls, GuestMemory memory) {
        for (MemoryRegion region : memory.regions()) {
            if (config.mergeable()) {
                // Refused by kernels that never merge.
                var _ = Mapping.advise(syscalls, region.segment(), Mapping.MADV_MERGEABLE);
            }
            if (!config.dumped()) {
                require("madvise", Mapping.advise(syscalls, region.segment(), Mapping.MADV_DONTDUMP), "");
            }
        }
    }

    /** True for memory whose pages are this process's alone and taken when they are used: others may take its place. */
    public static boolean isReplaceable(MemoryConfig config) {
        boolean isPrivate = config.file().isPresent() ? !config.shared() : config.backing() == MemoryBacking.ANONYMOUS;
        return isPrivate && !config.preallocated() && !config.locked();
    }

    /**
     * Puts the RAM of a file into the place of a memory that {@link #isReplaceable}; where the host has no more
     * mappings it is read.
     *
     * @throws LinuxException if the host refuses
     */
    public static void replace(MemoryConfig config, Syscalls syscalls, GuestMemory memory, MappedRam file) {
        try {
            file.map(memory);
        } catch (LinuxException _) {
            file.restore(memory);
        }
        advise(config, syscalls, memory);
    }

    private static void require(String call, long result, String hint) {
        if (Syscalls.isError(result)) {
            throw new LinuxException(call, (int) -result, hint);
        }
    }

    private static void populate(Syscalls syscalls, MemorySegment pages) {
        long result = Mapping.advise(syscalls, pages, Mapping.MADV_POPULATE_WRITE);
        if (result == -Errno.EINVAL.code()) {
            // A kernel before 5.14: a write to each page does the same.
            for (long at = 0; at < pages.byteSize(); at += PAGE) {
                pages.set(ValueLayout.JAVA_BYTE, at, pages.get(ValueLayout.JAVA_BYTE, at));
            }
            return;
        }
        require("preallocation of " + pages.byteSize() + " bytes of " + NAME, result,
                "the host has less free memory: give the guest less, or do not preallocate it");
    }

    private static MemorySegment mapped(Path path, boolean shared, Syscalls syscalls, Arena arena, long size) {
        try (Fd file = Files.isDirectory(path) ? unnamed(path, syscalls)
                : Fd.open(syscalls, path.toString(), Fd.O_RDWR | Fd.O_CREAT)) {
            long present = file.size();
            if (present > 0 && present < size) {
                throw new MachineException(Kind.MEMORY_FILE_REFUSED, path.toString(),
                        "backing store size 0x%x does not match 'size' option 0x%x".formatted(present, size));
            }
            if (present == 0) {
                require("ftruncate of " + path + " to " + size + " bytes", file.truncate(size), "");
            }
            return Mapping.map(syscalls, arena, size, shared ? Mapping.MAP_SHARED : Mapping.MAP_PRIVATE,
                    file.number(), 0, NAME + " from " + path);
        }
    }

    /** A file that only this descriptor leads to. */
    private static Fd unnamed(Path folder, Syscalls syscalls) {
        try {
            Path file = Files.createTempFile(folder, "jkvm-guest-", "");
            try {
                return Fd.open(syscalls, file.toString(), Fd.O_RDWR);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new MachineException(Kind.MEMORY_FILE_REFUSED, folder.toString(),
                    "can't open backing store " + folder + " for guest RAM: " + e.getMessage(), e);
        }
    }
}

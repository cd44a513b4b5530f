package jkvm.machine.config;

import java.nio.file.Path;
import java.util.Optional;
import jkvm.memory.MemoryBacking;

/**
 * The host's memory that guest RAM is.
 *
 * @param backing      its kind; not looked at where there is a file
 * @param file         a file that it is mapped from, made if it is absent and grown if it is empty, or a folder for one
 *                     without a name
 * @param shared       true if what the guest writes goes into the file
 * @param preallocated true if all of it is taken before the guest starts
 * @param mergeable    true if the kernel may share pages with equal content
 * @param dumped       true if a core dump of the process has it
 * @param locked       true if it is never swapped out
 */
public record MemoryConfig(MemoryBacking backing, Optional<Path> file, boolean shared, boolean preallocated,
        boolean mergeable, boolean dumped, boolean locked) {
    /** QEMU's: anonymous. */
    public static final MemoryConfig DEFAULT = of(MemoryBacking.ANONYMOUS);

    /** Memory of a kind, with nothing else changed. */
    public static MemoryConfig of(MemoryBacking backing) {
        return new MemoryConfig(backing, Optional.empty(), false, false, true, true, false);
    }

    /** Memory mapped from a file or, in a folder, from one without a name. */
    public static MemoryConfig ofFile(Path file, boolean shared) {
        return new MemoryConfig(MemoryBacking.ANONYMOUS, Optional.of(file), shared, false, true, true, false);
    }

    /** The same with other ways to treat its pages. */
    public MemoryConfig with(boolean isPreallocated, boolean isMergeable, boolean isDumped, boolean isLocked) {
        return new MemoryConfig(backing, file, shared, isPreallocated, isMergeable, isDumped, isLocked);
    }
}

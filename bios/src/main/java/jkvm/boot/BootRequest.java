package jkvm.boot;

import java.nio.file.Path;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.tables.MemoryMap;

/**
 * A request to boot: the user's files and text, and the guest's memory to load them into.
 *
 * @param kernel      the kernel file, as the user named it
 * @param initrds     initial RAM disks or boot modules, in order, as the user named them: a path, or where the kernel
 *                    takes modules a path, a space and text for the module
 * @param commandLine text for the kernel, may be empty
 * @param memory      the guest's RAM, at least 1 MiB
 * @param memoryMap   which of it the guest may use
 * @param rsdpAddress where the ACPI root pointer lies, zero if there is none
 * @param isRehearsal files are checked as ever, but memory stays as it is: another machine's comes into it
 */
public record BootRequest(Path kernel, List<String> initrds, String commandLine, GuestMemory memory,
        MemoryMap memoryMap, long rsdpAddress, boolean isRehearsal) {

    /** A request that is carried out. */
    public BootRequest(Path kernel, List<String> initrds, String commandLine, GuestMemory memory, MemoryMap memoryMap,
            long rsdpAddress) {
        this(kernel, initrds, commandLine, memory, memoryMap, rsdpAddress, false);
    }

    public BootRequest {
        initrds = List.copyOf(initrds);
    }
}

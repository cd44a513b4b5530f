package jkvm.boot;

import java.nio.file.Path;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.tables.MemoryMap;

/**
 * What the user wants booted and into what.
 *
 * @param kernel      the kernel file, as the user named it
 * @param initrds     initial RAM disks or boot modules, in order, as the user named them: a path, or where the kernel
 *                    takes modules a path, a space and text for the module
 * @param commandLine text for the kernel, may be empty
 * @param memory      the guest's RAM, at least 1 MiB
 * @param memoryMap   which of it the guest may use
 * @param rsdpAddress where the ACPI root pointer lies, zero if there is none
 */
public record BootRequest(Path kernel, List<String> initrds, String commandLine, GuestMemory memory,
        MemoryMap memoryMap, long rsdpAddress) {

    public BootRequest {
        initrds = List.copyOf(initrds);
    }
}

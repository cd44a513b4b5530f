package jkvm.machine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * The content of memory when the first CPU starts. Files are not opened yet.
 *
 * @param kernel      image for a direct boot
 * @param initrds     initial ramdisks, or multiboot modules, each a file name and maybe a space and an argument text
 * @param commandLine for the kernel, empty if none
 * @param firmware    what runs if there is no kernel, and what it is told
 * @param loaders     further images, in the order given
 */
public record BootConfig(Optional<Path> kernel, List<String> initrds, String commandLine, FirmwareConfig firmware,
        List<Loader> loaders) {

    public BootConfig {
        initrds = List.copyOf(initrds);
        loaders = List.copyOf(loaders);
    }

    /** True if the first instruction is the firmware's. */
    public boolean usesFirmware() {
        return firmware.rom().isPresent() && kernel.isEmpty();
    }

    /** True if no file says where the first instruction is. */
    public boolean startsNothing() {
        return kernel.isEmpty() && firmware.rom().isEmpty() && loaders.stream().allMatch(l -> l.cpu().isEmpty());
    }

    /**
     * {@code -device loader}.
     *
     * @param file    what to load; without one only {@code cpu} is set to start at {@code address}
     * @param address guest physical; may be absent if the file says it itself
     * @param cpu     the CPU that starts at the image's entry
     * @param raw     true to load even an ELF file as plain bytes
     */
    public record Loader(Optional<Path> file, OptionalLong address, OptionalInt cpu, boolean raw) {
    }
}

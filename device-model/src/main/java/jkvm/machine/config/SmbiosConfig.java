package jkvm.machine.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.tables.SmbiosSettings;

/**
 * The content of the SMBIOS tables, as far as the user gives it. Files are not looked at yet.
 *
 * @param settings   without strings, devices and structures
 * @param oemStrings in their order
 * @param onboard    devices that systems name by an instance
 * @param files      whole structures, each with its strings
 */
public record SmbiosConfig(SmbiosSettings settings, List<OemString> oemStrings, List<Onboard> onboard,
        List<Path> files) {
    /** QEMU's values. */
    public static final SmbiosConfig DEFAULT = new SmbiosConfig(SmbiosSettings.NONE, List.of(), List.of(), List.of());

    public SmbiosConfig {
        oemStrings = List.copyOf(oemStrings);
        onboard = List.copyOf(onboard);
        files = List.copyOf(files);
    }

    /** @param file its content is the string, or else {@code text} is */
    public record OemString(Optional<Path> file, String text) {
    }

    /**
     * A device with its name in the tables.
     *
     * @param kind   number of SMBIOS
     * @param device the id of a device on the PCI bus; absent for one elsewhere
     */
    public record Onboard(String designation, int kind, int instance, Optional<String> device) {
    }
}

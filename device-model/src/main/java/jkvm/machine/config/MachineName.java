package jkvm.machine.config;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A name by which a machine can be asked for, as QEMU 7.2 has them. The versions of a PC differ in the name that its
 * SMBIOS tables tell: jkvm's devices are those of the newest one.
 *
 * @param name         as programs read it
 * @param alias        a second name, empty if there is none
 * @param isDeprecated QEMU says so
 */
public record MachineName(String name, String alias, MachineType type, boolean isDeprecated) {
    private static final String PC_PREFIX = "pc-i440fx-";
    private static final String NEWEST = "7.2";
    private static final List<String> DEPRECATED_VERSIONS = List.of("1.4", "1.5", "1.6", "1.7");
    private static final List<String> VERSIONS = List.of("2.0", "2.1", "2.2", "2.3", "2.4", "2.5", "2.6", "2.7", "2.8",
            "2.9", "2.10", "2.11", "2.12", "3.0", "3.1", "4.0", "4.1", "4.2", "5.0", "5.1", "5.2", "6.0", "6.1", "6.2",
            "7.0", "7.1", NEWEST);

    /** All of them. */
    public static List<MachineName> all() {
        List<MachineName> names = new ArrayList<>();
        VERSIONS.forEach(version -> names.add(ofPc(version, false)));
        DEPRECATED_VERSIONS.forEach(version -> names.add(ofPc(version, true)));
        for (MachineType type : MachineType.values()) {
            if (type != MachineType.PC) {
                names.add(new MachineName(type.text(), "", type, false));
            }
        }
        return names;
    }

    private static MachineName ofPc(String version, boolean isDeprecated) {
        return new MachineName(PC_PREFIX + version, version.equals(NEWEST) ? MachineType.PC.text() : "",
                MachineType.PC, isDeprecated);
    }

    /** The machine of a name or alias. */
    public static Optional<MachineName> find(String text) {
        for (MachineType type : MachineType.values()) {
            // Found without the list, which most starts do not need.
            if (type.text().equals(text)) {
                return Optional.of(new MachineName(text, "", type, false));
            }
        }
        return all().stream().filter(name -> name.name.equals(text)).findFirst();
    }
}

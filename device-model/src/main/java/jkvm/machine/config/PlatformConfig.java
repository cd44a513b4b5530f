package jkvm.machine.config;

import java.util.Optional;
import java.util.UUID;
import jkvm.tables.AcpiSettings;

/**
 * The machine itself, without its devices.
 *
 * @param name        of the guest, empty if not given
 * @param uuid        of the system, for SMBIOS
 * @param memoryBytes guest RAM, a multiple of 8 KiB; may be 0 in the empty machine
 * @param memory      what backs guest RAM
 * @param cpus        1 to {@link MachineConfig#MAX_CPUS}; 0 in the empty machine
 * @param cpu         what each of them is
 * @param hpet        true with a high precision event timer
 * @param acpi        true with ACPI: tables, power management
 * @param pit         true with an interval timer
 * @param graphics    false for firmware that is to use a serial port instead of the display adapter
 * @param smbios      what its SMBIOS tables say
 * @param acpiSettings what its ACPI tables say of the user's
 */
public record PlatformConfig(String name, Optional<UUID> uuid, MachineType type, long memoryBytes,
        MemoryConfig memory, int cpus, CpuConfig cpu, boolean hpet, boolean acpi, boolean pit,
        boolean graphics, SmbiosConfig smbios, AcpiSettings acpiSettings) {
}

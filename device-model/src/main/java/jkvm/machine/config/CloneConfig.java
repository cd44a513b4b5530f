package jkvm.machine.config;

import java.security.SecureRandom;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.UnaryOperator;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.host.image.DriveSpec;

/**
 * Makes of a machine's configuration that of a copy which runs beside it: with a name, UUID, network addresses and VM
 * generation ID of its own, and with disks of its own.
 */
public final class CloneConfig {
    /** The first three bytes of QEMU's network addresses. */
    private static final long MAC_PREFIX = 0x525400000000L;
    private static final int MAC_RANDOM_BITS = 24;

    private final UnaryOperator<DriveSpec> overlay;
    private final SecureRandom random = new SecureRandom();
    /** So that a device and the option that declares its drive get one and the same. */
    private final Map<DriveSpec, DriveSpec> overlays = new HashMap<>();

    private CloneConfig(UnaryOperator<DriveSpec> overlay) {
        this.overlay = overlay;
    }

    /**
     * The configuration of a copy.
     *
     * @param number  in its name, after the machine's
     * @param overlay gets a drive that the guest may write to, and answers the copy's
     */
    public static MachineConfig of(MachineConfig machine, int number, UnaryOperator<DriveSpec> overlay) {
        return new CloneConfig(overlay).copy(machine, number);
    }

    /** As {@link #of(MachineConfig, int, UnaryOperator)}; what the copy writes to its disks is gone at its end. */
    public static MachineConfig of(MachineConfig machine, int number) {
        return of(machine, number, drive ->
                new DriveSpec(drive.id(), drive.image(), drive.options().withTemporary(true)));
    }

    private MachineConfig copy(MachineConfig machine, int number) {
        PlatformConfig old = machine.platform();
        String name = old.name().isEmpty() ? "" : old.name() + "-" + number;
        PlatformConfig platform = new PlatformConfig(name, Optional.of(UUID.randomUUID()), old.type(),
                old.memoryBytes(), old.memory(), old.cpus(), old.cpu(), old.hpet(), old.acpi(), old.pit(),
                old.graphics(), old.smbios(), old.acpiSettings());
        HostConfig host = machine.host();
        NamedSides sides = new NamedSides(drives(host.sides().drives()), drives(host.sides().nodes()),
                host.sides().networks());
        return new MachineConfig(platform, machine.boot(), machine.devices().stream().map(this::device).toList(),
                machine.time(), new HostConfig(host.accelerators(), host.compiles(), host.chardevs(), host.secrets(),
                host.randomFiles(), sides), machine.end());
    }

    private List<DriveSpec> drives(List<DriveSpec> specs) {
        return specs.stream().map(this::drive).toList();
    }

    private DriveSpec drive(DriveSpec spec) {
        return spec.isEmpty() || spec.options().readOnly() ? spec : overlays.computeIfAbsent(spec, overlay);
    }

    private DeviceConfig device(DeviceConfig device) {
        Properties properties = device.properties();
        for (Map.Entry<Property<?>, Object> value : device.properties().values().entrySet()) {
            Property<?> property = value.getKey();
            Object changed = switch (property.kind()) {
                case MAC -> MAC_PREFIX | random.nextInt(1 << MAC_RANDOM_BITS);
                case DRIVE -> drive((DriveSpec) value.getValue());
                default -> property == VmGenerationIdType.GUID ? VmGenerationIdType.AUTO : value.getValue();
            };
            properties = properties.withValue(property, changed);
        }
        return new DeviceConfig(device.type(), properties);
    }
}

package jkvm.machine.config;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import jkvm.device.board.Category;
import jkvm.device.board.DeviceType;
import jkvm.device.e1000.E1000Type;
import jkvm.device.floppy.FloppyType;
import jkvm.device.floppy.IsaFdcType;
import jkvm.device.ide.AhciType;
import jkvm.device.ide.IdeType;
import jkvm.device.platform.IsaDebugconType;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.device.scsi.ScsiUnitType;
import jkvm.device.serial.IsaSerialType;
import jkvm.device.testdev.IsaDebugExitType;
import jkvm.device.testdev.PcTestdevType;
import jkvm.device.testdev.PciTestdevType;
import jkvm.device.usb.hid.HidType;
import jkvm.device.usb.xhci.XhciType;
import jkvm.device.vga.VgaType;
import jkvm.device.virtio.block.VirtioBlockType;
import jkvm.device.virtio.console.VirtconsoleType;
import jkvm.device.virtio.console.VirtioConsoleType;
import jkvm.device.virtio.net.VirtioNetType;
import jkvm.device.virtio.rng.VirtioRngType;
import jkvm.device.virtio.scsi.VirtioScsiType;

/**
 * The registry of device types: what {@code -device} knows. Immutable.
 *
 * <pre>{@code
 * DeviceTypes types = DeviceTypes.builtIn().with(new SquaringType());
 * }</pre>
 */
public final class DeviceTypes {
    private final List<DeviceType> further;

    private DeviceTypes(List<DeviceType> further) {
        this.further = List.copyOf(further);
    }

    /** In a class of its own, which a machine without such devices does not load. */
    private static final class BuiltIn {
        /** A line for each device, that for PCI first: {@code -nic} names network cards in this order. */
        static final List<DeviceType> TYPES = List.of(
                FloppyType.TYPE,
                ScsiUnitType.Disk.TYPE, ScsiUnitType.Cd.TYPE,
                VirtioScsiType.PCI, VirtioScsiType.TRANSITIONAL, VirtioScsiType.NON_TRANSITIONAL, VirtioScsiType.MMIO,
                IsaFdcType.TYPE,
                IsaDebugExitType.TYPE,
                IdeType.HardDisk.TYPE,
                IdeType.Cd.TYPE,
                AhciType.TYPE,
                IsaDebugconType.TYPE,
                IsaSerialType.TYPE,
                LoaderType.TYPE,
                PcTestdevType.TYPE,
                PciTestdevType.TYPE,
                VgaType.TYPE,
                VmGenerationIdType.TYPE,
                E1000Type.TYPE,
                XhciType.TYPE,
                HidType.KEYBOARD, HidType.MOUSE, HidType.TABLET,
                VirtioNetType.PCI, VirtioNetType.TRANSITIONAL, VirtioNetType.NON_TRANSITIONAL, VirtioNetType.MMIO,
                VirtioRngType.PCI, VirtioRngType.TRANSITIONAL, VirtioRngType.NON_TRANSITIONAL, VirtioRngType.MMIO,
                VirtioConsoleType.PCI, VirtioConsoleType.TRANSITIONAL, VirtioConsoleType.NON_TRANSITIONAL,
                VirtioConsoleType.MMIO,
                VirtconsoleType.TYPE,
                VirtioBlockType.PCI, VirtioBlockType.TRANSITIONAL, VirtioBlockType.NON_TRANSITIONAL,
                VirtioBlockType.MMIO);
    }

    /** Those of jkvm. */
    public static DeviceTypes builtIn() {
        return new DeviceTypes(List.of());
    }

    /** These and further ones. */
    public DeviceTypes with(DeviceType... added) {
        List<DeviceType> types = new ArrayList<>(further);
        types.addAll(Arrays.asList(added));
        return new DeviceTypes(types);
    }

    /** All of them. */
    public List<DeviceType> all() {
        List<DeviceType> all = new ArrayList<>(BuiltIn.TYPES);
        all.addAll(further);
        return all;
    }

    /** The type of a name or of an alias. */
    public Optional<DeviceType> find(String name) {
        for (DeviceType type : all()) {
            if (type.name().equals(name) || type.aliases().contains(name)) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    /** The output of {@code -device help}, in QEMU's format. */
    public String help() {
        return Arrays.stream(Category.values()).map(this::help).filter(group -> !group.isEmpty())
                .collect(Collectors.joining("\n"));
    }

    private String help(Category category) {
        List<DeviceType> group = all().stream().filter(type -> type.category() == category)
                .sorted(Comparator.comparing(DeviceType::name)).toList();
        return group.isEmpty() ? "" : group.stream().map(DeviceType::summary)
                .collect(Collectors.joining("\n", category.text() + " devices:\n", "\n"));
    }
}

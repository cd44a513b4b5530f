package jkvm.device.board;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** The properties of every device on the PCI bus: its address, and its expansion ROM. */
public final class PciPlace {
    /** Slot and function as {@code slot * 8 + function}; the next free slot where it is absent. */
    public static final Property<Integer> ADDRESS = Property.pciAddress("addr");
    /** Its expansion ROM, from which firmware boots. An empty name for none. */
    public static final Property<Path> ROM_FILE = Property.file("romfile", "expansion ROM; an empty name for none");
    /** 0 for a ROM that the device does not show: firmware gets it from its configuration device. */
    public static final Property<Integer> ROM_BAR = Property.number("rombar", 0, 1, "0 hides the ROM from the guest")
            .or(1);

    /** All of them. The bit of multifunction= is set where a slot has several functions, and only there. */
    static final List<Property<?>> PROPERTIES = List.of(Property.fixed("bus", "pci.0"), ADDRESS,
            Property.flag("multifunction", "set where it has to be").or(false), ROM_BAR, ROM_FILE);

    private PciPlace() {
    }

    /**
     * An expansion ROM. Not looked at yet.
     *
     * @param file     a name without a folder is also looked for where distributions install firmware
     * @param required false if the device does without where the file is absent
     * @param bar      true if the device shows it to the guest
     */
    public record Rom(Path file, boolean required, boolean bar) {
    }

    /**
     * The ROM of a device of any type: the user's, or else the one that a distribution may install for the model.
     * QEMU's hold an image for a PC's BIOS, which SeaBIOS takes by its type and the device's ids, and one for UEFI.
     */
    public static Optional<Rom> rom(DeviceType type, Properties properties) {
        if (type.bus() != Bus.PCI) {
            return Optional.empty();
        }
        boolean bar = properties.get(ROM_BAR) == 1;
        Optional<Path> file = properties.find(ROM_FILE);
        if (file.isPresent()) {
            return file.filter(path -> !path.toString().isEmpty()).map(path -> new Rom(path, true, bar));
        }
        return usual(type).map(path -> new Rom(path, false, bar));
    }

    private static Optional<Path> usual(DeviceType type) {
        if (type instanceof PciType pci) {
            return pci.usualRom();
        }
        return type instanceof VirtioType virtio ? virtio.usualRom() : Optional.empty();
    }
}

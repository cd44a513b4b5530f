package jkvm.device.board;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.VirtioInterfaces;

/**
 * A kind of virtio device, on the PCI bus or with a microvm's memory-mapped registers. On the PCI bus QEMU has three
 * names for each: one whose interfaces the user chooses, by default those of virtio 0.9.5 and of virtio 1, and two with
 * a fixed choice.
 */
public abstract non-sealed class VirtioType extends DeviceType {
    /** Off for virtio 1's interface alone; {@code auto} leaves the legacy one on for devices that have it. */
    public static final Property<String> DISABLE_LEGACY =
            Property.choice("disable-legacy", "auto", "on", "off").or("auto");
    /** On for the interface of virtio 0.9.5 alone. */
    public static final Property<Boolean> DISABLE_MODERN = Property.flag("disable-modern", "").or(false);

    /** Properties of QEMU's devices that have only one value in jkvm. */
    private static final List<Property<?>> FIXED = List.of(
            Property.fixed("indirect_desc", "on"),
            Property.fixed("event_idx", "on"),
            Property.fixed("ioeventfd", "on"),
            Property.fixed("packed", "off"));
    private static final List<Property<?>> FIXED_OF_MMIO = List.of(
            Property.fixed("disable-legacy", "on", "auto"),
            Property.fixed("disable-modern", "off"));

    /** The part of a type's name that tells the bus and the interfaces. */
    public enum Variant {
        /** On the PCI bus; the user chooses the interfaces. */
        PCI("-pci"),
        /** On the PCI bus, with both interfaces. */
        TRANSITIONAL("-pci-transitional"),
        /** On the PCI bus, with the interface of virtio 1 alone. */
        NON_TRANSITIONAL("-pci-non-transitional"),
        /** With memory-mapped registers. */
        MMIO("-device");

        private final String suffix;

        Variant(String suffix) {
            this.suffix = suffix;
        }
    }

    private final String stem;
    private final Variant variant;

    /** @param stem QEMU's name without the part of the variant: {@code virtio-blk} */
    protected VirtioType(String stem, Variant variant, Category category, String description) {
        super(stem + variant.suffix, category, description);
        this.stem = stem;
        this.variant = variant;
    }

    @Override
    public final Bus bus() {
        return variant == Variant.MMIO ? Bus.VIRTIO_MMIO : Bus.PCI;
    }

    @Override
    public final List<String> aliases() {
        return variant == Variant.PCI ? List.of(stem) : List.of();
    }

    /** The name of the same device in a machine that has the PCI bus. */
    public final String pciName() {
        return stem + Variant.PCI.suffix;
    }

    @Override
    protected final List<Property<?>> busProperties() {
        List<Property<?>> all = new ArrayList<>(variant == Variant.MMIO ? FIXED_OF_MMIO : PciPlace.PROPERTIES);
        if (variant == Variant.PCI) {
            all.add(DISABLE_LEGACY);
            all.add(DISABLE_MODERN);
        }
        all.addAll(FIXED);
        return all;
    }

    /** The file name of the expansion ROM that QEMU's PCI device has without {@code romfile=}. */
    public Optional<Path> usualRom() {
        return Optional.empty();
    }

    /** @throws PropertyException where neither interface is left */
    @Override
    public void check(Properties properties) {
        if (properties.get(DISABLE_MODERN) && properties.get(DISABLE_LEGACY).equals("on")) {
            throw new PropertyException(PropertyException.Kind.CONFLICT, DISABLE_MODERN.name(),
                    "device cannot work as neither modern nor legacy mode is enabled;"
                            + " set disable-modern or disable-legacy to off");
        }
    }

    /** The interfaces of a PCI device. */
    public final VirtioInterfaces interfaces(Properties properties, VirtioDevice device) {
        if (variant == Variant.NON_TRANSITIONAL || properties.get(DISABLE_LEGACY).equals("on")
                || !VirtioInterfaces.knowsLegacy(device.type())) {
            return VirtioInterfaces.MODERN;
        }
        return properties.get(DISABLE_MODERN) ? VirtioInterfaces.LEGACY : VirtioInterfaces.TRANSITIONAL;
    }

    /** The class code of its PCI function. */
    public abstract int pciClass();

    /**
     * Makes a device; the machine gives it the registers of its bus.
     *
     * @param properties with the id that the device has as its name
     */
    public abstract VirtioDevice create(Board board, Properties properties);
}

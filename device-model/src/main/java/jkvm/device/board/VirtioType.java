package jkvm.device.board;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.device.virtio.VirtioDevice;

/** A kind of virtio device, on the PCI bus or with a microvm's memory-mapped registers. */
public abstract non-sealed class VirtioType extends DeviceType {
    private static final String PCI_SUFFIX = "-pci";
    private static final String MMIO_SUFFIX = "-device";
    /** Properties of QEMU's devices that have only one value in jkvm. */
    private static final List<Property<?>> FIXED = List.of(
            Property.fixed("disable-legacy", "on", "auto"),
            Property.fixed("disable-modern", "off"),
            Property.fixed("indirect_desc", "on"),
            Property.fixed("event_idx", "on"),
            Property.fixed("ioeventfd", "on"),
            Property.fixed("packed", "off"));

    private final String stem;
    private final Bus bus;

    /**
     * @param stem QEMU's name without the part that tells the bus: {@code virtio-blk}
     * @param bus  {@link Bus#PCI} or {@link Bus#VIRTIO_MMIO}
     */
    protected VirtioType(String stem, Bus bus, Category category, String description) {
        super(stem + (bus == Bus.PCI ? PCI_SUFFIX : MMIO_SUFFIX), category, description);
        this.stem = stem;
        this.bus = bus;
    }

    @Override
    public final Bus bus() {
        return bus;
    }

    @Override
    public final List<String> aliases() {
        return bus == Bus.PCI ? List.of(stem, stem + PCI_SUFFIX + "-non-transitional") : List.of();
    }

    /** The name of the same device in a machine that has the PCI bus. */
    public final String pciName() {
        return stem + PCI_SUFFIX;
    }

    @Override
    protected final List<Property<?>> busProperties() {
        List<Property<?>> all = new ArrayList<>(bus == Bus.PCI ? PciPlace.PROPERTIES : List.of());
        all.addAll(FIXED);
        return all;
    }

    /** The file name of the expansion ROM that QEMU's PCI device has without {@code romfile=}. */
    public Optional<Path> usualRom() {
        return Optional.empty();
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

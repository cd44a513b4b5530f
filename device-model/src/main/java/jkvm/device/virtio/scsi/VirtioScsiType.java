package jkvm.device.virtio.scsi;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.VirtioType;
import jkvm.device.virtio.VirtioDevice;

/** The entries of {@link VirtioScsi}. */
public final class VirtioScsiType extends VirtioType {
    public static final VirtioScsiType PCI = new VirtioScsiType(Variant.PCI);
    public static final VirtioScsiType TRANSITIONAL = new VirtioScsiType(Variant.TRANSITIONAL);
    public static final VirtioScsiType NON_TRANSITIONAL = new VirtioScsiType(Variant.NON_TRANSITIONAL);
    public static final VirtioScsiType MMIO = new VirtioScsiType(Variant.MMIO);
    private static final int CLASS_SCSI = 0x010000;

    public static final Property<Integer> QUEUES =
            Property.number("num_queues", 1, VirtioScsi.MAX_QUEUES, "request queues").or(1);
    public static final Property<Integer> MAX_SECTORS =
            Property.number("max_sectors", 1, Integer.MAX_VALUE, "of a request").or(VirtioScsi.MAX_SECTORS);
    public static final Property<Integer> COMMANDS_PER_UNIT =
            Property.number("cmd_per_lun", 1, Integer.MAX_VALUE, "under way").or(VirtioScsi.COMMANDS_PER_UNIT);
    /** Without effect: each request queue has a thread of its own in any case. */
    public static final Property<String> IOTHREAD = Property.object("iothread", "iothread", "ID of a thread");

    private VirtioScsiType(Variant variant) {
        super("virtio-scsi", variant, Category.STORAGE, "a SCSI adapter for scsi-hd and scsi-cd");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(QUEUES, MAX_SECTORS, COMMANDS_PER_UNIT, IOTHREAD, Property.fixed("virtqueue_size", "256"),
                Property.fixed("seg_max_adjust", "on"), Property.fixed("hotplug", "off"),
                Property.fixed("param_change", "off"));
    }

    @Override
    public int pciClass() {
        return CLASS_SCSI;
    }

    @Override
    public VirtioDevice create(Board board, Properties properties) {
        return new VirtioScsi(properties.id(), properties.get(QUEUES), properties.get(MAX_SECTORS),
                properties.get(COMMANDS_PER_UNIT));
    }
}

package jkvm.device.virtio.block;

import java.util.List;
import java.util.Optional;
import jkvm.bios.disk.Attachment;
import jkvm.bios.disk.DriveGeometry;
import jkvm.device.board.Board;
import jkvm.device.board.BootPath;
import jkvm.device.board.BootSource;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;
import jkvm.device.board.VirtioType;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.virtio.VirtioDevice;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;

/** The entries of {@link VirtioBlock}. */
public final class VirtioBlockType extends VirtioType {
    public static final VirtioBlockType PCI = new VirtioBlockType(Variant.PCI);
    public static final VirtioBlockType TRANSITIONAL = new VirtioBlockType(Variant.TRANSITIONAL);
    public static final VirtioBlockType NON_TRANSITIONAL = new VirtioBlockType(Variant.NON_TRANSITIONAL);
    public static final VirtioBlockType MMIO = new VirtioBlockType(Variant.MMIO);
    private static final int CLASS_STORAGE = 0x010000;

    public static final Property<DriveSpec> DRIVE = Property.drive("drive").require();
    public static final Property<String> SERIAL = Property.text("serial", "what the guest reads as its id").or("");
    public static final Property<Integer> QUEUES =
            Property.number("num-queues", 1, BlockSettings.MAX_QUEUES, "request queues").or(1);
    public static final Property<Integer> LOGICAL_BLOCK_SIZE = Property.number("logical_block_size",
            BlockSettings.SECTOR_SIZE, BlockSettings.MAX_BLOCK_SIZE, "bytes, a power of two")
            .or(BlockSettings.SECTOR_SIZE);
    /** That of {@link #LOGICAL_BLOCK_SIZE} where it is absent. */
    public static final Property<Integer> PHYSICAL_BLOCK_SIZE = Property.number("physical_block_size",
            BlockSettings.SECTOR_SIZE, BlockSettings.MAX_BLOCK_SIZE, "bytes, a power of two; the logical one's");
    public static final Property<Integer> CYLINDERS = geometry("cyls");
    public static final Property<Integer> HEADS = geometry("heads");
    public static final Property<Integer> SECTORS = geometry("secs");
    /** The geometry that firmware tells: cylinders, heads, sectors. Firmware's own rule where all are 0. */
    public static final List<Property<Integer>> BIOS_GEOMETRY =
            List.of(geometry("lcyls"), geometry("lheads"), geometry("lsecs"));
    public static final Property<Boolean> DISCARD = Property.flag("discard", "").or(true);
    /** That of the drive where it is absent. */
    public static final Property<Boolean> WRITE_CACHE = Property.flag("write-cache", "that of the drive");

    /** Without effect: each request queue has a thread of its own in any case. */
    public static final Property<String> IOTHREAD = Property.object("iothread", "iothread", "ID of a thread");

    private VirtioBlockType(Variant variant) {
        super("virtio-blk", variant, Category.STORAGE, "a disk, whose -drive has if=none");
    }

    private static Property<Integer> geometry(String name) {
        return Property.number(name, 0, Integer.MAX_VALUE, "").or(0);
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(DRIVE, SERIAL, QUEUES, LOGICAL_BLOCK_SIZE, PHYSICAL_BLOCK_SIZE, CYLINDERS, HEADS, SECTORS,
                BIOS_GEOMETRY.get(0), BIOS_GEOMETRY.get(1), BIOS_GEOMETRY.get(2), DISCARD, WRITE_CACHE, IOTHREAD,
                Property.fixed("config-wce", "on"), Property.fixed("queue-size", "256"),
                Property.fixed("rerror", "report", "auto"),
                Property.fixed("scsi", "off"), Property.fixed("share-rw", "off"),
                Property.fixed("werror", "report", "enospc", "auto"), Property.fixed("write-zeroes", "on"));
    }

    @Override
    public Optional<BootPath> bootPath() {
        return Optional.of(BootPath.DISK);
    }

    @Override
    public int pciClass() {
        return CLASS_STORAGE;
    }

    @Override
    public void check(Properties properties) {
        super.check(properties);
        settings(properties, true);
    }

    /** How the disk presents itself, its drive known. */
    public static BlockSettings settings(Properties properties) {
        boolean writesThrough = properties.get(DRIVE).options().cache().writesThrough();
        return settings(properties, properties.find(WRITE_CACHE).orElse(!writesThrough));
    }

    private static BlockSettings settings(Properties properties, boolean writeCache) {
        int logical = properties.get(LOGICAL_BLOCK_SIZE);
        return new BlockSettings(properties.get(SERIAL), properties.get(QUEUES), logical,
                properties.find(PHYSICAL_BLOCK_SIZE).orElse(logical), writeCache, properties.get(DISCARD),
                new DiskGeometry(properties.get(CYLINDERS), properties.get(HEADS), properties.get(SECTORS)));
    }

    @Override
    public VirtioDevice create(Board board, Properties properties) {
        DriveSpec drive = properties.get(DRIVE);
        if (drive.isEmpty()) {
            throw new PropertyException(PropertyException.Kind.INVALID, DRIVE.name(),
                    "Device needs media, but drive is empty");
        }
        DiskImage image = board.disk(drive);
        BlockSettings settings = settings(properties).of(image);
        if (settings.logicalBlockSize() == BlockSettings.SECTOR_SIZE) {
            board.bootable(bootSource(image, settings, properties));
        }
        return new VirtioBlock(properties.id(), image, settings, board.statistics(drive));
    }

    private BootSource bootSource(DiskImage image, BlockSettings settings, Properties properties) {
        DiskGeometry geometry = settings.geometry();
        BootSource source = BootSource.hardDisk(image,
                geometry.forBios(), Attachment.Scsi::new,
                address -> "Virtio disk PCI:00:%02x.%x".formatted(address >> 3, address & 7), bootIndex(properties));
        List<Integer> logical = BIOS_GEOMETRY.stream().map(properties::get).toList();
        return logical.stream().anyMatch(number -> number == 0) ? source
                : source.withLogical(new DriveGeometry(logical.get(0), logical.get(1), logical.get(2)));
    }
}

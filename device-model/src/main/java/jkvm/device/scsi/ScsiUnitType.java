package jkvm.device.scsi;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.bios.disk.Attachment;
import jkvm.device.board.Board;
import jkvm.device.board.BootPath;
import jkvm.device.board.BootSource;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;
import jkvm.device.board.UnitType;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;

/** The entries of the units on a SCSI bus. */
public abstract sealed class ScsiUnitType extends UnitType {
    public static final Property<Integer> CHANNEL = Property.number("channel", 0, Integer.MAX_VALUE, "").or(0);
    /** The next free one where it is absent. */
    public static final Property<Integer> TARGET = Property.number("scsi-id", -1, Integer.MAX_VALUE, "target");
    /** The next free one where it is absent. */
    public static final Property<Integer> UNIT = Property.number("lun", -1, Integer.MAX_VALUE, "logical unit");
    public static final Property<String> SERIAL = Property.text("serial", "what the guest reads as its number").or("");
    public static final Property<String> DEVICE = Property.text("device_id", "what the guest reads as its name");
    public static final Property<String> VENDOR = Property.text("vendor", "").or("QEMU");
    public static final Property<String> REVISION = Property.text("ver", "").or("2.5+");

    private static final int MAX_NAME = 20;
    private static final int SECTOR_SIZE = 512;
    private static final int MAX_BLOCK_SIZE = 4096;

    private final Property<String> product;
    private final String kind;

    private ScsiUnitType(String name, String description, String product, String kind) {
        super(name, Category.STORAGE, description);
        this.product = Property.text("product", "").or(product);
        this.kind = kind;
    }

    @Override
    public final Bus bus() {
        return Bus.SCSI;
    }

    @Override
    protected final List<Property<?>> busProperties() {
        return List.of(BUS, CHANNEL, TARGET, UNIT);
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(SERIAL, DEVICE, VENDOR, product, REVISION, Property.fixed("scsi_version", "5"),
                Property.fixed("share-rw", "off"), Property.fixed("rerror", "report", "auto"),
                Property.fixed("werror", "report", "enospc", "auto"));
    }

    @Override
    public final Optional<BootPath> bootPath() {
        return Optional.of(new BootPath(false, "scsi", ""));
    }

    @Override
    public final String nameAt(int place) {
        return "scsi-%s%d.%d".formatted(kind, place / ScsiTarget.MAX_UNITS, place % ScsiTarget.MAX_UNITS);
    }

    /** As SeaBIOS shows it in its menu. */
    private static String shown(ScsiIdentity identity) {
        return "virtio-scsi Drive %s %s %s".formatted(identity.vendor(), identity.product(), identity.revision());
    }

    /** @param drive the drive's name, which is the unit's where the user gives none */
    private ScsiIdentity identity(Properties properties, Optional<DriveSpec> drive) {
        String serial = properties.get(SERIAL);
        String device = properties.find(DEVICE).orElse(serial.isEmpty() ? drive.map(DriveSpec::id).orElse("") : serial);
        return new ScsiIdentity(properties.get(VENDOR), properties.get(product), properties.get(REVISION), serial,
                device.substring(0, Math.min(device.length(), MAX_NAME)), false);
    }

    @Override
    public void check(Properties properties) {
        for (Property<String> property : List.of(SERIAL, DEVICE, VENDOR, product, REVISION)) {
            String text = properties.find(property).orElse("");
            if (text.length() > MAX_NAME || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
                throw PropertyException.invalid(property.name(), text, "at most " + MAX_NAME + " ASCII characters");
            }
        }
    }

    /** The entry of {@link ScsiDisk}. */
    public static final class Disk extends ScsiUnitType {
        public static final Disk TYPE = new Disk();
        public static final Property<DriveSpec> DRIVE = Property.drive("drive").require();
        public static final Property<Integer> LOGICAL_BLOCK_SIZE = Property.number("logical_block_size", SECTOR_SIZE,
                MAX_BLOCK_SIZE, "bytes, a power of two").or(SECTOR_SIZE);
        /** That of {@link #LOGICAL_BLOCK_SIZE} where it is absent. */
        public static final Property<Integer> PHYSICAL_BLOCK_SIZE = Property.number("physical_block_size", SECTOR_SIZE,
                MAX_BLOCK_SIZE, "bytes, a power of two; the logical one's");
        public static final Property<Integer> ROTATION_RATE = Property.number("rotation_rate", 0, 0xFFFF, "").or(0);
        public static final Property<Long> WWN = Property.address("wwn", "world wide name").or(0L);
        /** That of the drive where it is absent. */
        public static final Property<Boolean> WRITE_CACHE = Property.flag("write-cache", "that of the drive");

        private Disk() {
            super("scsi-hd", "a SCSI hard disk, whose -drive has if=none", "QEMU HARDDISK", "hd");
        }

        @Override
        protected List<Property<?>> ownProperties() {
            List<Property<?>> all = new ArrayList<>(super.ownProperties());
            all.addAll(List.of(DRIVE, LOGICAL_BLOCK_SIZE, PHYSICAL_BLOCK_SIZE, ROTATION_RATE, WWN, WRITE_CACHE,
                    Property.fixed("removable", "off"), Property.fixed("dpofua", "off")));
            return all;
        }

        @Override
        public void check(Properties properties) {
            super.check(properties);
            int logical = properties.get(LOGICAL_BLOCK_SIZE);
            int physical = properties.find(PHYSICAL_BLOCK_SIZE).orElse(logical);
            if (Integer.bitCount(logical) != 1 || Integer.bitCount(physical) != 1 || physical < logical) {
                throw PropertyException.invalid(LOGICAL_BLOCK_SIZE.name(), logical,
                        "block sizes are powers of two, the physical one not below the logical one");
            }
        }

        @Override
        public ScsiUnit create(Board board, Properties properties, int place) {
            DriveSpec drive = properties.get(DRIVE);
            if (drive.isEmpty()) {
                throw new PropertyException(PropertyException.Kind.INVALID, DRIVE.name(),
                        "Device needs media, but drive is empty");
            }
            int logical = properties.get(LOGICAL_BLOCK_SIZE);
            boolean caches = properties.find(WRITE_CACHE).orElse(!drive.options().cache().writesThrough());
            ScsiDiskSettings settings = new ScsiDiskSettings(logical,
                    properties.find(PHYSICAL_BLOCK_SIZE).orElse(logical), caches, properties.get(ROTATION_RATE),
                    properties.get(WWN));
            ScsiIdentity identity = super.identity(properties, Optional.of(drive));
            DiskImage image = board.disk(drive);
            ScsiDisk disk = new ScsiDisk(image, identity, settings, board.statistics(drive));
            if (logical == SECTOR_SIZE) {
                board.bootable(BootSource.hardDisk(image, disk.geometryForBios(), Attachment.Scsi::new,
                        _ -> shown(identity), bootIndex(properties)));
            }
            return new ScsiUnit(properties.id(), disk);
        }
    }

    /** The entry of {@link CdRom} on a SCSI bus. */
    public static final class Cd extends ScsiUnitType {
        public static final Cd TYPE = new Cd();
        public static final Property<DriveSpec> DRIVE = Property.drive("drive");

        private Cd() {
            super("scsi-cd", "a SCSI CD-ROM drive", "QEMU CD-ROM", "cd");
        }

        @Override
        protected List<Property<?>> ownProperties() {
            List<Property<?>> all = new ArrayList<>(super.ownProperties());
            all.add(DRIVE);
            return all;
        }

        @Override
        public ScsiUnit create(Board board, Properties properties, int place) {
            Optional<DriveSpec> drive = properties.find(DRIVE);
            ScsiIdentity identity = super.identity(properties, drive);
            MediumSlot slot = board.medium(properties.id(), drive, true);
            board.bootable(BootSource.cd(slot, Attachment.Scsi::new, _ -> "DVD/CD [" + shown(identity) + "]",
                    bootIndex(properties)));
            return new ScsiUnit(properties.id(), new CdRom(slot, identity));
        }
    }
}

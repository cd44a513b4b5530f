package jkvm.device.ide;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.bios.disk.Attachment;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.BootPath;
import jkvm.device.board.BootSource;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;
import jkvm.device.board.UnitType;
import jkvm.device.disk.DiskGeometry;
import jkvm.device.scsi.CdRom;
import jkvm.device.scsi.ScsiIdentity;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;

/** The entries of the drives on an IDE controller's cables. */
public abstract sealed class IdeType extends UnitType {
    /** 0 for the first drive of a cable, 1 for the second; the next free one where it is absent. */
    public static final Property<Integer> UNIT = Property.number("unit", -1, Integer.MAX_VALUE, "place on the cable");
    public static final Property<String> SERIAL = Property.text("serial", "what the guest reads as its id");
    public static final Property<String> MODEL = Property.text("model", "what the guest reads as its name");
    public static final Property<String> FIRMWARE = Property.text("ver", "what the guest reads as its firmware")
            .or("2.5+");
    public static final Property<Long> WWN = Property.address("wwn", "world wide name").or(0L);

    /** Places of an AHCI controller's ports begin here; those before are of the two channels of the PIIX3. */
    static final int FIRST_SATA_PLACE = 2 * IdeCable.PLACES;

    /** Of the PIIX3's IDE controller: function 1 of slot 1. */
    private static final int PCI_ADDRESS = 9;
    /** From here on a menu tells a disk's size in GiB, as SeaBIOS's. */
    private static final long GIB_FROM = 1L << 36;

    private IdeType(String name, String description) {
        super(name, Category.STORAGE, description);
    }

    @Override
    public final Bus bus() {
        return Bus.IDE;
    }

    @Override
    protected final List<Property<?>> busProperties() {
        return List.of(BUS, UNIT);
    }

    @Override
    public final Optional<BootPath> bootPath() {
        return Optional.of(new BootPath(false, "ide", ""));
    }

    @Override
    public void check(Properties properties) {
        requireText(SERIAL, properties, AtaIdentity.MAX_SERIAL);
        requireText(MODEL, properties, AtaIdentity.MAX_MODEL);
        requireText(FIRMWARE, properties, AtaIdentity.MAX_FIRMWARE);
    }

    private static void requireText(Property<String> property, Properties properties, int most) {
        String text = properties.find(property).orElse("");
        if (text.length() > most || !text.chars().allMatch(c -> c >= ' ' && c <= '~')) {
            throw PropertyException.invalid(property.name(), text, "at most " + most + " ASCII characters");
        }
    }

    /** The names of the drive at a place, as the user gave them or QEMU numbers them. */
    static AtaIdentity identity(Properties properties, int place, String model, int physicalBlock) {
        return new AtaIdentity(properties.find(SERIAL).orElse("QM%05d".formatted(place + 1)),
                properties.find(MODEL).orElse(model), properties.get(FIRMWARE), properties.get(WWN), physicalBlock);
    }

    private static String nameAt(int place, String kind) {
        return "ide%d-%s%d".formatted(place / IdeCable.PLACES, kind, place % IdeCable.PLACES);
    }

    /** The entry of {@link AtaDisk}. */
    public static final class HardDisk extends IdeType {
        public static final HardDisk TYPE = new HardDisk();
        public static final Property<DriveSpec> DRIVE = Property.drive("drive").require();
        public static final Property<Integer> PHYSICAL_BLOCK_SIZE = Property.number("physical_block_size", 512, 32768,
                "bytes, a power of two").or(512);
        public static final Property<Integer> CYLINDERS = Property.number("cyls", 0, Integer.MAX_VALUE, "").or(0);
        public static final Property<Integer> HEADS = Property.number("heads", 0, Integer.MAX_VALUE, "").or(0);
        public static final Property<Integer> SECTORS = Property.number("secs", 0, Integer.MAX_VALUE, "").or(0);
        /** That of the drive where it is absent. */
        public static final Property<Boolean> WRITE_CACHE = Property.flag("write-cache", "that of the drive");

        private HardDisk() {
            super("ide-hd", "an IDE hard disk, whose -drive has if=none");
        }

        @Override
        protected List<Property<?>> ownProperties() {
            return new ArrayList<>(List.of(DRIVE, SERIAL, MODEL, FIRMWARE, WWN, PHYSICAL_BLOCK_SIZE, CYLINDERS, HEADS,
                    SECTORS, WRITE_CACHE, Property.fixed("logical_block_size", "512"),
                    Property.fixed("discard_granularity", "512"), Property.fixed("share-rw", "off"),
                    Property.fixed("rerror", "report", "auto"), Property.fixed("werror", "report", "enospc", "auto")));
        }

        @Override
        public void check(Properties properties) {
            super.check(properties);
            geometry(properties);
            if (Integer.bitCount(properties.get(PHYSICAL_BLOCK_SIZE)) != 1) {
                throw PropertyException.invalid(PHYSICAL_BLOCK_SIZE.name(), properties.get(PHYSICAL_BLOCK_SIZE),
                        "must be a power of two from 512 to 32768");
            }
        }

        private static DiskGeometry geometry(Properties properties) {
            return new DiskGeometry(properties.get(CYLINDERS), properties.get(HEADS), properties.get(SECTORS));
        }

        private BootSource bootSource(DiskImage image, AtaDisk disk, Properties properties, int place) {
            String name = "%s: %s ATA-7 Hard-Disk (%d %siBytes)".formatted(shownAt(place),
                    properties.find(MODEL).orElse("QEMU HARDDISK"),
                    image.capacity() >> (image.capacity() < GIB_FROM ? 20 : 30),
                    image.capacity() < GIB_FROM ? "M" : "G");
            return BootSource.hardDisk(image, disk.geometry().forBios(), disk.translation(),
                    _ -> attachment(place), _ -> name, bootIndex(properties));
        }

        @Override
        public String nameAt(int place) {
            return IdeType.nameAt(place, "hd");
        }

        @Override
        public Device create(Board board, Properties properties, int place) {
            DriveSpec drive = properties.get(DRIVE);
            if (drive.isEmpty()) {
                throw new PropertyException(PropertyException.Kind.INVALID, DRIVE.name(),
                        "Device needs media, but drive is empty");
            }
            if (drive.options().readOnly()) {
                throw new PropertyException(PropertyException.Kind.INVALID, DRIVE.name(), "Block node is read-only");
            }
            DiskImage image = board.disk(drive);
            boolean caches = properties.find(WRITE_CACHE).orElse(!drive.options().cache().writesThrough());
            AtaDisk disk = new AtaDisk(properties.id(), image,
                    identity(properties, place, "QEMU HARDDISK", properties.get(PHYSICAL_BLOCK_SIZE)),
                    geometry(properties), caches, board.statistics(drive));
            board.bootable(bootSource(image, disk, properties, place));
            return disk;
        }
    }

    private static boolean isSata(int place) {
        return place >= FIRST_SATA_PLACE;
    }

    /** A drive's place and kind as firmware shows them. */
    private static String shownAt(int place) {
        return isSata(place) ? "AHCI/" + (place - FIRST_SATA_PLACE) / IdeCable.PLACES % AhciController.PORTS
                : "ata" + place / IdeCable.PLACES + "-" + place % IdeCable.PLACES;
    }

    /** A drive's place as firmware tells it: it has no words for a SATA port. */
    private static Attachment attachment(int place) {
        if (isSata(place)) {
            return new Attachment.Plain();
        }
        boolean isSecondary = place >= IdeCable.PLACES;
        return new Attachment.Ata(PCI_ADDRESS, place / IdeCable.PLACES, place % IdeCable.PLACES == 1,
                isSecondary ? PiixIde.SECONDARY_PORT : PiixIde.PRIMARY_PORT,
                isSecondary ? PiixIde.SECONDARY_CONTROL_PORT : PiixIde.PRIMARY_CONTROL_PORT,
                isSecondary ? PiixIde.SECONDARY_IRQ : PiixIde.PRIMARY_IRQ);
    }

    /** The entry of {@link AtapiCdRom}. */
    public static final class Cd extends IdeType {
        public static final Cd TYPE = new Cd();
        public static final Property<DriveSpec> DRIVE = Property.drive("drive");

        private Cd() {
            super("ide-cd", "an IDE CD-ROM drive");
        }

        @Override
        protected List<Property<?>> ownProperties() {
            return List.of(DRIVE, SERIAL, MODEL, FIRMWARE, WWN);
        }

        @Override
        public String nameAt(int place) {
            return IdeType.nameAt(place, "cd");
        }

        @Override
        public Device create(Board board, Properties properties, int place) {
            MediumSlot slot = board.medium(properties.id(), properties.find(DRIVE), true);
            AtaIdentity identity = identity(properties, place, "QEMU DVD-ROM", 0);
            board.bootable(BootSource.cd(slot, _ -> attachment(place),
                    _ -> "DVD/CD [%s: %s ATAPI-4 DVD/CD]".formatted(shownAt(place),
                            properties.find(MODEL).orElse("QEMU DVD-ROM")), bootIndex(properties)));
            CdRom drive = new CdRom(slot, new ScsiIdentity("QEMU", "QEMU DVD-ROM", identity.firmware(),
                    identity.serial()));
            return new AtapiCdRom(properties.id(), drive, identity);
        }
    }
}

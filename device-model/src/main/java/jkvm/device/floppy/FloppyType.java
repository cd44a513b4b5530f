package jkvm.device.floppy;

import java.util.List;
import java.util.Optional;
import jkvm.bios.disk.FloppyFormat;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.BootPath;
import jkvm.device.board.BootSource;
import jkvm.device.board.Bus;
import jkvm.device.board.Category;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.UnitType;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;

/** The entry of a floppy disk drive, with a disk or without one. */
public final class FloppyType extends UnitType {
    public static final FloppyType TYPE = new FloppyType();

    /** 0 for drive A, 1 for drive B; the next free one where it is absent. */
    public static final Property<Integer> UNIT = Property.number("unit", -1, Integer.MAX_VALUE, "place on the cable");
    public static final Property<DriveSpec> DRIVE = Property.drive("drive");
    public static final Property<String> DRIVE_TYPE =
            Property.choice("drive-type", FloppyDriveType.texts()).or(FloppyDriveType.AUTO.text());

    private FloppyType() {
        super("floppy", Category.STORAGE, "virtual floppy drive");
    }

    @Override
    public Bus bus() {
        return Bus.FLOPPY;
    }

    @Override
    protected List<Property<?>> busProperties() {
        return List.of(BUS, UNIT);
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(DRIVE, DRIVE_TYPE, Property.fixed("logical_block_size", "512"),
                Property.fixed("physical_block_size", "512"), Property.fixed("share-rw", "off"),
                Property.fixed("write-cache", "auto"));
    }

    @Override
    public Optional<BootPath> bootPath() {
        return Optional.of(new BootPath(false, "fdc", ""));
    }

    @Override
    public String nameAt(int place) {
        return "floppy" + place;
    }

    @Override
    public Device create(Board board, Properties properties, int place) {
        MediumSlot slot = board.medium(properties.id(), properties.find(DRIVE), false);
        board.bootable(BootSource.floppy(slot, FloppyFormat.driveFor(slot.capacity()),
                "Floppy [drive " + (char) ('A' + place) + "]", bootIndex(properties)));
        return new FloppyDrive(properties.id(), Optional.of(slot), FloppyDriveType.of(properties.get(DRIVE_TYPE)));
    }
}

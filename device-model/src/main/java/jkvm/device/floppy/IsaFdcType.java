package jkvm.device.floppy;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;

/**
 * The entry of {@link FloppyController}. The drives are properties of their own: {@link #withDrive} puts one in.
 */
public final class IsaFdcType extends IsaType {
    public static final IsaFdcType TYPE = new IsaFdcType();
    /** How many drives there may be. */
    public static final int UNITS = 2;

    public static final Property<Integer> PORT =
            Property.number("iobase", 0, 0xFFF8, "first I/O port").or(FloppyController.PORT);
    public static final Property<Integer> IRQ = Property.number("irq", 0, 15, "").or(6);
    public static final Property<Integer> DMA = Property.number("dma", 0, 3, "channel").or(2);
    /** The type of a drive of type auto that has no disk of a usual size at the start. */
    public static final Property<String> FALLBACK =
            Property.choice("fallback", FloppyDriveType.texts()).or(FloppyDriveType.D288.text());
    public static final Property<String> TYPE_A = driveType("fdtypeA");
    public static final Property<String> TYPE_B = driveType("fdtypeB");

    private static final List<Unit> UNIT_PROPERTIES = List.of(new Unit("A", TYPE_A), new Unit("B", TYPE_B));
    private static final int DRIVES_REGISTER = 0x10;
    private static final int EQUIPMENT_REGISTER = 0x14;
    /** FPU, PS/2 mouse. */
    private static final int DEFAULT_EQUIPMENT = 0x06;
    private static final int FLOPPY_BIT = 0x01;
    private static final int SECOND_FLOPPY_BIT = 0x40;

    /** The properties of one drive, which users give to the drive and not to the controller. */
    private record Unit(Property<String> device, Property<DriveSpec> drive, Property<String> type) {
        Unit(String letter, Property<String> type) {
            this(Property.text("device" + letter, "name of the drive"), Property.drive("drive" + letter), type);
        }
    }

    private IsaFdcType() {
        super("isa-fdc", Category.STORAGE, "virtual floppy controller");
    }

    private static Property<String> driveType(String name) {
        return Property.choice(name, FloppyDriveType.texts()).or(FloppyDriveType.AUTO.text());
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(PORT, IRQ, DMA, FALLBACK, TYPE_A, TYPE_B);
    }

    /**
     * The same controller with a drive.
     *
     * @param unit   0 for A, 1 for B
     * @param device the drive's name
     * @param drive  its disk; absent or empty for none
     */
    public static Properties withDrive(Properties properties, int unit, String device, Optional<DriveSpec> drive) {
        Unit place = UNIT_PROPERTIES.get(unit);
        Properties named = properties.with(place.device(), device);
        return drive.isEmpty() ? named : named.with(place.drive(), drive.get());
    }

    /** True if the controller has a drive there. */
    public static boolean hasDrive(Properties properties, int unit) {
        return properties.find(UNIT_PROPERTIES.get(unit).device()).isPresent();
    }

    /** The same controller with a drive of this type, which {@link #withDrive} puts in. */
    public static Properties withType(Properties properties, int unit, FloppyDriveType type) {
        return properties.with(UNIT_PROPERTIES.get(unit).type(), type.text());
    }

    @Override
    public String placeOf(Properties properties) {
        return "fdc-" + Integer.toHexString(properties.get(PORT));
    }

    @Override
    public Device create(Board board, Properties properties) {
        List<FloppyDrive> drives = new ArrayList<>();
        for (Unit unit : UNIT_PROPERTIES) {
            drives.add(drive(board, properties, unit));
        }
        FloppyController controller = new FloppyController(properties.id(), drives, board.irq(properties.get(IRQ)),
                board.dma(properties.get(DMA)), work -> board.workers().worker(properties.id(), work));
        int port = properties.get(PORT);
        board.ports().add(new AddressRange(port, FloppyController.PORTS), controller);
        board.ports().add(new AddressRange(port + FloppyController.CHANGE_OFFSET, 1), controller.change())
                .ownedBy(controller.name());
        board.atEnd(controller::close);
        int first = drives.get(0).type().cmosCode();
        int second = drives.get(1).type().cmosCode();
        board.putCmos(DRIVES_REGISTER, first << 4 | second);
        board.putCmos(EQUIPMENT_REGISTER, DEFAULT_EQUIPMENT | (first != 0 || second != 0 ? FLOPPY_BIT : 0)
                | (first != 0 && second != 0 ? SECOND_FLOPPY_BIT : 0));
        return controller;
    }

    private static FloppyDrive drive(Board board, Properties properties, Unit unit) {
        Optional<String> device = properties.find(unit.device());
        if (device.isEmpty()) {
            return FloppyDrive.absent();
        }
        MediumSlot slot = board.medium(device.get(), properties.find(unit.drive()), false);
        FloppyDriveType type = FloppyFormat.driveFor(FloppyDriveType.of(properties.get(unit.type())),
                slot.hasMedium() ? slot.capacity() : -1, FloppyDriveType.of(properties.get(FALLBACK)));
        return new FloppyDrive(Optional.of(slot), type);
    }
}

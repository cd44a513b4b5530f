package jkvm.device.floppy;

import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;

/** The entry of {@link FloppyController}, into which drives of {@link FloppyType} are plugged. */
public final class IsaFdcType extends IsaType {
    public static final IsaFdcType TYPE = new IsaFdcType();

    public static final Property<Integer> PORT =
            Property.number("iobase", 0, 0xFFF8, "first I/O port").or(FloppyController.PORT);
    public static final Property<Integer> IRQ = Property.number("irq", 0, 15, "").or(6);
    public static final Property<Integer> DMA = Property.number("dma", 0, 3, "channel").or(2);
    /** The type of a drive of type auto that has no disk of a usual size at the start. */
    public static final Property<String> FALLBACK =
            Property.choice("fallback", FloppyDriveType.texts()).or(FloppyDriveType.D288.text());
    /** The types of drives that do not say theirs. */
    public static final Property<String> TYPE_A = driveType("fdtypeA");
    public static final Property<String> TYPE_B = driveType("fdtypeB");

    private static final int DRIVES_REGISTER = 0x10;
    private static final int EQUIPMENT_REGISTER = 0x14;
    /** FPU, PS/2 mouse. */
    private static final int DEFAULT_EQUIPMENT = 0x06;
    private static final int FLOPPY_BIT = 0x01;
    private static final int SECOND_FLOPPY_BIT = 0x40;

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

    @Override
    public String placeOf(Properties properties) {
        return "fdc-" + Integer.toHexString(properties.get(PORT));
    }

    @Override
    public Device create(Board board, Properties properties) {
        FloppyController controller = new FloppyController(properties.id(), board.irq(properties.get(IRQ)),
                board.dma(properties.get(DMA)), work -> board.workers().worker(properties.id(), work));
        controller.onConnect(new FloppyController.Cable(List.of(FloppyDriveType.of(properties.get(TYPE_A)),
                FloppyDriveType.of(properties.get(TYPE_B))), FloppyDriveType.of(properties.get(FALLBACK)),
                (first, second) -> describe(board, first.cmosCode(), second.cmosCode())));
        int port = properties.get(PORT);
        board.ports().add(new AddressRange(port, FloppyController.PORTS), controller);
        board.ports().add(new AddressRange(port + FloppyController.CHANGE_OFFSET, 1), controller.change())
                .ownedBy(controller.name());
        board.atEnd(controller::close);
        return controller;
    }

    /** Tells firmware of the drives, by their codes. */
    private static void describe(Board board, int first, int second) {
        board.putCmos(DRIVES_REGISTER, first << 4 | second);
        board.putCmos(EQUIPMENT_REGISTER, DEFAULT_EQUIPMENT | (first != 0 || second != 0 ? FLOPPY_BIT : 0)
                | (first != 0 && second != 0 ? SECOND_FLOPPY_BIT : 0));
    }
}

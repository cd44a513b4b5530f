package jkvm.device.serial;

import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;
import jkvm.tables.PlatformDescription;

/** The entry of {@link Serial16550}: a PC's COM1 to COM4. */
public final class IsaSerialType extends IsaType {
    public static final IsaSerialType TYPE = new IsaSerialType();
    private static final String ELSEWHERE = "jkvm has serial ports at COM1 to COM4 only, see index=";

    /** COM {@code index + 1}. The configuration of a machine gives each port its index: the next that is free. */
    public static final Property<Integer> INDEX =
            Property.number("index", 0, PlatformDescription.COM_PORTS.size() - 1, "COM1 is 0; the next that is free");
    public static final Property<ChardevSpec> CHARDEV = Property.chardev("chardev").require();

    private IsaSerialType() {
        super("isa-serial", Category.INPUT, "serial port");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(Property.refused("iobase", ELSEWHERE), Property.refused("irq", ELSEWHERE), INDEX, CHARDEV);
    }

    @Override
    public String placeOf(Properties properties) {
        return "serial" + properties.get(INDEX);
    }

    @Override
    public Device create(Board board, Properties properties) {
        PlatformDescription.SerialPort port = PlatformDescription.COM_PORTS.get(properties.get(INDEX));
        Serial16550 device = new Serial16550(properties.id(), board.irq(port.irq()), board.clock(),
                board.chardev(properties.get(CHARDEV)));
        board.ports().add(new AddressRange(port.port(), Serial16550.PORTS), device);
        return device;
    }
}

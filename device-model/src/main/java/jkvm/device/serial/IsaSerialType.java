package jkvm.device.serial;

import java.util.List;
import java.util.Optional;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;
import jkvm.host.chardev.ChardevSpec;
import jkvm.tables.PlatformDescription;

/** The entry of {@link Serial16550}: a PC's COM1 to COM4. */
public final class IsaSerialType extends IsaType {
    public static final IsaSerialType TYPE = new IsaSerialType();
    private static final String ELSEWHERE = "must be, with irq, that of COM1 to COM4; see index=";

    /** COM {@code index + 1}. The configuration of a machine gives each port its index: the next that is free. */
    public static final Property<Integer> INDEX =
            Property.number("index", 0, PlatformDescription.COM_PORTS.size() - 1, "COM1 is 0; the next that is free");
    /** Together those of a COM port, in the place of its index. */
    private static final Property<Integer> IOBASE = Property.number("iobase", 0, 0xffff, "that of a COM port");
    private static final Property<Integer> IRQ = Property.number("irq", 0, 15, "that of a COM port");
    public static final Property<ChardevSpec> CHARDEV = Property.chardev("chardev").require();

    private IsaSerialType() {
        super("isa-serial", Category.INPUT, "serial port");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(IOBASE, IRQ, INDEX, CHARDEV);
    }

    @Override
    public void check(Properties properties) {
        boolean isPlaced = properties.find(IOBASE).isPresent() || properties.find(IRQ).isPresent();
        if (isPlaced && indexOf(properties).isEmpty()) {
            throw PropertyException.invalid("iobase", properties.find(IOBASE).map("0x%x"::formatted).orElse("absent"),
                    ELSEWHERE);
        }
    }

    /** The index that is given, or that of the COM port which iobase and irq name; empty if there is none. */
    public static Optional<Integer> indexOf(Properties properties) {
        for (int i = 0; i < PlatformDescription.COM_PORTS.size(); i++) {
            PlatformDescription.SerialPort port = PlatformDescription.COM_PORTS.get(i);
            if (properties.find(IOBASE).equals(Optional.of(port.port()))
                    && properties.find(IRQ).orElse(port.irq()) == port.irq()
                    && properties.find(INDEX).orElse(i) == i) {
                return Optional.of(i);
            }
        }
        return properties.find(IOBASE).isEmpty() && properties.find(IRQ).isEmpty() ? properties.find(INDEX)
                : Optional.empty();
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

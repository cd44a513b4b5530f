package jkvm.device.testdev;

import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.board.PropertyException;

/** The entry of {@link IsaDebugExit}. */
public final class IsaDebugExitType extends IsaType {
    public static final IsaDebugExitType TYPE = new IsaDebugExitType();
    private static final int MAX_PORT = 0xffff;

    public static final Property<Integer> PORT =
            Property.number("iobase", 0, MAX_PORT, "first I/O port").or(IsaDebugExit.DEFAULT_PORT);
    public static final Property<Integer> SIZE =
            Property.number("iosize", 1, 8, "number of I/O ports").or(IsaDebugExit.DEFAULT_PORTS);

    private IsaDebugExitType() {
        super("isa-debug-exit", Category.MISC, "a write of V ends the process with exit code V*2+1");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(PORT, SIZE);
    }

    @Override
    public void check(Properties properties) {
        if (properties.get(PORT) + properties.get(SIZE) - 1 > MAX_PORT) {
            throw new PropertyException(PropertyException.Kind.CONFLICT, PORT.name(), "its ports end past 0xffff");
        }
    }

    @Override
    public String placeOf(Properties properties) {
        return "debug-exit-" + Integer.toHexString(properties.get(PORT));
    }

    @Override
    public Device create(Board board, Properties properties) {
        IsaDebugExit device = new IsaDebugExit(properties.id(), board.control());
        board.ports().add(new AddressRange(properties.get(PORT), properties.get(SIZE)), device);
        return device;
    }
}

package jkvm.device.platform;

import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.IsaType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;

/** The entry of {@link DebugConsole}. */
public final class IsaDebugconType extends IsaType {
    public static final IsaDebugconType TYPE = new IsaDebugconType();

    public static final Property<Integer> PORT =
            Property.number("iobase", 0, 0xffff, "I/O port").or(DebugConsole.DEFAULT_PORT);
    public static final Property<Integer> READBACK =
            Property.number("readback", 0, 0xff, "what reading the port gives").or(DebugConsole.DEFAULT_READBACK);
    public static final Property<ChardevSpec> CHARDEV = Property.chardev("chardev").require();

    private IsaDebugconType() {
        super("isa-debugcon", Category.MISC, "debug console");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(PORT, READBACK, CHARDEV);
    }

    @Override
    public String placeOf(Properties properties) {
        return "debugcon-" + Integer.toHexString(properties.get(PORT));
    }

    @Override
    public Device create(Board board, Properties properties) {
        DebugConsole device = new DebugConsole(properties.id(), properties.get(READBACK),
                board.chardev(properties.get(CHARDEV)));
        board.ports().add(new AddressRange(properties.get(PORT), 1), device);
        return device;
    }
}

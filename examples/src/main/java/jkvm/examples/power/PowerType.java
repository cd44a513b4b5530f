package jkvm.examples.power;

import java.util.List;
import jkvm.device.board.Board;
import jkvm.device.board.Category;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciFunction;

/** The entry of {@link PowerDevice} in the registry: all that the machine and the command line know about it. */
public final class PowerType extends PciType {
    public static final PowerType TYPE = new PowerType();

    /** To which power the device raises a number. */
    public static final Property<Integer> EXPONENT = Property.number("exponent", 0, 31, "the power it raises to").or(2);

    private PowerType() {
        super("power", Category.MISC, "raises numbers to a power");
    }

    @Override
    protected List<Property<?>> ownProperties() {
        return List.of(EXPONENT);
    }

    @Override
    public PciFunction create(Board board, Properties properties) {
        return new PowerDevice(properties.id(), properties.get(EXPONENT));
    }
}

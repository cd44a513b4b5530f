package jkvm.device.board;

import java.util.List;
import jkvm.bus.Device;

/** A kind of device that is plugged into a controller: a drive. */
public abstract non-sealed class UnitType extends DeviceType {
    /** The controller's bus by its name; the first one with room where it is absent. */
    public static final Property<String> BUS = Property.text("bus", "the bus that it is plugged into");

    protected UnitType(String name, Category category, String description) {
        super(name, category, description);
    }

    @Override
    protected List<Property<?>> busProperties() {
        return List.of(BUS);
    }

    /**
     * The id of a device to which the user gave none.
     *
     * @param place of the controller's own numbers
     */
    public abstract String nameAt(int place);

    /**
     * Makes a device; the machine plugs it into its controller.
     *
     * @param properties with the id that the device has as its name
     * @param place      of the controller's own numbers
     */
    public abstract Device create(Board board, Properties properties, int place);
}

package jkvm.device.board;

import java.util.List;
import jkvm.device.usb.UsbDevice;

/** A kind of USB device. */
public abstract non-sealed class UsbType extends DeviceType {
    /** The controller's id and {@code .0}; the first controller with a free port where it is absent. */
    public static final Property<String> BUS = Property.text("bus", "the controller's id and .0");
    private static final int MAX_PORT = 15;
    /** Counted from 1 among the ports for the device's speed; the first free one where it is absent. */
    public static final Property<Integer> PORT = Property.number("port", 1, MAX_PORT, "port of the controller");
    /** What the device tells the guest as its serial number. */
    public static final Property<String> SERIAL = Property.text("serial", "serial number");

    protected UsbType(String name, Category category, String description) {
        super(name, category, description);
    }

    @Override
    public final Bus bus() {
        return Bus.USB;
    }

    @Override
    protected final List<Property<?>> busProperties() {
        return List.of(BUS, PORT, SERIAL);
    }

    /**
     * Makes a device; the machine plugs it into a controller.
     *
     * @param properties with the id that the device has as its name
     */
    public abstract UsbDevice create(Board board, Properties properties);
}

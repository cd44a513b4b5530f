package jkvm.device.board;

import jkvm.bus.Device;

/** A kind of device at fixed ports, addresses and interrupts. */
public abstract non-sealed class IsaType extends DeviceType {
    protected IsaType(String name, Category category, String description) {
        super(name, category, description);
    }

    /** A device that has no registers, but a place in memory alone, is on none. */
    @Override
    public Bus bus() {
        return Bus.ISA;
    }

    /**
     * Makes a device and puts it at its ports and addresses.
     *
     * @param properties with the id that the device has as its name
     */
    public abstract Device create(Board board, Properties properties);

    /**
     * The id of a device to which the user gave none: tells its place.
     *
     * @param properties none of them the id
     */
    public abstract String placeOf(Properties properties);
}

package jkvm.device.board;

import jkvm.bus.Device;

/** A device that others are plugged into: the controller of drives. Used while a machine is built. */
public interface UnitBus {

    /**
     * Finds the place of a unit: where the user wants it, or else the next free one.
     *
     * @return a number of the bus's own
     * @throws PropertyException if there is no such place, or it is taken
     */
    int placeOf(Properties properties);

    /** Puts a unit at a place of {@link #placeOf}. */
    void plug(int place, Device unit);

    /** The part of the unit's Open Firmware path that leads from the controller to it. */
    String pathOf(int place);
}

package jkvm.machine.board;

import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciFunction;
import jkvm.machine.config.DeviceConfig;

/**
 * A device that the user has put on the PCI bus.
 *
 * @param address {@code slot * 8 + function}
 * @param parts   all that was made for it
 */
record PciCard(DeviceConfig config, int address, PciFunction function, DeviceParts parts) {

    int slot() {
        return address / PciBus.FUNCTIONS;
    }

    /** The name of the device: the user's id for it, or its place. */
    String name() {
        return function.name();
    }
}

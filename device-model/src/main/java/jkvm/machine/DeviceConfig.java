package jkvm.machine;

import java.util.OptionalInt;

/** A device on an expansion bus, as {@code -device} asks for it. */
public sealed interface DeviceConfig {

    /** The device's name on the command line. */
    String driver();

    /** Its slot and function on the PCI bus as {@code slot * 8 + function}; empty for the next free slot. */
    OptionalInt address();

    /** Counts writes to memory and to ports. */
    record PciTestdev(OptionalInt address) implements DeviceConfig {
        @Override
        public String driver() {
            return "pci-testdev";
        }
    }
}

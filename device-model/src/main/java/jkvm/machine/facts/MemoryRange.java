package jkvm.machine.facts;

import jkvm.bus.AddressRange;

/**
 * A range of guest physical addresses and its use.
 *
 * @param owner the device's name; empty for RAM, and where it is not known
 */
public record MemoryRange(AddressRange range, Kind kind, String owner) {

    /** The thing that answers accesses. */
    public enum Kind {
        RAM,
        /** The firmware's. */
        ROM,
        /** An interrupt controller inside KVM: no access to it reaches user space. */
        CHIP,
        /** Registers of a device in user space. */
        REGISTERS
    }
}

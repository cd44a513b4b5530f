package jkvm.machine.facts;

import jkvm.bus.AddressRange;

/**
 * A range of I/O ports.
 *
 * @param owner the device's name; empty where it is not known
 */
public record PortRange(AddressRange range, String owner) {
}

package jkvm.machine.facts;

import java.util.Optional;
import jkvm.device.pci.PciFunctionFacts;
import jkvm.machine.config.DeviceConfig;

/**
 * A device of a machine.
 *
 * @param name   unique in the machine: the user's id, or one made from the device's place
 * @param config its type and properties; empty for devices that each machine has
 * @param pci    empty for a device that is not on the PCI bus
 */
public record DeviceFacts(String name, Optional<DeviceConfig> config, Optional<PciFunctionFacts> pci) {
}

package jkvm.control.qmp;

import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;

/**
 * The things that commands tell beyond the machine's own.
 *
 * @param accelerator that the machine runs on
 * @param hasKvm      true if the host's KVM is usable
 * @param types       of devices
 */
public record QmpFacts(Accelerator.Kind accelerator, boolean hasKvm, DeviceTypes types) {
}

package jkvm.control.qmp;

import java.util.List;
import java.util.function.Supplier;
import jkvm.control.vnc.VncServers;
import jkvm.host.chardev.ChardevFacts;
import jkvm.machine.config.DeviceTypes;
import jkvm.soft.Accelerator;

/**
 * The things that commands tell beyond the machine's own.
 *
 * @param accelerator that the machine runs on
 * @param hasKvm      true if the host's KVM is usable
 * @param types       of devices
 * @param chardevs    at the moment when it is asked; on a worker
 * @param vnc         the VNC servers
 */
public record QmpFacts(Accelerator.Kind accelerator, boolean hasKvm, DeviceTypes types,
        Supplier<List<ChardevFacts>> chardevs, VncServers vnc) {
}

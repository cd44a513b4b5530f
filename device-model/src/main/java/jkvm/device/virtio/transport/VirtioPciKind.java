package jkvm.device.virtio.transport;

import jkvm.device.pci.PciIdentity;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.VirtioInterfaces;

/**
 * What a virtio PCI function is to its guest.
 *
 * @param classCode  24 bits
 * @param interfaces by which a driver reaches it
 */
public record VirtioPciKind(int classCode, VirtioInterfaces interfaces) {
    private static final int MODERN_DEVICE = 0x1040;
    private static final int MODERN_REVISION = 1;
    private static final int TRANSITIONAL_DEVICE = 0x1000;

    /** With the ids of virtio 1.2 section 4.1.2: a legacy driver knows the type by the subsystem. */
    PciIdentity identity(VirtioDevice device) {
        int type = device.type();
        return interfaces.hasLegacy()
                ? new PciIdentity(PciIdentity.VIRTIO, TRANSITIONAL_DEVICE + VirtioInterfaces.legacyId(type), 0,
                        classCode, PciIdentity.VIRTIO, type, 1)
                : new PciIdentity(PciIdentity.VIRTIO, MODERN_DEVICE + type, MODERN_REVISION, classCode,
                        PciIdentity.VIRTIO, PciIdentity.QEMU_SUBSYSTEM, 1);
    }
}

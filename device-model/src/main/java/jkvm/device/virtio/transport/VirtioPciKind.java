package jkvm.device.virtio.transport;

import jkvm.device.pci.PciIdentity;
import jkvm.device.virtio.VirtioDevice;

/**
 * What a virtio PCI function is to its guest.
 *
 * @param classCode  24 bits
 * @param interfaces by which a driver reaches it
 */
public record VirtioPciKind(int classCode, Interfaces interfaces) {
    private static final int MODERN_DEVICE = 0x1040;
    private static final int MODERN_REVISION = 1;
    private static final int TRANSITIONAL_DEVICE = 0x1000;

    /** The interfaces of virtio 0.9.5 and of virtio 1. */
    public enum Interfaces {
        /** Legacy alone: QEMU's {@code disable-modern=on}. */
        LEGACY,
        /** Both, as QEMU's devices on a conventional PCI bus. */
        TRANSITIONAL,
        /** Virtio 1 alone: QEMU's {@code disable-legacy=on}. */
        MODERN;

        boolean hasLegacy() {
            return this != MODERN;
        }

        boolean hasModern() {
            return this != LEGACY;
        }
    }

    /** With the ids of virtio 1.2 section 4.1.2: a legacy driver knows the type by the subsystem. */
    PciIdentity identity(VirtioDevice device) {
        int type = device.type();
        return interfaces.hasLegacy()
                ? new PciIdentity(PciIdentity.VIRTIO, TRANSITIONAL_DEVICE + transitional(type), 0, classCode,
                        PciIdentity.VIRTIO, type, 1)
                : new PciIdentity(PciIdentity.VIRTIO, MODERN_DEVICE + type, MODERN_REVISION, classCode,
                        PciIdentity.VIRTIO, PciIdentity.QEMU_SUBSYSTEM, 1);
    }

    /** Whether virtio 0.9.5 knows the device's type. */
    public static boolean hasLegacy(VirtioDevice device) {
        return transitional(device.type()) >= 0;
    }

    /** Network card, disk, balloon, console, SCSI, random numbers, in the order of virtio 0.9.5. */
    private static int transitional(int type) {
        return switch (type) {
            case 1, 2 -> type - 1;
            case 3 -> 3;
            case 4 -> 5;
            case 5 -> 2;
            case 8 -> 4;
            default -> -1;
        };
    }
}

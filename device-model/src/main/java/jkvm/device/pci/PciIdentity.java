package jkvm.device.pci;

/**
 * The registers of a configuration space that tell what a function is.
 *
 * @param classCode    base class, subclass and programming interface, 24 bits
 * @param interruptPin 0 for none, 1 for INTA to 4 for INTD
 */
public record PciIdentity(int vendor, int device, int revision, int classCode, int subsystemVendor, int subsystem,
        int interruptPin) {
    public static final int INTEL = 0x8086;
    public static final int RED_HAT = 0x1b36;
    public static final int VIRTIO = 0x1af4;
    /** The subsystem that QEMU's devices have. */
    public static final int QEMU_SUBSYSTEM = 0x1100;

    /** With QEMU's subsystem ids and no interrupt pin. */
    public PciIdentity(int vendor, int device, int revision, int classCode) {
        this(vendor, device, revision, classCode, VIRTIO, QEMU_SUBSYSTEM, 0);
    }
}

package jkvm.device.virtio;

/** The interfaces of virtio 0.9.5 and of virtio 1 that a device on the PCI bus has. */
public enum VirtioInterfaces {
    /** Legacy alone: QEMU's {@code disable-modern=on}. */
    LEGACY,
    /** Both, as QEMU's devices on a conventional PCI bus. */
    TRANSITIONAL,
    /** Virtio 1 alone: QEMU's {@code disable-legacy=on}. */
    MODERN;

    private static final int NONE = -1;

    /** Whether a driver of virtio 0.9.5 finds the device. */
    public boolean hasLegacy() {
        return this != MODERN;
    }

    /** Whether a driver of virtio 1 finds the device. */
    public boolean hasModern() {
        return this != LEGACY;
    }

    /** Whether virtio 0.9.5 knows a device type. */
    public static boolean knowsLegacy(int type) {
        return legacyNumber(type) != NONE;
    }

    /**
     * The number by which virtio 0.9.5's PCI device id tells a device type: card, disk, balloon, console, SCSI, random
     * numbers, in its order.
     *
     * @throws IllegalArgumentException if it does not know the type
     */
    public static int legacyId(int type) {
        int number = legacyNumber(type);
        if (number == NONE) {
            throw new IllegalArgumentException("virtio type " + type + " has no legacy interface");
        }
        return number;
    }

    private static int legacyNumber(int type) {
        return switch (type) {
            case 1, 2 -> type - 1;
            case 3 -> 3;
            case 4 -> 5;
            case 5 -> 2;
            case 8 -> 4;
            default -> NONE;
        };
    }
}

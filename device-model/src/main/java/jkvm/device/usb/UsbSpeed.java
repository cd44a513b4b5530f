package jkvm.device.usb;

/** The speed of a device, numbered as a port says it (xHCI section 7.2.2.1.1). */
public enum UsbSpeed {
    /** 12 Mbit/s. */
    FULL(1),
    /** 1.5 Mbit/s. */
    LOW(2),
    /** 480 Mbit/s. */
    HIGH(3),
    /** 5 Gbit/s. */
    SUPER(4);

    private final int id;

    UsbSpeed(int id) {
        this.id = id;
    }

    /** The number. */
    public int id() {
        return id;
    }
}

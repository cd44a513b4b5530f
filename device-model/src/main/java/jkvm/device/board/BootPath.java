package jkvm.device.board;

/**
 * How firmware boots from a kind of device, and how its Open Firmware path ends, as QEMU writes it into fw_cfg.
 *
 * @param network true if it takes part in a boot from the network
 * @param device  its part of the path: {@code scsi}, after which the bus puts the device's address
 * @param unit    the part of the device that is booted from: {@code disk@0,0}
 */
public record BootPath(boolean network, String device, String unit) {
    /** A disk that is a controller of its own. */
    public static final BootPath DISK = new BootPath(false, "scsi", "disk@0,0");
    /** A network card. */
    public static final BootPath NETWORK = new BootPath(true, "ethernet", "ethernet-phy@0");
}

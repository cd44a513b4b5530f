package jkvm.device.board;

/** The bus that a device is plugged into. */
public enum Bus {
    ISA("ISA"),
    PCI("PCI"),
    /** The cables of a controller of ATA drives. */
    IDE("IDE"),
    /** The cable of a controller of floppy disks. */
    FLOPPY("floppy-bus"),
    /** The bus of a SCSI host adapter. */
    SCSI("SCSI"),
    /** Memory-mapped virtio registers of a microvm. */
    VIRTIO_MMIO("virtio-bus"),
    /** The port of a virtio-serial controller. */
    VIRTIO_SERIAL("virtio-serial-bus"),
    /** The ports of a USB host controller. */
    USB("usb-bus"),
    /** None: it says something about the machine. */
    NONE("");

    private final String text;

    Bus(String text) {
        this.text = text;
    }

    /** QEMU's name; empty for {@link #NONE}. */
    public String text() {
        return text;
    }
}

package jkvm.device.pci;

import java.util.Optional;

/** Names of the classes of PCI functions (PCI Code and ID Assignment Specification), as QEMU's monitors write them. */
public final class PciClass {
    private static final int INTERFACE_BITS = 8;

    private PciClass() {
    }

    /** Class and subclass of a class code of 24 bits. */
    public static int of(int classCode) {
        return classCode >> INTERFACE_BITS;
    }

    /**
     * A description.
     *
     * @param pciClass class and subclass: 16 bits
     */
    public static Optional<String> description(int pciClass) {
        return Optional.ofNullable(switch (pciClass) {
            case 0x0001, 0x0300 -> "VGA controller";
            case 0x0100 -> "SCSI controller";
            case 0x0101 -> "IDE controller";
            case 0x0102 -> "Floppy controller";
            case 0x0106 -> "SATA controller";
            case 0x0200 -> "Ethernet controller";
            case 0x0280 -> "Network controller";
            case 0x0380 -> "Display controller";
            case 0x0401 -> "Audio controller";
            case 0x0500 -> "RAM controller";
            case 0x0600 -> "Host bridge";
            case 0x0601 -> "ISA bridge";
            case 0x0604 -> "PCI bridge";
            case 0x0680 -> "Bridge";
            case 0x0700 -> "Serial port";
            case 0x0880 -> "System peripheral";
            case 0x0900 -> "Keyboard";
            case 0x0C03 -> "USB controller";
            case 0x0C05 -> "SMBus";
            default -> null;
        });
    }
}

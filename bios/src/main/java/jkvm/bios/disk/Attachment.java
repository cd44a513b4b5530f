package jkvm.bios.disk;

/** How a drive is connected, as the parameters of INT 13h AH=48h tell it. */
public sealed interface Attachment {

    /** In no manner that can be told, as a floppy drive. */
    record Plain() implements Attachment {
    }

    /**
     * To a controller that takes SCSI commands, or to one of its own as a virtio disk.
     *
     * @param pciAddress of the controller: slot times 8, plus the function
     */
    record Scsi(int pciAddress) implements Attachment {
    }

    /**
     * To a channel of an IDE controller.
     *
     * @param pciAddress  of the controller: slot times 8, plus the function
     * @param channel     0 or 1
     * @param isSecond    true for the channel's second drive
     * @param commandPort the first of the channel's eight registers
     * @param controlPort the device control register
     * @param irq         the channel's interrupt
     */
    record Ata(int pciAddress, int channel, boolean isSecond, int commandPort, int controlPort, int irq)
            implements Attachment {
    }
}

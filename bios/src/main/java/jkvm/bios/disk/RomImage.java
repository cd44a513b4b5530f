package jkvm.bios.disk;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Finds, in the content of an expansion ROM, the image that a PC's BIOS runs (PCI 3.0 section 6.3), and checks it. A
 * ROM of no device has one image without PCI's structure.
 */
final class RomImage {
    private static final int SIGNATURE = 0xAA55;
    private static final int UNIT = 512;
    private static final int SIZE_OFFSET = 2;
    private static final int PCI_POINTER = 0x18;
    /** "PCIR". */
    private static final int PCI_SIGNATURE = 0x52494350;
    private static final int IDS_OFFSET = 0x04;
    /** The base class, after the two bytes that refine it. */
    private static final int CLASS_OFFSET = 0x0F;
    private static final int DISPLAY_CLASS = 0x03;
    private static final int LENGTH_OFFSET = 0x10;
    private static final int CODE_TYPE_OFFSET = 0x14;
    private static final int INDICATOR_OFFSET = 0x15;
    private static final int PCI_SIZE = 0x18;
    private static final int LAST_BIT = 0x80;

    private RomImage() {
    }

    /** The image; empty if there is none, or it is damaged. */
    static byte[] find(OptionRom rom) {
        ByteBuffer bytes = ByteBuffer.wrap(rom.image()).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (at + PCI_POINTER + Short.BYTES <= bytes.capacity()
                && Short.toUnsignedInt(bytes.getShort(at)) == SIGNATURE) {
            int pci = at + Short.toUnsignedInt(bytes.getShort(at + PCI_POINTER));
            if (rom.ids() == 0) {
                return checked(rom.image(), at);
            }
            if (pci + PCI_SIZE > bytes.capacity() || bytes.getInt(pci) != PCI_SIGNATURE) {
                return new byte[0];
            }
            if (bytes.getInt(pci + IDS_OFFSET) == rom.ids() && bytes.get(pci + CODE_TYPE_OFFSET) == 0) {
                return checked(rom.image(), at);
            }
            int length = Short.toUnsignedInt(bytes.getShort(pci + LENGTH_OFFSET)) * UNIT;
            if (length == 0 || (bytes.get(pci + INDICATOR_OFFSET) & LAST_BIT) != 0) {
                return new byte[0];
            }
            at += length;
        }
        return new byte[0];
    }

    /** True for an image of a display adapter. */
    static boolean isDisplays(byte[] image) {
        if (image.length < PCI_POINTER + Short.BYTES) {
            return false;
        }
        ByteBuffer bytes = ByteBuffer.wrap(image).order(ByteOrder.LITTLE_ENDIAN);
        int pci = Short.toUnsignedInt(bytes.getShort(PCI_POINTER));
        return pci + PCI_SIZE <= image.length && bytes.getInt(pci) == PCI_SIGNATURE
                && bytes.get(pci + CLASS_OFFSET) == DISPLAY_CLASS;
    }

    private static byte[] checked(byte[] all, int at) {
        int size = Byte.toUnsignedInt(all[at + SIZE_OFFSET]) * UNIT;
        if (size == 0 || at + size > all.length) {
            return new byte[0];
        }
        byte sum = 0;
        for (int i = at; i < at + size; i++) {
            sum += all[i];
        }
        return sum == 0 ? Arrays.copyOfRange(all, at, at + size) : new byte[0];
    }
}

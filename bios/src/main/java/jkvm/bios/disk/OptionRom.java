package jkvm.bios.disk;

/**
 * The ROM of a device, or one that the user has added.
 *
 * @param image      its content, of one or more images
 * @param ids        the device's, vendor in the lower half; 0 for a ROM of no device
 * @param pciAddress slot times 8, plus the function; 0 for a ROM of no device
 * @param priority   from 1, lower numbers boot first; negative for the usual order
 */
public record OptionRom(byte[] image, int ids, int pciAddress, int priority) {
}

/**
 * The standard display adapter, as QEMU's {@code VGA}: {@link jkvm.device.vga.VgaType}, on the PCI bus as 1234:1111.
 *
 * <p>Emulated: sequencer, CRT, graphics and attribute controller, DAC and input status of a VGA (IBM PS/2 Hardware
 * Interface Technical Reference, Video Subsystem); text modes with cells of 8, 9 and 16 dots, two loadable fonts,
 * blinking, underlining, cursor; planes in all write and read modes; 256 colours chained and unchained; the CGA's modes
 * of two bits and its interleaved lines; panning, preset row, start address, split screen, doubled lines; Bochs'
 * display interface up to B0C5h with 4, 8, 15, 16, 24 and 32 bits, at its ports and in the second BAR; a linear frame
 * buffer in the first BAR; EDID. The beam moves with the guest's time. The memory is laid out as QEMU's: 4 bytes of the
 * four planes for each plane address, also where four planes are chained.
 *
 * <p>Partial: the retrace bit lasts until the end of the frame. Absent: the retrace interrupt, the attributes of a
 * Hercules card, a frame buffer of the other byte order, light pen, overscan.
 *
 * <p>A hostile guest could describe modes beyond the memory, which are made to fit or wrap; sizes without end, of which
 * some eight million pixels are shown; a frame buffer over RAM, which RAM covers; registers that change all the time:
 * they cost the display's thread a picture each 33 ms, and no other guest.
 */
package jkvm.device.vga;

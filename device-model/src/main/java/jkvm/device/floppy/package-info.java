/**
 * The floppy disk controller: an 82078 in AT mode (Intel's data sheet of the 64-pin 82078), with two drives whose disks
 * come and go.
 *
 * <p>Supported: READ, WRITE, VERIFY, FORMAT, READ TRACK, READ ID, the scans, SEEK, RELATIVE SEEK, RECALIBRATE, SENSE,
 * SPECIFY, CONFIGURE, PERPENDICULAR MODE, DUMPREG, LOCK, SAVE, RESTORE, VERSION, PART ID, multi-track, DMA and no DMA,
 * the reset by both registers, the change line, write protection, disks of 160 KB to 3.84 MB in {@link
 * jkvm.device.floppy.FloppyDriveType drives} of QEMU's kinds. Partial: READ TRACK begins at the sector that it names;
 * seeks are implied, whatever CONFIGURE says; step rates, motors and the precompensation are taken and cost no time;
 * POWERDOWN MODE is told back. Absent: sectors that are not of 512 bytes, deleted data, FORMAT AND WRITE, status
 * register A, tapes.
 *
 * <p>Where data sheet and QEMU differ, drivers decide: a command that reaches the last sector that it names ends well,
 * as in QEMU, also without a terminal count. A disk without the wanted address, or none, ends a command at once.
 *
 * <p>A hostile guest sends commands while one is under way (they are not taken), resets in the middle of a transfer (it
 * ends between two sectors), programs DMA past RAM (bytes are lost), closes the channel (the command waits), asks for
 * sectors beyond the end or of sizes up to 16 KiB (status bits, or as many bytes as there are sectors), and reads or
 * writes while the disk is pulled (status bits).
 */
package jkvm.device.floppy;

/**
 * The built-in BIOS's services for disks and booting: INT 13h, INT 18h, INT 19h, the boot menu, and the ROMs of
 * devices. The drives are those that devices of the machine tell of: floppy drives, disks and CDs of IDE, SATA and
 * virtio-scsi, virtio disks. The BIOS reads and writes their images beside the device. Its answers, texts and drive
 * numbers are those of SeaBIOS 1.16.2, with which tests compare them.
 *
 * <p>INT 13h, by function (AH); H for hard disks, F for floppy drives, C for CDs (2048-byte sectors, from E0h on):
 *
 * <ul>
 * <li>supported: 00h reset, 01h status, 02h read, 03h write, 05h format a floppy's track, 08h parameters (H, F), 15h
 * kind of drive, 16h change line (F: always "changed"), 17h and 18h format (F), 41h to 43h extended read and write (H,
 * C), 45h lock (C), 48h parameters in three lengths (H, C; a SATA drive has the shortest alone), 4Bh boot image
 * (AL=00h ends its emulation), 4Eh;
 * <li>partial: 04h and 44h verify and 47h seek check their parameters and read nothing; 09h, 0Ch, 0Dh, 10h, 11h, 14h
 * succeed and do nothing; 46h never ejects (B1h, or B2h of H); 49h always says "changed" of C;
 * <li>absent, with status 01h: 0Ah and 0Bh (long sectors), 0Eh, 0Fh, 12h, 13h (diagnostics), 19h (park), 4Ah, 4Ch,
 * 4Dh.
 * </ul>
 *
 * <p>Booting: from the first floppy drive and hard disk, each CD (El Torito 1.0: no emulation, the three floppies,
 * hard disk; the first entry), each ROM with a boot execution vector, in the order that the clock's memory and the
 * users' numbers give; boot menu; retry. ROMs are copied to C8000h and up, run (PCI 3.0 section 6.3, BIOS boot
 * specification 1.01), and may add disks by a boot connection vector, after the machine's own. Absent: the POST memory
 * manager (ROMs work without it).
 *
 * <p>Where it differs from SeaBIOS: a disk of less than one track has one cylinder, so that a single boot sector
 * boots; 17h and 18h know floppies; the last three bytes of 4Bh's packet are in the specification's order; a boot
 * image that reaches beyond conventional memory is refused.
 *
 * <p>A hostile guest: registers may name any drive, count and address. Counts are bounded by 64 KiB before anything is
 * read, addresses without RAM take nothing and give ones, and the state is where the guest can write to it only by the
 * host bridge's registers; its fields are checked even so. No request is done on a vCPU's thread.
 */
package jkvm.bios.disk;

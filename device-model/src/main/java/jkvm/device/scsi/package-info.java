/**
 * SCSI logical units without a transport: {@link jkvm.device.scsi.ScsiDevice} carries out commands that ATAPI,
 * virtio-scsi or AHCI bring. {@link jkvm.device.scsi.CdRom} is a CD-ROM or DVD-ROM drive (MMC-3, SPC-3, and SFF-8020i
 * where old drivers rely on it), with the answers of QEMU's.
 *
 * <p>Supported: TEST UNIT READY, REQUEST SENSE, INQUIRY with its pages of numbers, MODE SENSE 6 and 10 with the pages
 * of error recovery, audio and capabilities, READ 10 and 12, READ CD of data sectors with and without header and error
 * codes, READ TOC of its three formats, READ CAPACITY, GET CONFIGURATION, GET EVENT STATUS NOTIFICATION of media, START
 * STOP UNIT, PREVENT ALLOW MEDIUM REMOVAL, READ DISC INFORMATION, MECHANISM STATUS, SEEK, SET CD SPEED, READ
 * SUB-CHANNEL's position, READ DVD STRUCTURE's physical format. Absent: sound, several sessions, writing.
 *
 * <p>{@link jkvm.device.scsi.ScsiDisk} is a hard disk (SBC-3): READ and WRITE 6, 10, 12 and 16, VERIFY without
 * comparison, WRITE SAME 10 and 16, UNMAP, SYNCHRONIZE CACHE, READ CAPACITY 10 and 16, INQUIRY with the pages 00h, 80h,
 * 83h, B0h, B1h and B2h, MODE SENSE of the geometry and caching pages, MODE SELECT of the caching page. Absent:
 * reservations, protection information, COMPARE AND WRITE. {@link jkvm.device.scsi.ScsiTarget} has the units of an
 * address and answers REPORT LUNS.
 *
 * <p>{@link jkvm.device.scsi.ScsiUnitType} makes units of an adapter, and tells the built-in BIOS of those that it can
 * boot from: CDs, and disks with blocks of 512 bytes.
 *
 * <p>A hostile guest sends unknown operations, truncated blocks, lengths of zero and of 4 GiB, blocks past the end, and
 * commands while the medium is pulled: each ends in CHECK CONDITION with sense data, or with as much data as there is.
 */
package jkvm.device.scsi;

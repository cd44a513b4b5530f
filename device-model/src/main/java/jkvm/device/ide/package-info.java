/**
 * ATA: a PC's PIIX3 IDE controller with two channels, the ICH9's AHCI controller with six ports, and hard disks (ATA-6)
 * and CD-ROM drives (ATAPI) on either.
 *
 * <p>{@link jkvm.device.ide.PiixIde} is the PCI function with the ports, {@code IdeChannel} a cable with its registers,
 * {@code BusMaster} the walk through a table of physical regions, {@code AtaUnit} a drive, which knows no transport:
 * {@link jkvm.device.ide.AtaDisk} and {@link jkvm.device.ide.AtapiCdRom}, which hands packets to {@link
 * jkvm.device.scsi.CdRom}. All that may wait for the host is done by the channel's worker; the guest sees the drive
 * busy meanwhile. {@link jkvm.device.ide.AhciController} is the other PCI function, {@code AhciPort} a port with the
 * registers of AHCI 1.3.1, {@code AhciCommand} a command of its list, {@code ReceivedFis} the frames that a drive
 * sends.
 *
 * <p>Supported: READ and WRITE SECTORS, MULTIPLE, DMA and their 48-bit forms, READ VERIFY, SEEK, RECALIBRATE, FLUSH
 * CACHE and EXT, IDENTIFY, SET FEATURES (modes, write cache), SET MULTIPLE, INITIALIZE DEVICE PARAMETERS, READ NATIVE
 * MAX, SMART with data, thresholds, status and empty logs, DATA SET MANAGEMENT's TRIM, power conditions, EXECUTE DEVICE
 * DIAGNOSTIC, PACKET by PIO and DMA, DEVICE RESET, software reset, both interrupts of a PC. Partial: the timing
 * registers keep what is written. On AHCI also: 32 slots, queued reads and writes (READ and WRITE FPDMA QUEUED, carried
 * out one after the other), scatter-gather with byte counts, D2H, PIO Setup and Set Device Bits frames, link reset,
 * software reset, host reset, MSI, the index-data pair. Absent: overlap, HPA, security, streaming, CFA, media status
 * notification; on AHCI port multipliers, power states of the link, hot-plug of a drive, command completion coalescing,
 * DMA Setup frames, the log of a queue's error.
 *
 * <p>A hostile guest sends commands while the drive is busy or to a drive that is not there (ignored), addresses past
 * the end (IDNF), tables that do not end, are too short or lead outside RAM (the bus master's error bit, or an end
 * without an interrupt), a reset in the middle of a transfer (which ends it), packets that lie about their length
 * (SCSI's sense).
 */
package jkvm.device.ide;

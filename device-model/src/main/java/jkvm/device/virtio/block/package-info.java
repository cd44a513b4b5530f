/**
 * The block device (virtio 1.2 section 5.2): several queues, flush, discard, write zeroes, an identity, read-only
 * disks, block size, topology and geometry, a write cache that the driver switches. Not emulated: secure erase,
 * lifetime, zones, the legacy SCSI commands.
 *
 * <p>A hostile driver asks for sectors past the end or whose number overflows (IOERR), for unknown commands (UNSUPP),
 * for writes to a read-only disk (IOERR), sends data that is no whole number of sectors, a short header or a request
 * without room for the status (the device then needs a reset), and resets the device in the middle of a request.
 *
 * <p>Each queue's thread carries out one request after the other; the image is called by several of these at once.
 */
package jkvm.device.virtio.block;

/**
 * The SCSI host adapter (virtio 1.2 section 5.6), into which units of {@link jkvm.device.scsi.ScsiUnitType} are
 * plugged: 256 targets with 16384 units each, several request queues, task management, sizes that the driver chooses.
 * Absent: units that come and go, and the events that tell of them; protection information; commands of both
 * directions.
 *
 * <p>Each queue's thread carries out one command after the other. A task management function waits until those that
 * came before have ended; so none is left to abort.
 *
 * <p>A hostile driver names targets and units that do not exist (BAD TARGET, or sense data), sends short requests (the
 * device then needs a reset), gives less room than a command has data (OVERRUN), and resets in the middle of a command.
 */
package jkvm.device.virtio.scsi;

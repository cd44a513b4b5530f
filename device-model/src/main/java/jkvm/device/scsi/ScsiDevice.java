package jkvm.device.scsi;

import java.lang.foreign.MemorySegment;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * A SCSI logical unit, which knows no transport: ATAPI, virtio-scsi and AHCI carry its commands.
 *
 * <p>Calls come from the transport's worker, one at a time; {@link #move} waits for the host.
 *
 * {@snippet :
 * int transfer(ScsiDevice device, ScsiCommand command, MemorySegment memory) {
 *     device.begin(command);                         // the transport has put a CDB in
 *     long at = 0;
 *     while (!command.isEnded() && at < memory.byteSize()) {
 *         int piece = (int) Math.min(command.left(), memory.byteSize() - at);
 *         device.move(command, memory, at, piece);   // device to memory, or memory to device
 *         at += piece;
 *     }
 *     return command.status();                       // after CHECK CONDITION see takeSense
 * }
 * }
 */
public interface ScsiDevice {

    /** Begins a command: after it the command has ended, or has data to move in its direction. */
    void begin(ScsiCommand command);

    /**
     * Moves the next bytes of a command that has not ended. After the last one it has, and earlier if it fails.
     *
     * @param length at most {@link ScsiCommand#left()}
     */
    void move(ScsiCommand command, MemorySegment memory, long at, int length);

    /**
     * Puts the sense data of the last command that ended in CHECK CONDITION into an array and forgets it, for
     * transports that tell it with the status.
     *
     * @return the number of bytes
     */
    int takeSense(byte[] target);

    /** Power-on state. */
    void reset();

    /** Writes all that the guest can see of the unit. */
    void save(StateWriter out);

    /** Reads what {@link #save} wrote. */
    void load(StateReader in);
}

package jkvm.host.disk;

import java.time.Instant;

/**
 * A state of the disk that a qcow2 image keeps.
 *
 * @param l1Offset     where its L1 table is in the file
 * @param l1Size       entries of the table
 * @param diskSize     in bytes
 * @param vmStateSize  bytes of a saved machine's state
 * @param vmClockNanos how long that machine had run
 * @param instructions how many instructions it had executed, if they were counted; 0 otherwise, -1 if unknown
 */
public record InternalSnapshot(String id, String name, Instant date, long diskSize, long vmStateSize,
        long vmClockNanos, long instructions, long l1Offset, int l1Size) {

    /** The same with another word for its id. */
    public InternalSnapshot withId(String text) {
        return new InternalSnapshot(text, name, date, diskSize, vmStateSize, vmClockNanos, instructions, l1Offset,
                l1Size);
    }
}

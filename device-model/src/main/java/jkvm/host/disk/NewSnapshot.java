package jkvm.host.disk;

import java.time.Instant;

/**
 * An internal snapshot to be taken: what the image tells of it besides the disk's content.
 *
 * @param name         need not be unique; the snapshot's id is, and the image chooses it
 * @param vmClockNanos how long the machine had run
 * @param instructions how many instructions it had executed, {@link #NOT_COUNTED} if nobody counted them
 */
public record NewSnapshot(String name, Instant date, long vmClockNanos, long instructions) {
    /** QEMU's mark of a machine without a count. */
    public static final long NOT_COUNTED = -1;

    /** Of a disk that no machine uses. */
    public static NewSnapshot ofDisk(String name, Instant date) {
        return new NewSnapshot(name, date, 0, 0);
    }
}

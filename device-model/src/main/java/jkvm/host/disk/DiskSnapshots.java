package jkvm.host.disk;

import java.io.IOException;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.util.List;
import java.util.Optional;

/**
 * The internal snapshots of a disk that is open and in use. A snapshot can have the state of a machine beside the
 * disk's content.
 *
 * <p>Threads: as {@link DiskImage}. Requests wait while a snapshot is taken, applied or given up. So that disk and
 * machine fit together, the caller keeps the machine standing meanwhile.
 *
 * <p>After a failure, or a crash at any moment, a change has happened or has not, and the image is good; some clusters
 * may be left that nothing uses. After a failure the disk is used on.
 */
public interface DiskSnapshots {
    /** A machine's state that a snapshot takes. */
    interface StateSource {
        /** The state has so many bytes at most. */
        long limit();

        /** Writes the state; called once. */
        void writeTo(WritableByteChannel channel) throws IOException;
    }

    /** A step that belongs to a change. */
    @FunctionalInterface
    interface Step {
        void run() throws IOException;
    }

    /** All snapshots, in the order in which the image lists them. */
    List<InternalSnapshot> list() throws IOException;

    /**
     * Keeps the disk's content as a snapshot. It is durable when this returns.
     *
     * @param state empty for a snapshot of the disk alone
     * @return the snapshot as the image lists it
     */
    InternalSnapshot create(NewSnapshot snapshot, Optional<StateSource> state) throws IOException;

    /**
     * Makes the disk's content that of a snapshot whose disk has the same size.
     *
     * @param before runs when all is ready and one write is missing; if it throws, the disk is as it was
     * @throws IOException if that is not possible; the disk is as it was
     */
    void apply(InternalSnapshot snapshot, Step before) throws IOException;

    /** Gives a snapshot up. */
    void delete(InternalSnapshot snapshot) throws IOException;

    /** Reads the machine's state that a snapshot has; empty where it has none. Closing the channel does nothing. */
    ReadableByteChannel state(InternalSnapshot snapshot) throws IOException;
}

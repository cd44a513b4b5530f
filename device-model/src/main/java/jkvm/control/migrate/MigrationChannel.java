package jkvm.control.migrate;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/**
 * The connection of one migration, which blocks. One thread may read while another writes; {@link #close()} on any
 * thread ends both.
 *
 * @param bytes    the bytes
 * @param isTwoWay whether the other side can answer
 * @param ending   saves what was written where the other side has more to do: waits for a command
 */
record MigrationChannel(ByteChannel bytes, boolean isTwoWay, Ending ending) implements ByteChannel {

    /** The end of what is written. */
    @FunctionalInterface
    interface Ending {
        /** @throws IOException if the other side failed */
        void await() throws IOException;
    }

    MigrationChannel(ByteChannel bytes, boolean isTwoWay) {
        this(bytes, isTwoWay, () -> { });
    }

    /** The same over other bytes. */
    MigrationChannel over(ByteChannel other) {
        return new MigrationChannel(other, isTwoWay, ending);
    }

    /** All is written: waits until the other side has it, and closes the channel. */
    void finish() throws IOException {
        ending.await();
        bytes.close();
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        return bytes.read(to);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        return bytes.write(from);
    }

    @Override
    public boolean isOpen() {
        return bytes.isOpen();
    }

    @Override
    public void close() throws IOException {
        bytes.close();
    }
}

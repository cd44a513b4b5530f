package jkvm.control.vnc;

import java.io.IOException;

/** A connection to a viewer. One thread reads and one writes; any closes it, which ends both. */
interface Wire extends AutoCloseable {

    /**
     * Waits for bytes.
     *
     * @return their number, 1 and more; -1 at the end
     */
    int read(byte[] into, int offset, int length) throws IOException;

    /** Waits until all bytes are with the host. */
    void write(byte[] from, int offset, int length) throws IOException;

    @Override
    void close();
}

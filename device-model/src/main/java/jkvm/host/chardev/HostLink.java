package jkvm.host.chardev;

import java.io.IOException;
import java.util.Optional;
import jkvm.linux.Fd;
import jkvm.linux.Terminal;

/**
 * The host's side of a {@link StreamChardev}: a terminal, a file, a socket. One thread reads while another writes;
 * both may block until {@link #interrupt()}.
 */
interface HostLink {
    /** The other side has sent a break, which is no byte. */
    int BREAK = -2;

    /** True if the other side is there from the beginning. */
    boolean isPresent();

    /**
     * Waits for the other side. The first call returns at once if the other side {@link #isPresent()}.
     *
     * @return false if it will not come (any more), or if interrupted
     */
    boolean awaitPeer() throws IOException;

    /**
     * Waits for input and reads some.
     *
     * @return how many bytes; zero at the end of the input or if interrupted; {@link #BREAK} for a break
     */
    int read(byte[] to, int length) throws IOException;

    /** True if the end of the input says that the other side has gone; false if output still has a reader. */
    boolean leavesAtEndOfInput();

    /** True if {@link #send} takes output also while the other side is not there. */
    default boolean takesAlways() {
        return false;
    }

    /**
     * Waits for room and writes some bytes.
     *
     * @return how many; zero if interrupted
     */
    int send(byte[] from, int offset, int length) throws IOException;

    /** True if the other side is a terminal, which has a {@link #windowSize()} or may get one. */
    default boolean isTerminal() {
        return false;
    }

    /** The size of the terminal's window; empty if it is not known. */
    default Optional<Terminal.Size> windowSize() {
        return Optional.empty();
    }

    /** As {@link Chardev#takeDescriptor()}. */
    default Optional<Fd> takeDescriptor() {
        return Optional.empty();
    }

    /** Ends what waits in other methods, and all that comes later. */
    void interrupt();

    /** Frees the host's resources; no thread is in another method any more. */
    void close();
}

package jkvm.host.chardev;

import java.util.Optional;
import jkvm.linux.Fd;

/**
 * The host's end of a character stream. Its output is bounded: what it cannot take now, the device keeps and offers
 * again when {@link CharDevice#writable()} is called. Any thread may call.
 */
public interface Chardev extends AutoCloseable {

    /**
     * Takes one byte from the guest. Never blocks.
     *
     * @return false if there is no room now; {@link CharDevice#writable()} follows when there is
     */
    boolean transmit(byte value);

    /** Connects the device; input is delivered from then on. One device per chardev. */
    void connect(CharDevice device);

    /** True if the user's input goes to this device, as it always does unless several share the chardev. */
    default boolean hasFocus() {
        return true;
    }

    /** The device has room again: {@link CharDevice#receivable()} has grown from zero. */
    void inputWanted();

    /**
     * Tells a listener the size of the host's terminal: at once, on this thread, if there is one and it knows, and
     * whenever it has changed, on a thread of the chardev's. Before {@link #close()}, and until then.
     */
    default void watchWindow(WindowListener listener) {
    }

    /**
     * The descriptor that the other side has passed longest ago; the caller's from now on. Empty if there is none, as
     * always but for unix sockets that the command line names by a descriptor.
     */
    default Optional<Fd> takeDescriptor() {
        return Optional.empty();
    }

    /** The process is to end soon: from now on {@link #close()} waits for a slow host only shortly. Any thread. */
    default void hurry() {
    }

    /** Writes out what it holds, waiting for a slow host for a bounded time, and ends its threads. */
    @Override
    void close();
}

package jkvm.host.chardev;

/** The guest's end of a character stream, called by the chardev's workers with no lock of the chardev held. */
public interface CharDevice {

    /** How many bytes it can take now. Zero stops input until {@link Chardev#inputWanted()}. */
    int receivable();

    /** Bytes from the host, no more than {@link #receivable()} answered on the same thread just before. */
    void receive(byte[] data, int offset, int length);

    /** The chardev has room again after {@link Chardev#transmit} answered false. */
    void writable();

    /** The other side came (true) or went (false); carrier detect of a modem. */
    void connected(boolean present);

    /**
     * One of several devices that share a chardev: the user's input goes to this one from now on (true), or to another.
     */
    default void focused(boolean hasFocus) {
    }

    /** The other side sent a break. */
    default void breakReceived() {
    }
}

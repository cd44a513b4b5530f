package jkvm.bus;

/**
 * A channel of an ISA bus's DMA controllers, as the device sees it that is wired to its request line. A device calls
 * with its own lock held, from any thread.
 */
public interface DmaChannel {

    /** The direction that the guest has programmed. */
    enum Transfer {
        /** Nothing is moved, but counted. */
        VERIFY,
        /** From the device. */
        TO_MEMORY,
        /** To the device. */
        FROM_MEMORY,
        /** None: an undefined code, or a channel that another controller is wired to. */
        NONE
    }

    /**
     * Wires a device.
     *
     * @param ready called when a requested transfer may go on, with a lock held: it only wakes
     */
    void connect(Runnable ready);

    /** Raises or lowers the request line. */
    void request(boolean level);

    /** True while the guest lets the channel transfer. */
    boolean isOpen();

    /** The direction that the guest has programmed. */
    Transfer transfer();

    /** Bytes until the terminal count, 1 to 128 KiB. */
    int remaining();

    /**
     * Moves bytes between a device and memory in the direction that the guest has programmed. Memory that is not RAM
     * takes nothing and gives 0xFF.
     *
     * @return how many, fewer than asked for at the terminal count, where the channel closes or begins anew
     */
    int move(byte[] data, int offset, int length);
}

package jkvm.bus;

/** One source of message-signalled interrupts. Any thread may call, a device's lock held. */
public interface MsiVector {

    /**
     * Sets what a signal means from now on. Not cheap: called when the guest changes it, not for each interrupt.
     *
     * @param address guest physical address of the message
     * @param data    what is written there
     */
    void route(long address, int data);

    /** Sends the message, once routed. Allocates nothing. */
    void signal();

    /** Gives the source back: its device is gone, and neither routes nor signals it any more. */
    void close();
}

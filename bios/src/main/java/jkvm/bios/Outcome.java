package jkvm.bios;

/** How a call of a service ends. The numbers are those of {@code frame.inc}. */
public enum Outcome {
    /** The service is done; the caller goes on with the registers of the frame. */
    DONE,
    /** The service waits for something: the ROM's code halts until an interrupt comes, then asks anew. */
    AGAIN,
    /**
     * The guest's code that {@link Call#target} names runs with the registers of the frame, and ends with a far return.
     * Then the service is asked anew, with the registers as that code has left them.
     */
    CALL,
    /** As {@link #CALL}, for code that ends with IRET: a handler of the guest's for another interrupt. */
    INTERRUPT;

    private static final Outcome[] ALL = values();

    /** The outcome of a number that the guest may have changed. */
    static Outcome of(int number) {
        return number >= 0 && number < ALL.length ? ALL[number] : DONE;
    }
}

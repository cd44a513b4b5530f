package jkvm.host.input;

/** A pointing device that the guest sees. Called on the thread of the machine's clock. */
public interface PointerSink {

    /** The name that a monitor shows: QEMU's, where QEMU has the device. */
    String name();

    /** True if it takes {@link InputEvent.Absolute}, false if {@link InputEvent.Relative}. Always the same. */
    boolean isAbsolute();

    /**
     * Takes an event; one of the other kind of motion is ignored.
     *
     * @return false if the guest has to fetch earlier ones first: the hub offers it again
     */
    boolean take(InputEvent.Pointer event);
}

package jkvm.host.input;

/** A keyboard that the guest sees. Called on the thread of the machine's clock. */
public interface KeyboardSink {
    /** Bits of {@link #leds()}. */
    int SCROLL_LOCK_BIT = 1;
    int NUM_LOCK_BIT = 2;
    int CAPS_LOCK_BIT = 4;

    /** The name that a monitor shows: QEMU's, where QEMU has the device. */
    String name();

    /**
     * A key goes down or up. One that is down already may go down again: the user's keyboard repeats it.
     *
     * @return false if the guest has to fetch earlier keys first: the hub offers it again
     */
    boolean stroke(Key key, boolean isDown);

    /** The lights that are on. Any thread may ask. */
    int leds();
}

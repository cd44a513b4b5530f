package jkvm.host.display;

/**
 * Shows the guest's screen to somebody. Its methods are called one at a time and return at once: they note the parts
 * that are to be sent or drawn, and wake the thread that does so, which copies them by {@link DisplayHub#look}.
 */
public interface Viewer {

    /** The picture has this size from now on, and all of it has changed. The first call after attaching, too. */
    void resized(int width, int height);

    /** A part has changed. */
    void changed(Rectangle part);

    /** All changes of one picture have been told. */
    default void complete() {
    }
}

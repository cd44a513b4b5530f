package jkvm.host.display;

import java.util.Optional;

/**
 * The output of a display adapter. The guest may change it meanwhile: a picture shows each change at the latest when it
 * is rendered anew. Any thread may call, one at a time for one picture.
 */
public interface Screen {

    /**
     * Brings a picture up to date: gives it the size of the screen, and marks the parts that have changed since the
     * last call. A screen that is off is black. Allocates nothing where the size stays.
     *
     * @param into the same picture each time; a screen that is given another one renders all of it
     * @return true if something has changed
     */
    boolean render(Picture into);

    /** The characters on the screen, in text modes. */
    Optional<TextScreen> text();
}

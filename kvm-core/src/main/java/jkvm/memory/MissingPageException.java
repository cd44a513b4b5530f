package jkvm.memory;

import java.util.concurrent.CancellationException;

/**
 * An access needs a page of the guest's RAM that was to come from another machine, and does not come any more. The work
 * that needs it ends without a word: the guest does not go on.
 */
public final class MissingPageException extends CancellationException {
    private static final long serialVersionUID = 1;

    MissingPageException(long gpa) {
        super("guest physical address 0x%x: the page has not come from the other machine".formatted(gpa));
    }
}

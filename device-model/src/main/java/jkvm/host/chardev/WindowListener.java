package jkvm.host.chardev;

/** Learns how many characters the window of the host's terminal shows. */
@FunctionalInterface
public interface WindowListener {

    /** Called with no lock of the chardev held. */
    void resized(int columns, int rows);
}

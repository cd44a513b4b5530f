package jkvm.control.display;

/** The switches of a machine. Any thread may call; none waits for the guest. */
public interface PowerSwitch {

    /** Presses the power button: a guest that looks at it shuts down. */
    void pressPower();

    /** Restarts the machine. */
    void reset();

    /** Ends the machine at once, as if unplugged. */
    void quit();
}

package jkvm.bus;

/**
 * One wire from a device to the interrupt controllers. Any thread may drive it, a device's lock held. Driving it to the
 * level that it has does nothing.
 */
public interface IrqLine {

    /** True asserts the interrupt, false takes it back. */
    void set(boolean level);
}

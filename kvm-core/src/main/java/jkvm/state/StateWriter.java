package jkvm.state;

/**
 * Takes a device's state. Fields are read back in the order in which they were written; each carries its name, so
 * that a state that does not fit says which field it is.
 */
public interface StateWriter {

    /**
     * Begins the device's state.
     *
     * @param version raised when the fields change
     */
    void putVersion(int version);

    void putLong(String name, long value);

    default void putInt(String name, int value) {
        putLong(name, value);
    }

    default void putBoolean(String name, boolean value) {
        putLong(name, value ? 1 : 0);
    }

    void putBytes(String name, byte[] value);
}

package jkvm.state;

/**
 * Gives a device's state back. Every method throws {@link StateException} if the state is truncated or does not fit.
 */
public interface StateReader {

    /**
     * Begins the device's state.
     *
     * @return its version, at most {@code newest}
     */
    int getVersion(int newest);

    long getLong(String name);

    default int getInt(String name) {
        return (int) getLong(name);
    }

    /** A value that indexes or counts something: one outside of {@code lowest..highest} does not fit. */
    default int getInt(String name, int lowest, int highest) {
        long value = getLong(name);
        if (value < lowest || value > highest) {
            throw new StateException("field %s is %d, not within %d-%d".formatted(name, value, lowest, highest));
        }
        return (int) value;
    }

    default boolean getBoolean(String name) {
        return getLong(name) != 0;
    }

    /** @param length that the value must have; -1 for any up to a mebibyte */
    byte[] getBytes(String name, int length);
}

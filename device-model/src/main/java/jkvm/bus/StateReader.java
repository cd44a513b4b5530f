package jkvm.bus;

/** Gives a device's state back. Every method throws {@link StateException} if the state is cut short or does not fit. */
public interface StateReader {

    /** Begins the device's state. @return its version, at most {@code newest} */
    int version(int newest);

    long getLong(String name);

    default int getInt(String name) {
        return (int) getLong(name);
    }

    default boolean getBoolean(String name) {
        return getLong(name) != 0;
    }

    /** @param length that the value must have; -1 for any up to a mebibyte */
    byte[] getBytes(String name, int length);
}

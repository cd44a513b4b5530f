package jkvm.device.board;

/** Random bytes of the host's for one device. */
@FunctionalInterface
public interface RandomSource {

    /**
     * Reads some, without waiting for them.
     *
     * @param length at most, and at most the array's length
     * @return how many; zero if there are none now
     */
    int read(byte[] target, int length);
}

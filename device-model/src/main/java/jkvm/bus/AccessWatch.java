package jkvm.bus;

/** Puts itself between an {@link AddressSpace} and its devices: to trace or count accesses. */
@FunctionalInterface
public interface AccessWatch {
    /** Looks at nothing. */
    AccessWatch NONE = (handler, owner, start) -> handler;

    /**
     * Called once for each range, with a lock of the address space held.
     *
     * @param handler serves the range
     * @param owner   the name of its device; empty if it is not known
     * @param start   the range's first address
     * @return what is called instead; it hands each access on to {@code handler}, and has its names of registers
     */
    IoHandler around(IoHandler handler, String owner, long start);
}

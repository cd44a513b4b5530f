package jkvm.inspect;

/**
 * The exits of one kind at one port or address.
 *
 * @param exit    {@code IO out}, {@code MMIO read}, or the kernel's name
 * @param place   port or guest physical address; {@link ExitStatistics#NO_PLACE} if there is none
 * @param size    bytes of each access; 0 if it is none
 * @param handler time in user space
 * @param guest   time in KVM_RUN that ended in such an exit: the guest's instructions, waits for interrupts, the kernel
 */
public record ExitPlace(String exit, long place, int size, Times handler, Times guest) {

    /**
     * How long something took. A percentile is exact to an eighth of its value.
     *
     * @param count       how often
     * @param totalNanos  all together
     * @param leastNanos  the shortest
     * @param medianNanos half of them were shorter
     * @param p99Nanos    99 of 100 were shorter
     * @param mostNanos   the longest
     */
    public record Times(long count, long totalNanos, long leastNanos, long medianNanos, long p99Nanos,
            long mostNanos) {
    }

    /** How many there were. */
    public long count() {
        return guest.count();
    }
}

package jkvm.inspect;

/**
 * The cost of all exits of one kind, wherever they were. The arrays count exits by powers of two: at index n those that
 * took 2^n ns up to twice as much, at 0 also shorter ones.
 *
 * @param exit          {@code IO out}, {@code MMIO read}, or the kernel's name
 * @param handler       time in user space
 * @param guest         time in KVM_RUN, as in {@link ExitPlace}
 * @param handlerPowers exits by their time in user space
 * @param guestPowers   exits by their time in KVM_RUN
 */
public record ExitCost(String exit, ExitPlace.Times handler, ExitPlace.Times guest, long[] handlerPowers,
        long[] guestPowers) {
}

package jkvm.soft.irqchip;

import java.util.HashMap;
import java.util.Map;

/**
 * The local APICs that have not yet ended the real-time clock's interrupt. Guests that keep time by it lose time if
 * ticks coalesce, so KVM_IRQ_LINE_STATUS tells the sender of this line about it. With the chips' lock held.
 */
final class RtcLine {
    static final int PIN = 8;
    /** The vector by the APIC that accepted it and has not ended it. */
    private final Map<Lapic, Integer> waiting = new HashMap<>();
    private int pending;

    /** True if an interrupt has not ended. */
    boolean isPending() {
        return pending > 0;
    }

    /** Notes that an APIC accepts the line's message. */
    void accepted(Lapic lapic, int vector) {
        waiting.put(lapic, vector);
    }

    /** @param count of APICs that accepted it, or negative */
    void sent(int count) {
        pending = Math.max(0, count);
    }

    /** @return true if the APIC had accepted this vector from the line */
    boolean ended(Lapic lapic, int vector) {
        boolean isOurs = waiting.remove(lapic, vector);
        if (isOurs) {
            pending--;
        }
        return isOurs;
    }

    /** Forgets all as the IOAPIC's state is replaced; {@link #restored} follows for each APIC. */
    void reset() {
        waiting.clear();
        pending = 0;
    }

    /**
     * Called after a local APIC's state was replaced, or the IOAPIC's.
     *
     * @param message that the pin sends
     */
    void restored(ApicBus bus, Lapic lapic, long message) {
        if (!bus.matches(lapic, message, null)) {
            return;
        }
        int vector = ApicMessage.vector(message);
        boolean isPending = lapic.page().requests.contains(vector) || lapic.page().inService.contains(vector);
        if (isPending && waiting.putIfAbsent(lapic, vector) == null) {
            pending++;
        } else if (!isPending && waiting.remove(lapic) != null) {
            pending--;
        }
    }
}

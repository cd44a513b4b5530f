package jkvm.soft.irqchip;

import java.util.BitSet;

/**
 * Which local APICs have not yet ended the real-time clock's interrupt. Guests that keep time by it lose time if ticks
 * coalesce, so KVM_IRQ_LINE_STATUS tells the sender of this line about it.
 */
final class RtcLine {
    static final int PIN = 8;
    private final BitSet waiting = new BitSet();
    private int vector;

    boolean isPending() {
        return !waiting.isEmpty();
    }

    void sent(ApicBus bus, long message, int accepted) {
        waiting.clear();
        vector = ApicMessage.vector(message);
        if (accepted > 0) {
            for (Lapic lapic : bus.lapics()) {
                if (bus.matches(lapic, message, null) && lapic.page().requests.contains(vector)) {
                    waiting.set(lapic.page().vcpuId());
                }
            }
        }
    }

    void ended(Lapic lapic, int endedVector) {
        if (endedVector == vector) {
            waiting.clear(lapic.page().vcpuId());
        }
    }

    /** A local APIC's state was replaced, or the IOAPIC's. @param message that the pin sends */
    void restored(ApicBus bus, Lapic lapic, long message) {
        int restoredVector = ApicMessage.vector(message);
        ApicPage page = lapic.page();
        boolean pending = bus.matches(lapic, message, null)
                && (page.requests.contains(restoredVector) || page.inService.contains(restoredVector));
        waiting.set(page.vcpuId(), pending);
        if (pending) {
            vector = restoredVector;
        }
    }
}

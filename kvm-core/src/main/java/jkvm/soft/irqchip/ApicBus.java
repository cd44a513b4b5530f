package jkvm.soft.irqchip;

import java.util.Arrays;

/**
 * Brings messages to the local APICs of a VM. As KVM does, it looks destinations up in a map that is built anew when an
 * APIC's id, mode or enable bit changes; broadcasts and what the map cannot say go to each APIC in turn. All methods
 * with the chips' lock held.
 *
 * <p>An APIC is not in the map before the first such change after its creation: messages to it are lost until then.
 */
final class ApicBus {
    /** {@link #deliver}'s answer where no APIC is addressed. */
    static final int NO_DESTINATION = -1;
    static final int XAPIC_BROADCAST = 0xFF, X2APIC_BROADCAST = -1;

    private Lapic[] lapics = new Lapic[0];
    /** Null before the first APIC. */
    private ApicMap map;
    /** KVM_CAP_X2APIC_API: ids have 32 bits in messages and states; 0xFF is no broadcast to x2APICs. */
    boolean wideIds, broadcastQuirkDisabled;
    /** Told which APICs accept the message that is being delivered; null for most. */
    private RtcLine recorder;

    void add(Lapic lapic) {
        Lapic[] more = Arrays.copyOf(lapics, lapics.length + 1);
        more[lapics.length] = lapic;
        lapics = more;
    }

    /** All APICs, in order of creation. Not to be changed. */
    Lapic[] lapics() {
        return lapics;
    }

    void rebuildMap() {
        map = new ApicMap(lapics);
    }

    /**
     * Delivers a message.
     *
     * @param source the APIC that sends an IPI; null for other messages
     * @return how many APICs accepted it, or {@link #NO_DESTINATION}
     */
    int deliver(long message, Lapic source) {
        int shorthand = ApicMessage.shorthand(message);
        if (shorthand == ApicMessage.SELF && source != null) {
            return source.accept(message);
        }
        if (shorthand != ApicMessage.NO_SHORTHAND || map == null || isBroadcast(message, source)) {
            return deliverToEach(message, source);
        }
        if (!ApicMessage.isLogical(message)) {
            Lapic target = map.physical(ApicMessage.destination(message));
            return target == null ? 0 : target.accept(message);
        }
        if (!map.selectLogical(ApicMessage.destination(message))) {
            return deliverToEach(message, source);
        }
        return deliverToSelected(message, map);
    }

    /** As {@link #deliver(long, Lapic)} from a pin; tells {@code line} which APICs accept it. */
    int deliver(long message, RtcLine line) {
        recorder = line;
        int accepted = deliver(message, (Lapic) null);
        recorder = null;
        return accepted;
    }

    /** An APIC has accepted the message that is being delivered. */
    void accepted(Lapic lapic, int vector) {
        if (recorder != null) {
            recorder.accepted(lapic, vector);
        }
    }

    private static int deliverToSelected(long message, ApicMap selection) {
        int selected = selection.selectedMask();
        if (ApicMessage.isForOne(message) && selected != 0) {
            selected = 1 << nthBit(selected, ApicMessage.vector(message) % Integer.bitCount(selected));
        }
        int accepted = 0;
        for (int rest = selected; rest != 0; rest &= rest - 1) {
            Lapic target = selection.selected(Integer.numberOfTrailingZeros(rest));
            if (target != null) {
                accepted += target.accept(message);
            }
        }
        return accepted;
    }

    private static int nthBit(int mask, int n) {
        int rest = mask;
        for (int i = 0; i < n; i++) {
            rest &= rest - 1;
        }
        return Integer.numberOfTrailingZeros(rest);
    }

    private boolean isBroadcast(long message, Lapic source) {
        int destination = ApicMessage.destination(message);
        if (broadcastQuirkDisabled) {
            return destination == X2APIC_BROADCAST || destination == XAPIC_BROADCAST && !map.isX2Apic();
        }
        return destination == (source != null && source.page().isX2Apic() ? X2APIC_BROADCAST : XAPIC_BROADCAST);
    }

    private int deliverToEach(long original, Lapic source) {
        long message = original;
        if (!ApicMessage.isLogical(message) && ApicMessage.destination(message) == XAPIC_BROADCAST
                && ApicMessage.isForOne(message)) {
            message = ApicMessage.withFixedDelivery(message);
        }
        boolean forOne = ApicMessage.isForOne(message);
        int accepted = NO_DESTINATION;
        int candidates = 0;
        for (Lapic lapic : lapics) {
            if (!lapic.page().isHardwareEnabled() || !matches(lapic, message, source)) {
                continue;
            }
            if (!forOne) {
                accepted = Math.max(accepted, 0) + lapic.accept(message);
            } else if (lapic.page().isSoftwareEnabled()) {
                candidates++;
            }
        }
        return candidates == 0 ? accepted
                : deliverToOne(message, source, ApicMessage.vector(message) % candidates);
    }

    /** Lowest priority: as KVM, chooses by the vector, so that each vector keeps to one APIC. */
    private int deliverToOne(long message, Lapic source, int index) {
        int seen = 0;
        for (Lapic lapic : lapics) {
            if (lapic.page().isHardwareEnabled() && lapic.page().isSoftwareEnabled() && matches(lapic, message, source)
                    && seen++ == index) {
                return lapic.accept(message);
            }
        }
        return NO_DESTINATION;
    }

    /** True if the message addresses this APIC. */
    boolean matches(Lapic lapic, long message, Lapic source) {
        return switch (ApicMessage.shorthand(message)) {
            case ApicMessage.SELF -> lapic == source;
            case ApicMessage.ALL -> true;
            case ApicMessage.ALL_BUT_SELF -> lapic != source;
            default -> {
                int destination = ApicMessage.destination(message);
                boolean widens = !broadcastQuirkDisabled && source == null && lapic.page().isX2Apic();
                if (widens && destination == XAPIC_BROADCAST) {
                    destination = X2APIC_BROADCAST;
                }
                yield ApicMessage.isLogical(message) ? lapic.page().matchesLogical(destination)
                        : lapic.page().matchesPhysical(destination);
            }
        };
    }
}

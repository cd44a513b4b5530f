package jkvm.soft.irqchip;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jkvm.abi.KvmIrqRouting;
import jkvm.linux.Errno;

/** Routes of the global system interrupts to pins of the chips or to messages. Does not change once it is in use. */
final class GsiRouting {
    static final int PIC_MASTER = 0, PIC_SLAVE = 1, IOAPIC = 2;
    /** As many entries and GSIs as KVM allows. */
    static final int LIMIT = 4096;
    private static final int CHIPS = 3, PIC_PINS = 8, NOT_ROUTED = -1, MSI_WITH_DEVICE_ID = 1;
    private static final Route[] NOWHERE = {};

    /**
     * One entry. A pin of the second PIC has a number from 8 on.
     *
     * @param chip of the constants of this class, or -1 for a message
     */
    record Route(int chip, int pin, long address, int data) {
        boolean isMessage() {
            return chip < 0;
        }
    }

    private final Route[][] byGsi;
    private final int[][] byPin = new int[CHIPS][Ioapic.PINS];

    private GsiRouting(int gsis) {
        byGsi = new Route[gsis][];
        Arrays.fill(byGsi, NOWHERE);
        for (int[] pins : byPin) {
            Arrays.fill(pins, NOT_ROUTED);
        }
    }

    /** The first table of a VM with all chips: GSI 0 to 15 lead to PIC and IOAPIC, 16 to 23 to the IOAPIC. */
    static GsiRouting standard() {
        GsiRouting routing = new GsiRouting(Ioapic.PINS);
        for (int gsi = 0; gsi < Ioapic.PINS; gsi++) {
            routing.add(gsi, new Route(IOAPIC, gsi, 0, 0));
            if (gsi < Pic.INPUTS) {
                routing.add(gsi, new Route(gsi < PIC_PINS ? PIC_MASTER : PIC_SLAVE, gsi, 0, 0));
            }
        }
        return routing;
    }

    /** Nothing is routed. */
    static GsiRouting empty() {
        return new GsiRouting(0);
    }

    /**
     * Reads entries of KVM_SET_GSI_ROUTING.
     *
     * @param entries  {@code count} structs
     * @param wideIds  messages carry 32-bit ids, of which the low byte of the upper address must be 0
     * @throws RefusedException with the errno that KVM answers
     */
    static GsiRouting of(MemorySegment entries, int count, boolean split, boolean wideIds) throws RefusedException {
        int gsis = 0;
        for (int i = 0; i < count; i++) {
            int gsi = field(entries, i, KvmIrqRouting.ENTRY_GSI_OFFSET);
            if (Integer.compareUnsigned(gsi, LIMIT) >= 0) {
                throw new RefusedException(Errno.EINVAL);
            }
            gsis = Math.max(gsis, gsi + 1);
        }
        GsiRouting routing = new GsiRouting(gsis);
        for (int i = 0; i < count; i++) {
            Route route = route(entries, i, split, wideIds);
            int gsi = field(entries, i, KvmIrqRouting.ENTRY_GSI_OFFSET);
            if (Integer.compareUnsigned(gsi, gsis) >= 0 || !routing.add(gsi, route)) {
                throw new RefusedException(Errno.EINVAL);
            }
        }
        return routing;
    }

    private static Route route(MemorySegment entries, int i, boolean split, boolean wideIds) throws RefusedException {
        int type = field(entries, i, KvmIrqRouting.ENTRY_TYPE_OFFSET);
        int flags = field(entries, i, KvmIrqRouting.ENTRY_FLAGS_OFFSET);
        if (type == KvmIrqRouting.TYPE_MSI && (flags & ~MSI_WITH_DEVICE_ID) == 0) {
            int high = field(entries, i, KvmIrqRouting.ENTRY_ADDRESS_HI_OFFSET);
            int low = field(entries, i, KvmIrqRouting.ENTRY_ADDRESS_LO_OFFSET);
            if (!wideIds || (high & 0xFF) == 0) {
                return new Route(-1, 0, (long) high << 32 | Integer.toUnsignedLong(low),
                        field(entries, i, KvmIrqRouting.ENTRY_DATA_OFFSET));
            }
        } else if (type == KvmIrqRouting.TYPE_IRQCHIP && flags == 0 && !split) {
            int chip = field(entries, i, KvmIrqRouting.ENTRY_IRQCHIP_OFFSET);
            int pin = field(entries, i, KvmIrqRouting.ENTRY_PIN_OFFSET);
            if (chip >= 0 && chip < CHIPS && pin >= 0 && pin < (chip == IOAPIC ? Ioapic.PINS : PIC_PINS)) {
                return new Route(chip, chip == PIC_SLAVE ? pin + PIC_PINS : pin, 0, 0);
            }
        }
        throw new RefusedException(Errno.EINVAL);
    }

    private static int field(MemorySegment entries, int i, long offset) {
        return entries.get(ValueLayout.JAVA_INT_UNALIGNED, i * KvmIrqRouting.ENTRY_SIZE + offset);
    }

    /** @return false if the GSI leads to this chip already, or to a message, or is to lead to a message and a chip */
    private boolean add(int gsi, Route route) {
        for (Route other : byGsi[gsi]) {
            if (other.isMessage() || route.isMessage() || other.chip() == route.chip()) {
                return false;
            }
        }
        Route[] more = Arrays.copyOf(byGsi[gsi], byGsi[gsi].length + 1);
        more[more.length - 1] = route;
        byGsi[gsi] = more;
        if (!route.isMessage()) {
            byPin[route.chip()][route.pin()] = gsi;
        }
        return true;
    }

    /** Where a GSI leads; not to be changed. */
    Route[] routes(int gsi) {
        return Integer.compareUnsigned(gsi, byGsi.length) < 0 ? byGsi[gsi] : NOWHERE;
    }

    /** GSIs there may be routes of. */
    int size() {
        return byGsi.length;
    }

    /** The GSI that leads to a pin, or -1. */
    int gsi(int chip, int pin) {
        return byPin[chip][pin];
    }

    /** KVM refuses a table of routes. */
    static final class RefusedException extends Exception {
        private static final long serialVersionUID = 1;
        private final Errno errno;

        RefusedException(Errno errno) {
            super(errno.name(), null, false, false);
            this.errno = errno;
        }

        int negatedErrno() {
            return -errno.code();
        }
    }
}

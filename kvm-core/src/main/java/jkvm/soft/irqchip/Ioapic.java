package jkvm.soft.irqchip;

import java.util.Arrays;
import jkvm.abi.KvmIoapicState;

/**
 * An I/O APIC of 24 pins (data sheet of the 82093AA), as KVM's. All methods with the chips' lock held, but for
 * {@link #handlesMmio}.
 *
 * <p>A level-triggered pin sends a message and sets its remote IRR; the guest's end of interrupt, which the local APIC
 * broadcasts, clears it and sends again if the line is still high. A guest that never serves the device would be
 * interrupted for ever: after many such rounds in a row the next message waits for some time, so that the guest can go
 * on.
 */
final class Ioapic {
    static final int PINS = 24;
    private static final long DEFAULT_BASE = 0xFEC00000L, WINDOW_SIZE = 0x100;
    private static final int SELECT = 0x00, WINDOW = 0x10;
    private static final int ID = 0, VERSION = 1, ARBITRATION = 2, FIRST_ENTRY = 0x10;
    private static final int VERSION_VALUE = PINS - 1 << 16 | 0x11;
    private static final int VECTOR_MASK = 0xFF, MODE_MASK = 0x700, LOGICAL_BIT = 1 << 11, STATUS_BIT = 1 << 12,
            REMOTE_IRR_BIT = 1 << 14, LEVEL_BIT = 1 << 15, MASKED_BIT = 1 << 16;
    private static final int READ_ONLY = STATUS_BIT | REMOTE_IRR_BIT;
    private static final int DESTINATION_SHIFT = 56;
    private static final int STORM_ROUNDS = 10_000;
    private static final long STORM_PAUSE_NANOS = 10_000_000;

    private final IrqChips chips;
    private final RtcLine rtc = new RtcLine();
    private final Timers timers;
    private final Timers.Timer stormPause;
    private volatile long base = DEFAULT_BASE;
    private int select;
    private int id;
    /** The pins' lines, of edges also what was not yet sent. */
    private int irr;
    /** Edges that were sent while their line is still high: KVM_GET_IRQCHIP does not show them as waiting. */
    private int delivered;
    private final long[] entries = new long[PINS];
    private final int[] lines = new int[PINS];
    private final int[] rounds = new int[PINS];

    Ioapic(IrqChips chips, Timers timers) {
        this.chips = chips;
        this.timers = timers;
        this.stormPause = timers.timer(this::resume);
        Arrays.fill(entries, MASKED_BIT);
    }

    /** True if the whole access lies on the chip's registers. Any thread. */
    boolean handlesMmio(long gpa, int size) {
        long first = base;
        return gpa - first >= 0 && gpa - first + size <= WINDOW_SIZE;
    }

    long readMmio(long gpa, int size) {
        int value = switch ((int) (gpa - base)) {
            case SELECT -> select;
            case WINDOW -> readSelected();
            default -> 0;
        };
        long mask = size == 8 ? 0xFFFFFFFFL : (1L << 8 * size) - 1;
        return Integer.toUnsignedLong(value) & mask;
    }

    private int readSelected() {
        switch (select) {
            case ID, ARBITRATION -> {
                return (id & 0xF) << 24;
            }
            case VERSION -> {
                return VERSION_VALUE;
            }
            default -> {
                int pin = select - FIRST_ENTRY >> 1;
                if (pin < 0 || pin >= PINS) {
                    return -1;
                }
                return (int) ((select & 1) != 0 ? entries[pin] >>> 32 : entries[pin]);
            }
        }
    }

    void writeMmio(long gpa, int size, long value) {
        int data = (int) (size >= 4 ? value : value & (1L << 8 * size) - 1);
        int offset = (int) (gpa - base);
        if (offset == SELECT) {
            select = data & 0xFF;
        } else if (offset == WINDOW) {
            writeSelected(data);
        }
    }

    private void writeSelected(int value) {
        if (select == ID) {
            id = value >>> 24 & 0xF;
            return;
        }
        int pin = select - FIRST_ENTRY >> 1;
        if (pin < 0 || pin >= PINS) {
            return;
        }
        long old = entries[pin];
        if ((select & 1) != 0) {
            entries[pin] = old & 0xFFFFFFFFL | (long) value << 32;
        } else {
            long low = value & ~READ_ONLY | (int) old & READ_ONLY;
            if ((low & LEVEL_BIT) == 0) {
                low &= ~REMOTE_IRR_BIT;
            }
            entries[pin] = old & ~0xFFFFFFFFL | low & 0xFFFFFFFFL;
        }
        if (((old ^ entries[pin]) & MASKED_BIT) != 0) {
            chips.maskChanged(GsiRouting.IOAPIC, pin, isMasked(pin));
        }
        if (isLevel(pin) && isHigh(pin)) {
            service(pin, false);
        }
    }

    private boolean isMasked(int pin) {
        return (entries[pin] & MASKED_BIT) != 0;
    }

    private boolean isLevel(int pin) {
        return (entries[pin] & LEVEL_BIT) != 0;
    }

    private boolean isHigh(int pin) {
        return (irr & 1 << pin) != 0;
    }

    /**
     * Sets a pin's level for one of the sources that share it.
     *
     * @param wantsStatus true for KVM_IRQ_LINE_STATUS, which of the real-time clock's line also reports interrupts
     *                    that the guest has not ended
     * @return how many local APICs accepted it, 1 for a falling line, 0 if it was waiting already, -1 if masked
     */
    int setLine(int pin, int source, boolean level, boolean wantsStatus) {
        lines[pin] = level ? lines[pin] | 1 << source : lines[pin] & ~(1 << source);
        return setPin(pin, lines[pin] != 0, wantsStatus);
    }

    private int setPin(int pin, boolean level, boolean wantsStatus) {
        int bit = 1 << pin;
        if (!level) {
            irr &= ~bit;
            return 1;
        }
        if (pin == RtcLine.PIN && wantsStatus && rtc.isPending()) {
            return 0;
        }
        boolean wasHigh = isHigh(pin);
        irr |= bit;
        if (!isLevel(pin)) {
            delivered &= ~bit;
            if (wasHigh) {
                return 0;
            }
        }
        return service(pin, wantsStatus);
    }

    private int service(int pin, boolean wantsStatus) {
        long entry = entries[pin];
        boolean level = isLevel(pin);
        if (isMasked(pin) || level && (entry & REMOTE_IRR_BIT) != 0) {
            return -1;
        }
        if (!level) {
            delivered |= 1 << pin;
        }
        int accepted;
        if (pin == RtcLine.PIN && wantsStatus) {
            accepted = chips.bus().deliver(message(entry), rtc);
            rtc.sent(accepted);
        } else {
            accepted = chips.bus().deliver(message(entry), (Lapic) null);
        }
        if (level && accepted != 0) {
            entries[pin] |= REMOTE_IRR_BIT;
        }
        return accepted;
    }

    private static long message(long entry) {
        int low = (int) entry & (VECTOR_MASK | MODE_MASK | LOGICAL_BIT | LEVEL_BIT) | ApicMessage.ASSERT_BIT;
        return ApicMessage.of(low, (int) (entry >>> DESTINATION_SHIFT));
    }

    /**
     * A local APIC's end of interrupt.
     *
     * @param level    the trigger mode that the local APIC has noted for the vector
     * @param directed the guest ends interrupts at the I/O APIC itself, so that remote IRR stays
     */
    void endOfInterrupt(Lapic lapic, int vector, boolean level, boolean directed) {
        if (!rtc.ended(lapic, vector) && !handles(vector)) {
            return;
        }
        for (int pin = 0; pin < PINS; pin++) {
            if ((entries[pin] & VECTOR_MASK) != vector) {
                continue;
            }
            chips.acknowledged(GsiRouting.IOAPIC, pin);
            if (!level || directed) {
                continue;
            }
            entries[pin] &= ~(long) REMOTE_IRR_BIT;
            if (isMasked(pin) || !isHigh(pin)) {
                rounds[pin] = 0;
            } else if (++rounds[pin] == STORM_ROUNDS) {
                rounds[pin] = 0;
                stormPause.start(timers.nanos() + STORM_PAUSE_NANOS);
            } else {
                service(pin, false);
            }
        }
    }

    private void resume() {
        synchronized (chips.lock()) {
            for (int pin = 0; pin < PINS; pin++) {
                if (isLevel(pin) && isHigh(pin)) {
                    service(pin, false);
                }
            }
        }
    }

    /** True if the end of this vector matters: to a level-triggered pin, or to one whose sender waits for it. */
    boolean handles(int vector) {
        for (int pin = 0; pin < PINS; pin++) {
            if ((entries[pin] & VECTOR_MASK) == vector
                    && (isLevel(pin) || pin == RtcLine.PIN || chips.hasNotifier(GsiRouting.IOAPIC, pin))) {
                return true;
            }
        }
        return false;
    }

    void restoredLapic(Lapic lapic) {
        rtc.restored(chips.bus(), lapic, message(entries[RtcLine.PIN]));
    }

    void read(KvmIoapicState state) {
        state.baseAddress(base);
        state.ioregsel(select);
        state.id(id);
        state.irr(irr & ~delivered);
        for (int pin = 0; pin < PINS; pin++) {
            state.redirtbl(pin, entries[pin]);
        }
    }

    void write(KvmIoapicState state) {
        base = state.baseAddress();
        select = state.ioregsel() & 0xFF;
        id = state.id();
        for (int pin = 0; pin < PINS; pin++) {
            entries[pin] = state.redirtbl(pin);
        }
        irr = 0;
        delivered = 0;
        rtc.reset();
        for (int pin = 0; pin < PINS; pin++) {
            if ((state.irr() & 1 << pin) != 0) {
                setPin(pin, true, true);
            }
        }
        rtc.reset();
        for (Lapic lapic : chips.bus().lapics()) {
            restoredLapic(lapic);
        }
    }
}

package jkvm.device.platform;

import java.util.function.IntFunction;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.tables.PlatformDescription;
import jkvm.work.VmClock;

/**
 * The high precision event timer (IA-PC HPET specification 1.0a): a counter of 64 bits at 100 MHz and three timers,
 * each one-shot or periodic, with 32 or 64 bits, level or edge triggered. In legacy replacement mode the first two take
 * the interrupts of the interval timer and of the real-time clock. No interrupts as messages (FSB).
 *
 * <p>A hostile guest could ask for an interrupt at each tick: a timer interrupts every {@link #SHORTEST_NANOS} at most,
 * and periods that have passed meanwhile are left out.
 */
public final class Hpet implements Device, IoHandler {
    /** Where a PC has it. */
    public static final long ADDRESS = PlatformDescription.HPET_ADDRESS & 0xFFFF_FFFFL;
    /** Bytes of registers. */
    public static final int SIZE = PlatformDescription.HPET_SIZE;

    static final int CAPABILITIES_OFFSET = 0;
    static final int CONFIGURATION_OFFSET = 0x10;
    static final int STATUS_OFFSET = 0x20;
    static final int COUNTER_OFFSET = 0xF0;
    static final int TIMERS_OFFSET = 0x100;
    static final int TIMER_SIZE = 0x20;

    static final int ENABLE_BIT = 1;
    static final int LEGACY_BIT = 1 << 1;
    static final int TICK_NANOS = 10;
    static final int TIMERS = 3;
    static final long SHORTEST_NANOS = 20_000;

    private static final long TICK_FEMTOS = TICK_NANOS * 1_000_000L;
    private static final int TIMER_IRQ = 0;
    private static final int CLOCK_IRQ = 8;
    /** A hundred years. */
    private static final long FAR_TICKS = 100L * 365 * 24 * 3600 * 1_000_000_000 / TICK_NANOS;
    private static final int STATE_VERSION = 1;

    /** What the machine does when legacy replacement begins and ends. */
    @FunctionalInterface
    public interface LegacyListener {
        /** Called on a vCPU's thread with the device's lock held. */
        void legacyReplacement(boolean on);
    }

    private final String name;
    private final VmClock clock;
    private final LegacyListener legacy;
    private final HpetTimer[] timers = new HpetTimer[TIMERS];
    private int configuration;
    private int status;
    /** The counter while it stands, or when it began to run. */
    private long counter;
    /** Guest time at which it began to run. */
    private long start;

    /**
     * @param irq    a new input of an ISA interrupt: the interval timer's, 0, and the real-time clock's, 8
     * @param legacy switches those two devices' own interrupts off and on
     */
    public Hpet(String name, VmClock clock, IntFunction<IrqLine> irq, LegacyListener legacy) {
        this.name = name;
        this.clock = clock;
        this.legacy = legacy;
        for (int i = 0; i < TIMERS; i++) {
            // Without legacy replacement all are routed to input 2 of the IOAPIC, which is ISA 0.
            IrqLine own = irq.apply(TIMER_IRQ);
            timers[i] = new HpetTimer(this, clock, 1 << i, i == 1 ? irq.apply(CLOCK_IRQ) : own, own);
        }
    }

    @Override
    public String name() {
        return name;
    }

    boolean isEnabled() {
        return (configuration & ENABLE_BIT) != 0;
    }

    private boolean isLegacy() {
        return (configuration & LEGACY_BIT) != 0;
    }

    /** Guest time at which the counter, which runs, will have gone on by {@code ticks}; far away where that is far. */
    long timeAfter(long ticks) {
        long passed = (clock.nanoTime() - start) / TICK_NANOS;
        return start + (passed + Math.min(ticks, FAR_TICKS)) * TICK_NANOS;
    }

    long counter() {
        return isEnabled() ? counter + (clock.nanoTime() - start) / TICK_NANOS : counter;
    }

    /** Level interrupts of timers have come. */
    void setStatus(int bits) {
        status |= bits;
    }

    /** Accesses of 4 and 8 bytes at multiples of their size; any other reads zero and changes nothing. */
    @Override
    public synchronized long read(long offset, int size) {
        if (!isWhole(offset, size)) {
            return 0;
        }
        long value = register((int) offset & ~7);
        return (offset & 4) != 0 ? value >>> 32 : value;
    }

    private static boolean isWhole(long offset, int size) {
        return (size == 4 || size == 8) && (offset & size - 1) == 0;
    }

    private long register(int offset) {
        if (offset >= TIMERS_OFFSET) {
            int index = (offset - TIMERS_OFFSET) / TIMER_SIZE;
            return index < TIMERS ? timers[index].register(offset % TIMER_SIZE) : 0;
        }
        return switch (offset) {
            case CAPABILITIES_OFFSET -> TICK_FEMTOS << 32 | PlatformDescription.HPET_BLOCK_ID & 0xFFFF_FFFFL;
            case CONFIGURATION_OFFSET -> configuration;
            case STATUS_OFFSET -> status;
            case COUNTER_OFFSET -> counter();
            default -> 0;
        };
    }

    @Override
    public synchronized void write(long offset, int size, long value) {
        if (!isWhole(offset, size)) {
            return;
        }
        int shift = (offset & 4) != 0 ? 32 : 0;
        long mask = size == 8 ? -1 : 0xFFFF_FFFFL << shift;
        write((int) offset & ~7, value << shift & mask, mask);
    }

    private void write(int offset, long value, long mask) {
        if (offset >= TIMERS_OFFSET) {
            int index = (offset - TIMERS_OFFSET) / TIMER_SIZE;
            if (index < TIMERS) {
                timers[index].write(offset % TIMER_SIZE, value, mask);
            }
            return;
        }
        switch (offset) {
            case CONFIGURATION_OFFSET -> configure((int) (configuration & ~mask | value) & (ENABLE_BIT | LEGACY_BIT));
            case STATUS_OFFSET -> clearStatus((int) value & status);
            case COUNTER_OFFSET -> {
                if (!isEnabled()) {
                    counter = counter & ~mask | value;
                }
            }
            default -> { }
        }
    }

    private void configure(int value) {
        boolean starts = !isEnabled() && (value & ENABLE_BIT) != 0;
        boolean stops = isEnabled() && (value & ENABLE_BIT) == 0;
        boolean changesLegacy = ((configuration ^ value) & LEGACY_BIT) != 0;
        if (starts) {
            start = clock.nanoTime();
        }
        if (stops) {
            counter = counter();
        }
        if (changesLegacy || stops) {
            lowerAll();
        }
        configuration = value;
        if (changesLegacy) {
            legacy.legacyReplacement(isLegacy());
        }
        for (HpetTimer timer : timers) {
            timer.setLegacy(isLegacy());
            if (starts) {
                timer.arm();
            } else if (stops) {
                timer.disarm();
            }
        }
    }

    private void clearStatus(int bits) {
        status &= ~bits;
        for (int i = 0; i < TIMERS; i++) {
            if ((bits >>> i & 1) != 0) {
                timers[i].lower();
            }
        }
    }

    private void lowerAll() {
        for (HpetTimer timer : timers) {
            timer.lower();
        }
    }

    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("hpet").with(CAPABILITIES_OFFSET, "CAP").with(CONFIGURATION_OFFSET, "CFG")
                .with(STATUS_OFFSET, "ISR").with(COUNTER_OFFSET, "COUNTER").with(TIMERS_OFFSET, "TN0_CFG")
                .with(TIMERS_OFFSET + HpetTimer.COMPARATOR_OFFSET, "TN0_CMP");
    }

    @Override
    public synchronized void reset() {
        configure(0);
        status = 0;
        counter = 0;
        for (HpetTimer timer : timers) {
            timer.reset();
        }
    }

    @Override
    public synchronized void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("configuration", configuration);
        out.putInt("status", status);
        out.putLong("counter", counter());
        for (HpetTimer timer : timers) {
            timer.save(out);
        }
    }

    /** The interval timer's own state says already whether it is replaced; the listener hears of it all the same. */
    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        lowerAll();
        configuration = in.getInt("configuration", 0, ENABLE_BIT | LEGACY_BIT);
        status = in.getInt("status", 0, (1 << TIMERS) - 1);
        counter = in.getLong("counter");
        start = clock.nanoTime();
        legacy.legacyReplacement(isLegacy());
        for (int i = 0; i < TIMERS; i++) {
            timers[i].setLegacy(isLegacy());
            timers[i].load(in, (status >>> i & 1) != 0);
        }
    }
}

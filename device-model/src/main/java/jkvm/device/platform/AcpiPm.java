package jkvm.device.platform;

import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * ACPI's fixed hardware (ACPI 6.5 section 4.8): PM1a event and control registers and the power management timer, in
 * one block of twelve ports. Always in ACPI mode: SCI_EN is set and stays so. Of the sleep states S5 and S4 power the
 * machine off. S3 suspends it, with its numbers those of QEMU, until the power button, an enabled alarm of the clock or
 * a key wakes it; from any other the guest wakes at once.
 */
public final class AcpiPm implements Device, IoHandler {
    /** Ports that it decodes. */
    public static final int PORTS = 12;
    public static final int PM1_STATUS_OFFSET = 0;
    public static final int PM1_ENABLE_OFFSET = 2;
    public static final int PM1_CONTROL_OFFSET = 4;
    public static final int TIMER_OFFSET = 8;
    /** The SLP_TYP that means S5, for the DSDT's {@code \_S5}. */
    public static final int S5_SLEEP_TYPE = 0;
    static final int S3_SLEEP_TYPE = 1;
    static final int S4_SLEEP_TYPE = 2;

    static final int TIMER_BIT = 0x0001;
    static final int GLOBAL_BIT = 0x0020;
    static final int POWER_BUTTON_BIT = 0x0100;
    static final int RTC_BIT = 0x0400;
    static final int WAKE_BIT = 0x8000;
    static final int STATUS_MASK = 0x8731;
    static final int EVENT_MASK = TIMER_BIT | GLOBAL_BIT | POWER_BUTTON_BIT | RTC_BIT;

    static final int SCI_ENABLE_BIT = 0x0001;
    static final int SLEEP_TYPE_MASK = 0x1c00;
    static final int SLEEP_TYPE_SHIFT = 10;
    static final int SLEEP_ENABLE_BIT = 0x2000;
    /** Bits that read back as written; SLP_EN and GBL_RLS read 0. */
    static final int CONTROL_MASK = 0x1c02;

    static final long TIMER_HZ = 3_579_545;

    private static final long SECOND = 1_000_000_000L;
    private static final int STATE_VERSION = 2;

    private final String name;
    private final IrqLine sci;
    private final VmClock clock;
    private final MachineControl machine;
    private final int timerBits;
    private final boolean suspends;
    private final VmClock.Timer carryTimer;
    private int status;
    private int enable;
    private int control = SCI_ENABLE_BIT;
    private boolean isSuspended;
    /** The status bit that tells what has ended a suspend, 0 for nothing yet. */
    private int waker;
    /** Guest time at which the counter was 0. */
    private long timerStart;
    /** How often the counter's highest bit had changed when TMR_STS was last brought up to date. */
    private long carriesSeen;

    /**
     * @param sci        the system control interrupt, level-triggered, active high
     * @param wideTimer  whether the timer has 32 bits and not 24, as the FADT's TMR_VAL_EXT says
     * @param suspends   false for a machine without S3, whose guest wakes at once
     */
    public AcpiPm(String name, IrqLine sci, VmClock clock, MachineControl machine, boolean wideTimer,
            boolean suspends) {
        this.name = name;
        this.sci = sci;
        this.clock = clock;
        this.machine = machine;
        this.timerBits = wideTimer ? 32 : 24;
        this.suspends = suspends;
        this.carryTimer = clock.newTimer(this::carry);
    }

    /**
     * Presses the power button shortly. That wakes a machine that is suspended.
     *
     * @return whether the guest has asked to be told; if not, nothing will come of it
     */
    public synchronized boolean pressPowerButton() {
        if (isSuspended) {
            wake(POWER_BUTTON_BIT);
            return true;
        }
        status |= POWER_BUTTON_BIT;
        updateSci();
        return (enable & POWER_BUTTON_BIT) != 0;
    }

    /** The clock's interrupt has come: an alarm, where the guest wants to be woken by it. */
    public synchronized void clockInterrupt() {
        if (isSuspended && (enable & RTC_BIT) != 0) {
            wake(RTC_BIT);
        }
    }

    private void wake(int cause) {
        waker = cause;
        machine.requestWakeUp();
    }

    /** The registers as a guest finds them after S3: those of a reset, and the cause. No vCPU runs. */
    public synchronized void wakeUp() {
        int cause = waker == 0 ? POWER_BUTTON_BIT : waker;
        reset();
        status = WAKE_BIT | cause;
    }

    @Override
    public String name() {
        return name;
    }

    /** Reads within one of three double words; an access that straddles two gives all ones. */
    @Override
    public synchronized long read(long offset, int size) {
        int within = (int) offset & 3;
        if (within + size > 4) {
            return -1;
        }
        long word = switch ((int) offset & ~3) {
            case PM1_STATUS_OFFSET -> {
                updateCarry();
                yield status | enable << 16;
            }
            case PM1_CONTROL_OFFSET -> control;
            case TIMER_OFFSET -> timerTicks() & (1L << timerBits) - 1;
            default -> 0;
        };
        return word >>> 8 * within;
    }

    @Override
    public synchronized void write(long offset, int size, long value) {
        if (((int) offset & 3) + size > 4) {
            return;
        }
        updateCarry();
        for (int i = 0; i < size; i++) {
            writeByte((int) offset + i, (int) (value >>> 8 * i) & 0xff);
        }
        updateSci();
    }

    private void writeByte(int offset, int value) {
        int shift = 8 * (offset & 1);
        int mask = 0xff << shift;
        switch (offset & ~1) {
            case PM1_STATUS_OFFSET -> status &= ~(value << shift);
            case PM1_ENABLE_OFFSET -> enable = (enable & ~mask | value << shift) & EVENT_MASK;
            case PM1_CONTROL_OFFSET -> {
                control = (control & ~mask | value << shift) & CONTROL_MASK | SCI_ENABLE_BIT;
                if ((value << shift & SLEEP_ENABLE_BIT) != 0) {
                    sleep((control & SLEEP_TYPE_MASK) >> SLEEP_TYPE_SHIFT);
                }
            }
            default -> { }
        }
    }

    private void sleep(int type) {
        if (type == S5_SLEEP_TYPE) {
            machine.requestPowerOff();
        } else if (type == S4_SLEEP_TYPE) {
            machine.requestSuspendToDisk();
        } else if (type == S3_SLEEP_TYPE && suspends) {
            isSuspended = true;
            machine.requestSuspend();
        } else {
            // The guest waits for this bit after it has asked to sleep.
            status |= WAKE_BIT;
        }
    }

    private void updateSci() {
        if ((enable & TIMER_BIT) != 0 && (status & TIMER_BIT) == 0) {
            carryTimer.arm(timerStart + nanosAt(carriesSeen + 1 << timerBits - 1));
        } else {
            carryTimer.cancel();
        }
        sci.set((status & enable & EVENT_MASK) != 0);
    }

    /** TMR_STS is set whenever the counter's highest bit changes, either way. */
    private void updateCarry() {
        long carries = timerTicks() >>> timerBits - 1;
        if (carries != carriesSeen) {
            carriesSeen = carries;
            status |= TIMER_BIT;
        }
    }

    private synchronized void carry() {
        updateCarry();
        updateSci();
    }

    private long timerTicks() {
        long nanos = clock.nanoTime() - timerStart;
        return nanos / SECOND * TIMER_HZ + nanos % SECOND * TIMER_HZ / SECOND;
    }

    /** The first nanosecond at which the counter has reached {@code ticks}. */
    private static long nanosAt(long ticks) {
        return ticks / TIMER_HZ * SECOND + (ticks % TIMER_HZ * SECOND + TIMER_HZ - 1) / TIMER_HZ;
    }

    /** The timer runs on. */
    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("acpi_pm").with(PM1_STATUS_OFFSET, "PM1_STS").with(PM1_ENABLE_OFFSET, "PM1_EN")
                .with(PM1_CONTROL_OFFSET, "PM1_CNT").with(TIMER_OFFSET, "PM_TMR");
    }

    @Override
    public synchronized void reset() {
        status = 0;
        enable = 0;
        control = SCI_ENABLE_BIT;
        isSuspended = false;
        waker = 0;
        updateCarry();
        status = 0;
        updateSci();
    }

    @Override
    public synchronized void save(StateWriter out) {
        updateCarry();
        out.putVersion(STATE_VERSION);
        out.putInt("status", status);
        out.putInt("enable", enable);
        out.putInt("control", control);
        out.putBoolean("suspended", isSuspended);
        out.putLong("timerNanos", clock.nanoTime() - timerStart);
    }

    @Override
    public synchronized void load(StateReader in) {
        int version = in.getVersion(STATE_VERSION);
        status = in.getInt("status", 0, 0xffff) & STATUS_MASK;
        enable = in.getInt("enable", 0, 0xffff) & EVENT_MASK;
        control = in.getInt("control", 0, 0xffff) & CONTROL_MASK | SCI_ENABLE_BIT;
        isSuspended = version > 1 && in.getBoolean("suspended") && suspends;
        waker = 0;
        timerStart = clock.nanoTime() - (in.getLong("timerNanos") & Long.MAX_VALUE);
        carriesSeen = timerTicks() >>> timerBits - 1;
        updateSci();
        if (isSuspended) {
            machine.requestSuspend();
        }
    }
}

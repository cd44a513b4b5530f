package jkvm.device.platform;

import java.time.Instant;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.IrqLine;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/**
 * The real-time clock with its CMOS memory: an MC146818A at ports 0x70 (index) and 0x71 (data), 128 bytes. Shows
 * UTC and follows the host's clock, at the distance that the guest sets. Time and memory outlive a reset, as with a
 * battery.
 *
 * <p>Flags are worked out when the guest looks; a timer runs only for an enabled interrupt that is not pending.
 */
public final class Rtc implements Device, ByteIoHandler {
    public static final int PORT = 0x70;
    /** Ports that it decodes. */
    public static final int PORTS = 2;
    /** Why the machine was reset, in the words of the AT's BIOS: plain memory to this device. */
    public static final int SHUTDOWN_REGISTER = 0x0f;
    /** The value that QEMU leaves in it for firmware: the guest was suspended to RAM. */
    public static final int RESUME_CODE = 0xfe;

    static final int A_REGISTER = 0x0a;
    static final int B_REGISTER = 0x0b;
    static final int C_REGISTER = 0x0c;
    static final int D_REGISTER = 0x0d;
    static final int CENTURY_REGISTER = 0x32;
    /** Where a PS/2 has the century: another name of {@link #CENTURY_REGISTER}. */
    static final int PS2_CENTURY_REGISTER = 0x37;

    static final int A_UPDATE_IN_PROGRESS_BIT = 0x80;
    static final int A_DIVIDER_RESET_MASK = 0x60;
    static final int A_RATE_MASK = 0x0f;
    static final int DEFAULT_A = 0x26;
    static final int B_SET_BIT = 0x80;
    static final int B_BINARY_BIT = 0x04;
    static final int B_24_HOURS_BIT = 0x02;
    static final int DEFAULT_B = B_24_HOURS_BIT;
    /** The same bits in B enable interrupts and in C say which are due. */
    static final int PERIODIC_BIT = 0x40;
    static final int ALARM_BIT = 0x20;
    static final int UPDATE_BIT = 0x10;
    static final int INTERRUPTS_MASK = 0x70;
    static final int C_REQUEST_BIT = 0x80;
    static final int D_VALID_BIT = 0x80;
    private static final int NMI_MASK_BIT = 0x80;

    private static final int SIZE = 128;
    private static final int STATE_VERSION = 1;
    private static final long SECOND = 1_000_000_000L;
    private static final long CRYSTAL_HZ = 32_768;
    /** UIP shows this long before an update: t(BUC) of the data sheet. */
    private static final long UPDATE_NOTICE = 244_000;
    /** A change of the host's clock against guest time that is followed: larger than what reading both clocks takes. */
    private static final long HOST_JUMP = 100_000_000L;
    /** A timer for an alarm looks at the host's clock that often. */
    private static final long LONGEST_WAIT = 60 * SECOND;

    private final String name;
    private final IrqLine irq;
    private final VmClock clock;
    private final VmClock.Timer timer;
    private final byte[] cmos = new byte[SIZE];

    private int index;
    private boolean nmiMasked;
    /** The clock shows {@code baseSeconds} from guest time {@code baseNanos} on, for a second. */
    private long baseSeconds;
    private long baseNanos;
    /** Host's time of day less guest time, and when they were compared. */
    private long hostSkew;
    private long comparedAt;
    /** Up to where UF and AF, and up to where PF, are worked out. */
    private long lastSecond;
    private long lastTick;

    /**
     * @param memoryBelow4G bytes of RAM from 0 on
     * @param memoryAbove4G bytes of RAM from 4 GiB on
     */
    @SuppressWarnings("this-escape")
    public Rtc(String name, IrqLine irq, VmClock clock, long memoryBelow4G, long memoryAbove4G, int cpuCount) {
        this.name = name;
        this.irq = irq;
        this.clock = clock;
        this.timer = clock.newTimer(this::due);
        cmos[A_REGISTER] = DEFAULT_A;
        cmos[B_REGISTER] = DEFAULT_B;
        CmosLayout.describe(cmos, memoryBelow4G, memoryAbove4G, cpuCount);
        startAt(0, 0);
    }

    /** Sets a byte of the CMOS memory while no vCPU runs; for what firmware wants to find there. */
    public synchronized void putByte(int register, int value) {
        cmos[register] = (byte) value;
    }

    /** Whether the guest has set the NMI mask in port 0x70. Nothing follows from it. */
    public synchronized boolean isNmiMasked() {
        return nmiMasked;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public synchronized int readByte(int offset) {
        if (offset != 1) {
            return 0xff;
        }
        long now = clock.nanoTime();
        return switch (index) {
            case A_REGISTER -> cmos[A_REGISTER] & 0xff | (isUpdateNear(now) ? A_UPDATE_IN_PROGRESS_BIT : 0);
            case C_REGISTER -> readC(now);
            case D_REGISTER -> D_VALID_BIT;
            default -> {
                if (RtcCalendar.isTimeRegister(index)) {
                    refresh(now);
                }
                yield cmos[index] & 0xff;
            }
        };
    }

    @Override
    public synchronized void writeByte(int offset, int value) {
        if (offset == 0) {
            index = value & ~NMI_MASK_BIT;
            index = index == PS2_CENTURY_REGISTER ? CENTURY_REGISTER : index;
            nmiMasked = (value & NMI_MASK_BIT) != 0;
            return;
        }
        long now = clock.nanoTime();
        switch (index) {
            case A_REGISTER, B_REGISTER -> writeControl(now, value);
            case C_REGISTER, D_REGISTER -> { }
            default -> writeMemory(now, value);
        }
    }

    private int readC(long now) {
        catchUp(now);
        int flags = cmos[C_REGISTER] & INTERRUPTS_MASK;
        int value = flags | (isRequesting() ? C_REQUEST_BIT : 0);
        cmos[C_REGISTER] = 0;
        update(now);
        return value;
    }

    private void writeMemory(long now, int value) {
        if (RtcCalendar.isTimeRegister(index)) {
            refresh(now);
            cmos[index] = (byte) value;
            if (isRunning()) {
                takeRegisters(now, now - phase(now));
            }
        } else {
            catchUp(now);
            cmos[index] = (byte) value;
        }
        update(now);
    }

    private void writeControl(long now, int value) {
        refresh(now);
        boolean wasRunning = isRunning();
        boolean wasDividerReset = isDividerReset();
        if (index == A_REGISTER) {
            cmos[A_REGISTER] = (byte) (value & ~A_UPDATE_IN_PROGRESS_BIT);
            lastTick = ticks(now);
        } else {
            // Setting SET takes back UIE, says the data sheet.
            cmos[B_REGISTER] = (byte) ((value & B_SET_BIT) != 0 ? value & ~UPDATE_BIT : value);
        }
        if (!wasRunning && isRunning()) {
            // The divider chain starts half a second before the first update.
            takeRegisters(now, now - (wasDividerReset ? SECOND / 2 : phase(now)));
        }
        update(now);
    }

    /** The clock continues from its registers, as though that second had begun at {@code since}. */
    private void takeRegisters(long now, long since) {
        baseSeconds = RtcCalendar.decode(cmos, isBinary(), is24Hours());
        baseNanos = since;
        lastSecond = seconds(now);
    }

    /** Brings flags and, while the clock runs, the time registers up to date. */
    private void refresh(long now) {
        catchUp(now);
        if (isRunning()) {
            RtcCalendar.encode(seconds(now), cmos, isBinary(), is24Hours());
        }
    }

    private void catchUp(long now) {
        followHost(now);
        if (isRunning()) {
            long second = seconds(now);
            if (second != lastSecond) {
                cmos[C_REGISTER] |= UPDATE_BIT;
                long alarm = nextAlarm(lastSecond);
                if (alarm != RtcCalendar.NO_ALARM && alarm <= second) {
                    cmos[C_REGISTER] |= ALARM_BIT;
                }
                lastSecond = second;
            }
        }
        long tick = ticks(now);
        if (tick != lastTick) {
            cmos[C_REGISTER] |= PERIODIC_BIT;
            lastTick = tick;
        }
    }

    /** Guest time stops while the machine is paused, and the host's clock may be set: the clock follows. */
    private void followHost(long now) {
        if (now - comparedAt < SECOND) {
            return;
        }
        comparedAt = now;
        long skew = hostNanos() - now;
        if (Math.abs(skew - hostSkew) > HOST_JUMP) {
            baseNanos -= skew - hostSkew;
            hostSkew = skew;
        }
    }

    private synchronized void due() {
        long now = clock.nanoTime();
        catchUp(now);
        update(now);
    }

    /** Drives the interrupt line and arms the timer for what is to come. Flags are up to date. */
    private void update(long now) {
        irq.set(isRequesting());
        int waited = cmos[B_REGISTER] & ~cmos[C_REGISTER] & INTERRUPTS_MASK;
        long deadline = Long.MAX_VALUE;
        if ((waited & PERIODIC_BIT) != 0 && tickCycles() != 0) {
            deadline = nanosAt((lastTick + 1) * tickCycles());
        }
        if ((waited & UPDATE_BIT) != 0 && isRunning()) {
            deadline = Math.min(deadline, startOf(lastSecond + 1));
        }
        if ((waited & ALARM_BIT) != 0 && isRunning()) {
            long alarm = nextAlarm(lastSecond);
            if (alarm != RtcCalendar.NO_ALARM) {
                deadline = Math.min(deadline, Math.min(startOf(alarm), now + LONGEST_WAIT));
            }
        }
        if (deadline == Long.MAX_VALUE) {
            timer.cancel();
        } else {
            timer.arm(deadline);
        }
    }

    private long nextAlarm(long second) {
        return RtcCalendar.nextAlarm(second, cmos, isBinary(), is24Hours());
    }

    private long seconds(long now) {
        return baseSeconds + Math.floorDiv(now - baseNanos, SECOND);
    }

    private long startOf(long second) {
        return baseNanos + (second - baseSeconds) * SECOND;
    }

    /** Nanoseconds since the last update. */
    private long phase(long now) {
        return Math.floorMod(now - baseNanos, SECOND);
    }

    private boolean isUpdateNear(long now) {
        return isRunning() && phase(now) >= SECOND - UPDATE_NOTICE;
    }

    /** Crystal cycles from one periodic interrupt to the next, 0 for none. */
    private int tickCycles() {
        int rate = cmos[A_REGISTER] & A_RATE_MASK;
        if (rate == 0 || isDividerReset()) {
            return 0;
        }
        // Rates 1 and 2 are those of 8 and 9.
        return 1 << (rate < 3 ? rate + 6 : rate - 1);
    }

    private long ticks(long now) {
        int cycles = tickCycles();
        return cycles == 0 ? lastTick : (now / SECOND * CRYSTAL_HZ + now % SECOND * CRYSTAL_HZ / SECOND) / cycles;
    }

    private static long nanosAt(long cycles) {
        return cycles / CRYSTAL_HZ * SECOND + (cycles % CRYSTAL_HZ * SECOND + CRYSTAL_HZ - 1) / CRYSTAL_HZ;
    }

    private boolean isRequesting() {
        return (cmos[B_REGISTER] & cmos[C_REGISTER] & INTERRUPTS_MASK) != 0;
    }

    private boolean isRunning() {
        return (cmos[B_REGISTER] & B_SET_BIT) == 0 && !isDividerReset();
    }

    private boolean isDividerReset() {
        return (cmos[A_REGISTER] & A_DIVIDER_RESET_MASK) == A_DIVIDER_RESET_MASK;
    }

    private boolean isBinary() {
        return (cmos[B_REGISTER] & B_BINARY_BIT) != 0;
    }

    private boolean is24Hours() {
        return (cmos[B_REGISTER] & B_24_HOURS_BIT) != 0;
    }

    private long hostNanos() {
        Instant wall = clock.wallTime();
        return wall.getEpochSecond() * SECOND + wall.getNano();
    }

    /** Sets the clock to the host's time plus this. */
    private void startAt(long secondsAhead, long nanosAhead) {
        long now = clock.nanoTime();
        Instant wall = clock.wallTime();
        long nanos = wall.getNano() + nanosAhead;
        baseSeconds = wall.getEpochSecond() + secondsAhead + nanos / SECOND;
        baseNanos = now - nanos % SECOND;
        hostSkew = wall.getEpochSecond() * SECOND + wall.getNano() - now;
        comparedAt = now;
        lastSecond = baseSeconds;
        lastTick = ticks(now);
    }

    /** Interrupts are off; time, memory and rates stay. */
    @Override
    public RegisterNames registerNames() {
        return new RegisterNames("mc146818_rtc").bytes(0, "INDEX", "DATA");
    }

    @Override
    public synchronized void reset() {
        long now = clock.nanoTime();
        catchUp(now);
        index = 0;
        nmiMasked = false;
        cmos[B_REGISTER] &= (byte) ~(INTERRUPTS_MASK | 0x08);
        cmos[C_REGISTER] = 0;
        update(now);
    }

    /**
     * A running clock's time registers follow from its distance to the host's time; they are saved only as long as it
     * stands.
     */
    @Override
    public synchronized void save(StateWriter out) {
        long now = clock.nanoTime();
        catchUp(now);
        byte[] saved = cmos.clone();
        if (isRunning()) {
            RtcCalendar.clear(saved);
        }
        Instant wall = clock.wallTime();
        long nanosAhead = phase(now) - wall.getNano();
        out.putVersion(STATE_VERSION);
        out.putInt("index", index);
        out.putBoolean("nmiMasked", nmiMasked);
        out.putBytes("cmos", saved);
        out.putLong("secondsAhead", seconds(now) - wall.getEpochSecond() + Math.floorDiv(nanosAhead, SECOND));
        out.putInt("nanosAhead", (int) Math.floorMod(nanosAhead, SECOND));
    }

    /** The clock continues at the distance from the host's time that it had when it was saved. */
    @Override
    public synchronized void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        index = in.getInt("index", 0, SIZE - 1);
        nmiMasked = in.getBoolean("nmiMasked");
        byte[] saved = in.getBytes("cmos", SIZE);
        long secondsAhead = in.getLong("secondsAhead");
        int nanosAhead = in.getInt("nanosAhead", 0, (int) SECOND - 1);
        System.arraycopy(saved, 0, cmos, 0, SIZE);
        startAt(secondsAhead, nanosAhead);
        update(clock.nanoTime());
    }
}

package jkvm.soft.irqchip;

import jkvm.abi.KvmPitState2;
import jkvm.work.ExactStates;

/**
 * The interval timer of a PC (data sheet of the 8254), as KVM's: counter 0 interrupts on GSI 0, counter 2 feeds the
 * speaker's port. Counts are computed from the time since they were loaded. Public methods may be called by any thread.
 *
 * <p>Ticks that the guest has not taken in time are kept and delivered one after the other, each when the guest has
 * ended the one before, so that a guest that counts ticks keeps the time (reinjection).
 */
public final class Pit implements ExactStates.Part {
    static final long FREQUENCY = 1_193_181;
    static final int GSI = 0;
    private static final int FIRST_PORT = 0x40, PORTS = 4, CONTROL = 3, SPEAKER_PORT = 0x61;
    private static final int READ_BACK = 3, READ_BACK_NO_COUNT_BIT = 0x20, READ_BACK_NO_STATUS_BIT = 0x10;
    private static final int SPEAKER_CHANNEL = 2;
    /** The memory refresh signal toggles each 2^14 ns, about as fast as on a PC. */
    private static final int REFRESH_SHIFT = 14;
    private static final int STATE_FLAGS = KvmPitState2.HPET_LEGACY;

    private final Object lock;
    private final Timers timers;
    /** Null in a VM without them: the counters count, nothing interrupts. */
    private final IrqChips chips;
    private final boolean hasSpeakerPort;
    private final PitChannel[] channels = {new PitChannel(), new PitChannel(), new PitChannel()};
    private final Timers.Timer timer;
    private final AckNotifier notifier = this::acknowledged;
    private boolean running, periodic, speakerData;
    private long period, deadline;
    private int flags;
    private boolean reinject = true, acknowledged;
    private long pending;

    /**
     * KVM_CREATE_PIT2.
     *
     * @param chips          the VM's, or null
     * @param hasSpeakerPort port 0x61 is answered here ({@link jkvm.abi.KvmPitConfig#SPEAKER_DUMMY})
     */
    public Pit(Timers timers, IrqChips chips, boolean hasSpeakerPort) {
        this.timers = timers;
        this.chips = chips;
        this.hasSpeakerPort = hasSpeakerPort;
        this.lock = chips == null ? new Object() : chips.lock();
        this.timer = timers.timer(this::expired);
        timers.saveExactly("pit", this);
        synchronized (lock) {
            if (chips != null) {
                chips.attach(this);
                chips.addNotifier(GSI, notifier);
            }
            for (int i = 0; i < channels.length; i++) {
                channels[i].reset(i != SPEAKER_CHANNEL);
                load(i, 0);
            }
        }
    }

    /** True if the whole access lies on this chip's ports. */
    public boolean handlesPort(int port, int size) {
        return port >= FIRST_PORT && port + size <= FIRST_PORT + PORTS
                || hasSpeakerPort && port == SPEAKER_PORT && size == 1;
    }

    /**
     * A port read that {@link #handlesPort} says is this chip's.
     *
     * @param unchanged what the register that is to take the value has now: a read of the control port leaves it
     */
    public int readPort(int port, int size, int unchanged) {
        synchronized (lock) {
            if (port == SPEAKER_PORT) {
                return readSpeaker();
            }
            int channel = port - FIRST_PORT;
            return channel == CONTROL ? unchanged : channels[channel].read(elapsed(channel));
        }
    }

    /** A port write that {@link #handlesPort} says is this chip's. Only the lowest byte matters. */
    public void writePort(int port, int size, int value) {
        synchronized (lock) {
            int data = value & 0xFF;
            int channel = port - FIRST_PORT;
            if (port == SPEAKER_PORT) {
                speakerData = (data & 2) != 0;
                setGate(data & 1);
            } else if (channel == CONTROL) {
                writeControl(data);
            } else {
                int count = channels[channel].write(data);
                if (count >= 0) {
                    load(channel, count);
                }
            }
        }
    }

    private void writeControl(int value) {
        int selected = value >> 6;
        if (selected != READ_BACK) {
            channels[selected].control(value, elapsed(selected));
            return;
        }
        for (int i = 0; i < channels.length; i++) {
            if ((value & 2 << i) != 0) {
                if ((value & READ_BACK_NO_COUNT_BIT) == 0) {
                    channels[i].latchCount(elapsed(i));
                }
                if ((value & READ_BACK_NO_STATUS_BIT) == 0) {
                    channels[i].latchStatus(elapsed(i));
                }
            }
        }
    }

    private int readSpeaker() {
        PitChannel channel = channels[SPEAKER_CHANNEL];
        int refresh = (int) (timers.nanos() >> REFRESH_SHIFT) & 1;
        int output = channel.output(elapsed(SPEAKER_CHANNEL)) ? 1 : 0;
        return output << 5 | refresh << 4 | (speakerData ? 2 : 0) | channel.gate;
    }

    /** A rising edge of the gate starts the count again in the modes that have it so. */
    private void setGate(int value) {
        PitChannel channel = channels[SPEAKER_CHANNEL];
        boolean restarts = switch (channel.mode) {
            case 1, 2, 3, 5 -> true;
            default -> false;
        };
        if (restarts && channel.gate < value) {
            channel.loadTime = timers.nanos();
        }
        channel.gate = value;
    }

    private long elapsed(int channel) {
        long now = timers.nanos();
        if (channel != 0) {
            return Math.max(0, now - channels[channel].loadTime);
        }
        return period == 0 ? 0 : Math.max(0, period - (deadline - now));
    }

    private void load(int index, long count) {
        PitChannel channel = channels[index];
        channel.setCount(count);
        if (index != 0) {
            channel.loadTime = timers.nanos();
            return;
        }
        switch (channel.mode) {
            case 0, 1, 4 -> start(channel.count, false);
            case 2, 3 -> start(channel.count, true);
            default -> stop();
        }
    }

    private void start(long count, boolean isPeriodic) {
        if (chips == null || chips.isSplit() || (flags & KvmPitState2.HPET_LEGACY) != 0) {
            return;
        }
        stop();
        long interval = PitChannel.nanos(count);
        period = isPeriodic ? Math.max(interval, LapicTimer.SHORTEST_PERIOD_NANOS) : interval;
        periodic = isPeriodic;
        resetReinjection();
        running = true;
        deadline = timers.nanos() + interval;
        timer.start(deadline);
    }

    private void stop() {
        running = false;
        timer.stop();
    }

    private void resetReinjection() {
        pending = 0;
        acknowledged = true;
    }

    private void expired() {
        synchronized (lock) {
            long now = timers.nanos();
            if (!running || now < deadline) {
                return;
            }
            long passed = 1;
            if (periodic) {
                passed = 1 + (now - deadline) / period;
                deadline += passed * period;
                timer.start(deadline);
            } else {
                running = false;
            }
            if (reinject) {
                pending += passed;
            }
            interrupt();
        }
    }

    private void interrupt() {
        if (reinject) {
            if (!acknowledged) {
                return;
            }
            acknowledged = false;
        }
        chips.pulse(GSI, IrqChips.PIT_SOURCE);
        deliverWatchdog();
    }

    /** Where an APIC passes LINT0 on as an NMI, the timer's ticks reach all APICs' LINT0: a watchdog of the guest's. */
    private void deliverWatchdog() {
        Lapic[] lapics = chips.bus().lapics();
        for (Lapic lapic : lapics) {
            if (lapic.isLint0Nmi()) {
                for (Lapic each : lapics) {
                    each.deliverLocal(ApicRegister.LVT_LINT0);
                }
                return;
            }
        }
    }

    /** Sends the next tick that waits, after the guest has ended the interrupt of the one before. */
    private void acknowledged() {
        if (!reinject) {
            return;
        }
        acknowledged = true;
        if (pending > 0 && --pending > 0) {
            interrupt();
        }
    }

    void maskChanged(boolean masked) {
        if (reinject && !masked) {
            acknowledged = true;
        }
    }

    /** KVM_REINJECT_CONTROL. */
    public void setReinject(boolean value) {
        synchronized (lock) {
            if (reinject != value) {
                reinject = value;
                resetReinjection();
            }
        }
    }

    @Override
    public long[] exact() {
        synchronized (lock) {
            return new long[] {running ? 1 : 0, periodic ? 1 : 0, period, deadline, acknowledged ? 1 : 0, pending,
                channels[0].loadTime, channels[1].loadTime, channels[2].loadTime};
        }
    }

    @Override
    public void exact(long[] numbers) {
        synchronized (lock) {
            stop();
            running = numbers[0] != 0 && chips != null;
            periodic = numbers[1] != 0;
            period = Math.max(numbers[2], periodic ? LapicTimer.SHORTEST_PERIOD_NANOS : 0);
            deadline = numbers[3];
            acknowledged = numbers[4] != 0;
            pending = Math.max(0, numbers[5]);
            for (int i = 0; i < channels.length; i++) {
                channels[i].loadTime = numbers[6 + i];
            }
            if (running) {
                timer.start(deadline);
            }
        }
    }

    /** KVM_GET_PIT2. */
    public void read(KvmPitState2 state) {
        synchronized (lock) {
            state.segment().fill((byte) 0);
            for (int i = 0; i < channels.length; i++) {
                channels[i].read(state.channel(i));
            }
            state.flags(flags | (speakerData ? KvmPitState2.SPEAKER_DATA_ON : 0));
        }
    }

    /** KVM_SET_PIT2: the counters begin anew with the counts of the state. */
    public void write(KvmPitState2 state) {
        synchronized (lock) {
            int before = flags;
            flags = state.flags() & STATE_FLAGS;
            speakerData = (state.flags() & KvmPitState2.SPEAKER_DATA_ON) != 0;
            for (int i = 0; i < channels.length; i++) {
                channels[i].write(state.channel(i));
            }
            boolean hpetTakesOver = before == 0 && flags != 0;
            for (int i = 0; i < channels.length; i++) {
                if (i == 0 && hpetTakesOver) {
                    channels[0].setCount(channels[0].count);
                    stop();
                } else {
                    load(i, channels[i].count);
                }
            }
        }
    }
}

package jkvm.machine.board;

import jkvm.abi.KvmPitChannelState;
import jkvm.abi.KvmPitState2;
import jkvm.vm.VmInterrupts;

/**
 * The interval timer as a guest finds it: all counters count from 65536, as in QEMU. KVM's own, just created, stand
 * still until the guest has programmed them, and a kernel that waits for the timer of a PC's firmware waits for ever.
 */
public final class PitPowerOn {
    private static final int CHANNELS = 3;
    private static final int RATE_GENERATOR = 2;
    private static final int SQUARE_WAVE = 3;
    private static final int LOW_THEN_HIGH = 3;

    private PitPowerOn() {
    }

    /** @param firmware whether firmware runs, which programs channel 0 itself; else it is as SeaBIOS leaves it */
    public static void apply(VmInterrupts interrupts, boolean firmware) {
        KvmPitState2 pit = interrupts.pit2();
        for (int i = 0; i < CHANNELS; i++) {
            pit.channel(i).mode(SQUARE_WAVE);
        }
        if (!firmware) {
            KvmPitChannelState ticks = pit.channel(0);
            ticks.mode(RATE_GENERATOR);
            ticks.rwMode(LOW_THEN_HIGH);
            ticks.readState(LOW_THEN_HIGH);
            ticks.writeState(LOW_THEN_HIGH);
        }
        interrupts.pit2(pit);
    }
}

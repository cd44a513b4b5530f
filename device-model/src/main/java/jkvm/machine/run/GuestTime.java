package jkvm.machine.run;

import java.util.List;
import java.util.concurrent.TimeUnit;
import jkvm.abi.KvmClockData;
import jkvm.abi.KvmPitState2;
import jkvm.linux.Errno;
import jkvm.linux.LinuxException;
import jkvm.vm.TscOffset;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;

/**
 * The time that a guest reads from KVM: kvmclock, the time stamp counters and the interval timer. It stops with the
 * machine, so that the guest sees no jump after a pause. The counters stop where KVM lets their offsets be set (Linux
 * 5.16), which are in ticks of the host's counter as jkvm leaves the frequency alone; elsewhere they continue, as under
 * QEMU. A local APIC's timer continues: an interrupt that is due during the pause waits for the vCPU.
 *
 * <p>For the machine's thread while no vCPU runs.
 */
public final class GuestTime {
    /** The interval timer counts at most so long. After a longer pause, interrupts that it owes would come in a row. */
    private static final long MAX_PIT_PERIOD_NANOS = TimeUnit.MILLISECONDS.toNanos(55);

    private final Vm vm;
    private final List<Vcpu> vcpus;
    private KvmClockData stoppedAt;
    private final boolean hasPit;
    private KvmPitState2 pit;

    /**
     * The clocks of a VM and its vCPUs.
     *
     * @param hasPit true if the VM has an interval timer
     */
    public GuestTime(Vm vm, List<Vcpu> vcpus, boolean hasPit) {
        this.hasPit = hasPit;
        this.vm = vm;
        this.vcpus = vcpus;
    }

    /** Notes the time; the vCPUs have stopped. */
    public void pause() {
        stoppedAt = vm.clock();
        pit = hasPit ? vm.interrupts().pit2() : null;
    }

    /** Puts the clocks back to where {@link #pause()} found them; the vCPUs go on next. */
    public void resume() {
        KvmClockData now = vm.clock();
        KvmClockData clock = new KvmClockData();
        clock.clock(stoppedAt.clock());
        vm.clock(clock);
        if ((stoppedAt.flags() & now.flags() & KvmClockData.HOST_TSC) != 0) {
            moveCounters(stoppedAt.hostTsc() - now.hostTsc());
        }
        if (hasPit && now.clock() - stoppedAt.clock() > MAX_PIT_PERIOD_NANOS) {
            vm.interrupts().pit2(pit);
        }
        vcpus.forEach(GuestTime::tellPause);
    }

    /** Moves all counters by the same amount, which keeps those of several vCPUs equal. */
    private void moveCounters(long ticks) {
        for (Vcpu vcpu : vcpus) {
            if (TscOffset.isSettable(vcpu)) {
                TscOffset.set(vcpu, TscOffset.of(vcpu) + ticks);
            }
        }
    }

    /** So that a guest's watchdog does not take the pause for a hang. */
    private static void tellPause(Vcpu vcpu) {
        try {
            vcpu.markClockPaused();
        } catch (LinuxException e) {
            if (e.errno() != Errno.EINVAL) {
                throw e;
            }
            // This guest does not use kvmclock.
        }
    }
}

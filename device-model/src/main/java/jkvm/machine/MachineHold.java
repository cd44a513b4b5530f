package jkvm.machine;

import java.util.List;
import jkvm.machine.board.MachineClock;
import jkvm.machine.run.GuestTime;
import jkvm.vm.VcpuThread;
import jkvm.work.Workers;

/** Stops all of a machine and lets it resume. For the machine's thread. */
final class MachineHold {
    private final List<VcpuThread> threads;
    private final Workers workers;
    private final MachineClock clock;
    /** Null where time is counted in instructions: it stops whenever the vCPU does. */
    private final GuestTime guestTime;
    private volatile boolean held;

    MachineHold(List<VcpuThread> threads, Workers workers, MachineClock clock, GuestTime guestTime) {
        this.threads = threads;
        this.workers = workers;
        this.clock = clock;
        this.guestTime = guestTime;
    }

    /** True between {@link #begin()} and {@link #end()}. */
    boolean isHeld() {
        return held;
    }

    /** Stops the vCPUs alone, until the machine has acted on its request. */
    void stopVcpus() {
        threads.forEach(VcpuThread::requestPause);
        threads.forEach(VcpuThread::pause);
    }

    /** Stops the vCPUs first, whose current access may wait for a worker, then workers, then clocks. */
    void begin() {
        held = true;
        stopVcpus();
        workers.pause();
        clock.pause();
        if (guestTime != null) {
            guestTime.pause();
        }
    }

    /** Lets clocks and workers resume; the vCPUs follow after the machine acted on its request. */
    void end() {
        if (guestTime != null) {
            guestTime.resume();
        }
        clock.resume();
        workers.resume();
        held = false;
    }

    /** Runs a task while the machine is held. A machine that ran resumes afterwards. */
    void during(Runnable task) {
        boolean before = held;
        if (!before) {
            begin();
        }
        try {
            task.run();
        } finally {
            if (!before) {
                end();
            }
        }
    }

    /** As {@link #during}, on the thread of the only vCPU, which stands outside KVM_RUN: no other thread can hold. */
    void duringOnVcpu(Runnable task) {
        workers.pause();
        clock.pause();
        if (guestTime != null) {
            guestTime.pause();
        }
        try {
            task.run();
            clocksLoaded();
        } finally {
            if (guestTime != null) {
                guestTime.resume();
            }
            clock.resume();
            workers.resume();
        }
    }

    /** Makes the guest's clocks continue from where they are now, after a state was loaded. The machine is held. */
    void clocksLoaded() {
        if (guestTime != null) {
            guestTime.pause();
        }
    }
}

package jkvm.control.gdb;

import jkvm.machine.Machine;
import jkvm.vm.Vcpu;
import jkvm.work.Threads;

/**
 * The stops of a machine as the vCPUs' threads and the machine's tell them, for the debugger's worker. The monitor
 * guards all.
 */
final class DebugStops implements ReverseRun.Runner {
    private final Machine machine;
    private Vcpu vcpu;
    private long conditions;
    private boolean isStopped;
    private boolean isAbandoned;

    DebugStops(Machine machine) {
        this.machine = machine;
    }

    /** A vCPU has a debug exit; of several the first counts. */
    synchronized void exit(Vcpu with, long met) {
        if (vcpu == null) {
            vcpu = with;
            conditions = met;
        }
    }

    /** The machine stands. */
    synchronized void stopped() {
        isStopped = true;
        notifyAll();
    }

    /** Ends a wait of the worker. */
    synchronized void abandon() {
        isAbandoned = true;
        notifyAll();
    }

    /** @return true if the machine has stopped since the last call */
    synchronized boolean take() {
        boolean stopped = isStopped;
        isStopped = false;
        return stopped;
    }

    /** The debug exit since the last call. */
    synchronized ReverseRun.Stop takeExit() {
        ReverseRun.Stop stop = new ReverseRun.Stop(vcpu, vcpu == null ? 0 : conditions);
        vcpu = null;
        return stop;
    }

    /** The worker begins to lead the machine. */
    synchronized void begin() {
        isAbandoned = false;
        isStopped = false;
        vcpu = null;
    }

    @Override
    public ReverseRun.Stop run() throws ReverseRun.Abandoned {
        take();
        if (machine.resume().handle((_, e) -> e).join() != null) {
            throw new ReverseRun.Abandoned();
        }
        return await();
    }

    @Override
    public synchronized ReverseRun.Stop await() throws ReverseRun.Abandoned {
        Threads.waitWhile(this, () -> !isStopped && !isAbandoned);
        if (isAbandoned) {
            throw new ReverseRun.Abandoned();
        }
        isStopped = false;
        return takeExit();
    }
}

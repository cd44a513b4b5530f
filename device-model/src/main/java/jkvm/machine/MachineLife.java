package jkvm.machine;

import jkvm.machine.config.EndConfig;

/**
 * The states that a machine goes through, and the events that its listeners hear. For the machine's thread, but for
 * {@link #state()}. A method that answers a {@link MachineExit} says how the machine ended, null if it goes on.
 */
final class MachineLife {
    private final EndConfig config;
    private final MachineHold hold;
    private final MachineListeners listeners;
    private final PowerOnState powerOn;
    /** Written by the machine's thread. */
    private volatile MachineState state = MachineState.CREATED;
    /** Why a paused machine stands. Written by the machine's thread. */
    private volatile RunState pausedAs = RunState.PRELAUNCH;
    /** Makes disks that another machine has used this one's again. */
    private final Runnable takeDisks;
    /** A machine that waits for another one's state runs when that has come. */
    private boolean runsOnArrival = true;
    private ShutdownCause endCause;
    /** Pages of RAM are for ever with another machine. */
    private boolean lacksPages;

    MachineLife(EndConfig config, MachineHold hold, MachineListeners listeners, PowerOnState powerOn,
            Runnable takeDisks) {
        this.config = config;
        this.hold = hold;
        this.listeners = listeners;
        this.powerOn = powerOn;
        this.takeDisks = takeDisks;
    }

    /** The state at this moment. Any thread may ask. */
    MachineState state() {
        return state;
    }

    /** The state as QEMU names it. Any thread may ask. */
    RunState runState() {
        return switch (state) {
            case CREATED, PAUSED -> pausedAs;
            case RUNNING -> RunState.RUNNING;
            case SUSPENDED -> RunState.SUSPENDED;
            case SHUT_DOWN -> RunState.SHUTDOWN;
            case FAILED -> RunState.INTERNAL_ERROR;
        };
    }

    boolean isRunning() {
        return state == MachineState.RUNNING;
    }

    private void become(MachineState next) {
        if (!state.mayBecome(next)) {
            throw new IllegalStateException("a machine that is " + state + " does not become " + next);
        }
        MachineState before = state;
        state = next;
        listeners.tellChange(before, next);
    }

    /** The machine runs now, unless it was paused before. */
    void start() {
        if (state == MachineState.CREATED) {
            become(MachineState.RUNNING);
        }
    }

    /**
     * Stops the machine if it runs; one that is suspended stays so.
     *
     * @param reason why, as QEMU names it
     */
    void pause(RunState reason) {
        runsOnArrival &= pausedAs != RunState.INMIGRATE;
        if (!hold.isHeld() && state != MachineState.SUSPENDED) {
            stop(reason);
        }
    }

    private void stop(RunState reason) {
        hold.begin();
        pausedAs = state == MachineState.CREATED ? RunState.PRELAUNCH : reason;
        become(MachineState.PAUSED);
        listeners.tell(MachineEvent.Type.STOP, null);
    }

    /** Runs a task while the machine stands; one that ran resumes afterwards, and listeners hear of both. */
    void during(RunState reason, Runnable task) {
        if (!isRunning()) {
            hold.during(task);
            return;
        }
        pause(reason);
        try {
            task.run();
        } finally {
            resume();
        }
    }

    /** Lets a paused machine run. */
    void resume() {
        requireGuest();
        requireSettled();
        runsOnArrival |= pausedAs == RunState.INMIGRATE;
        if (state == MachineState.PAUSED && pausedAs != RunState.INMIGRATE) {
            takeDisks.run();
            letRun();
        }
    }

    private void letRun() {
        become(MachineState.RUNNING);
        pausedAs = RunState.PAUSED;
        hold.end();
        listeners.tell(MachineEvent.Type.RESUME, null);
    }

    /** The rest of the machine's RAM does not come any more: it stands from now on. */
    void lacksPages() {
        lacksPages = true;
        pause(RunState.PAUSED);
    }

    private void requireSettled() {
        if (lacksPages) {
            throw new IllegalStateException("the guest lacks pages of its memory, which have not come from the other"
                    + " machine");
        }
        if (pausedAs == RunState.FINISH_MIGRATE) {
            throw new IllegalStateException("Migration is not finalized yet");
        }
    }

    /** Before the machine has run: it waits for the state of another one, and runs from there. Any thread. */
    void expectArrival() {
        pausedAs = RunState.INMIGRATE;
    }

    /** As it was told by {@link #expectArrival()}. */
    void awaitArrival() {
        hold.begin();
        become(MachineState.PAUSED);
    }

    /** The state has come: the machine runs, unless it is to stand. */
    void arrived(RunState as) {
        if (as == RunState.RUNNING && runsOnArrival) {
            letRun();
        } else {
            // One that is suspended says so by its registers, as soon as this is done.
            pausedAs = as == RunState.RUNNING || as == RunState.SUSPENDED ? RunState.PAUSED : as;
        }
    }

    /**
     * Stops the machine for its switch to another one.
     *
     * @return the state before
     */
    RunState stopToLeave() {
        requireGuest();
        RunState before = state == MachineState.CREATED ? RunState.RUNNING : runState();
        if (!hold.isHeld()) {
            stop(RunState.FINISH_MIGRATE);
        }
        pausedAs = RunState.FINISH_MIGRATE;
        return before;
    }

    /** The switch has failed: the machine is as before. */
    void stayed(RunState before) {
        if (before == RunState.RUNNING) {
            letRun();
        } else if (before == RunState.SUSPENDED) {
            pausedAs = RunState.PAUSED;
            hold.end();
            become(MachineState.SUSPENDED);
        } else {
            pausedAs = before;
        }
    }

    /** Another machine has this one's state, and goes on. */
    void left() {
        pausedAs = RunState.POSTMIGRATE;
    }

    /** @throws IllegalStateException if the guest has ended, and {@code -no-shutdown} keeps the machine */
    void requireGuest() {
        if (state == MachineState.SHUT_DOWN) {
            throw new IllegalStateException("the guest has shut down; reset the machine first");
        }
    }

    /** Acts on a request of the guest or the wish to quit. */
    MachineExit act(MachineRequest request) {
        // Before the switch over types: linking that takes as long as the guest that ends so ran.
        if (request instanceof MachineRequest.Exit exit) {
            return end(new MachineExit(exit.status(), ""), ShutdownCause.GUEST_SHUTDOWN);
        }
        return switch (request) {
            case MachineRequest.Reset _ -> reset(ShutdownCause.GUEST_RESET);
            case MachineRequest.TripleFault fault -> tripleFault(fault.report());
            case MachineRequest.PowerOff powerOff -> powerOff(powerOff);
            case MachineRequest.Suspend _ -> suspend();
            case MachineRequest.Quit quit -> end(MachineExit.SUCCESS, quit.cause());
            case MachineRequest.Failure failure -> fail(failure);
            case MachineRequest.Exit _, MachineRequest.Command _ ->
                    throw new IllegalStateException("acted on elsewhere");
        };
    }

    private MachineExit powerOff(MachineRequest.PowerOff request) {
        if (request.isOnDisk()) {
            listeners.tell(MachineEvent.Type.SUSPEND_DISK, null);
        }
        return powerOff(ShutdownCause.GUEST_SHUTDOWN);
    }

    /** Stops the vCPUs until {@link #wakeUp()}; alarms and keys go on. */
    private MachineExit suspend() {
        if (hold.isHeld()) {
            hold.end();
        }
        hold.stopVcpus();
        powerOn.suspend();
        if (state != MachineState.SUSPENDED) {
            become(MachineState.SUSPENDED);
        }
        listeners.tell(MachineEvent.Type.SUSPEND, null);
        return null;
    }

    /** Lets a guest that is suspended go on. */
    void wakeUp() {
        if (state == MachineState.SUSPENDED && !lacksPages) {
            takeDisks.run();
            powerOn.wakeUp();
            become(MachineState.RUNNING);
            listeners.tell(MachineEvent.Type.WAKEUP, null);
        }
    }

    /** Resets the machine, which ends instead under {@code -no-reboot}. */
    MachineExit reset(ShutdownCause cause) {
        requireSettled();
        if (pausedAs == RunState.INMIGRATE) {
            throw new IllegalStateException("the machine waits for the state of another one");
        }
        return config.noReboot() ? powerOff(cause) : restart(cause);
    }

    private MachineExit tripleFault(String report) {
        if (config.noReboot() && !config.noShutdown()) {
            return end(new MachineExit(0, report), ShutdownCause.GUEST_RESET);
        }
        if (!report.isEmpty()) {
            String next = config.noReboot() ? "the machine stands still"
                    : "the machine resets, and will do so at further triple faults without a report; "
                    + "-no-reboot ends it instead";
            System.getLogger("jkvm.machine").log(System.Logger.Level.WARNING, report + "then: " + next);
        }
        return reset(ShutdownCause.GUEST_RESET);
    }

    private MachineExit fail(MachineRequest.Failure failure) {
        if (failure.isPanic()) {
            listeners.tell(MachineEvent.Type.GUEST_PANICKED, null);
        }
        return end(new MachineExit(1, failure.report()),
                failure.isPanic() ? ShutdownCause.GUEST_PANIC : ShutdownCause.HOST_ERROR);
    }

    private MachineExit end(MachineExit exit, ShutdownCause cause) {
        endCause = cause;
        return exit;
    }

    /** Under {@code -no-shutdown} the machine stays stopped until it is reset or the user ends it. */
    private MachineExit powerOff(ShutdownCause cause) {
        if (!config.noShutdown()) {
            return end(MachineExit.SUCCESS, cause);
        }
        boolean ran = !hold.isHeld();
        if (ran) {
            hold.begin();
        }
        shutDown(cause);
        if (ran) {
            listeners.tell(MachineEvent.Type.STOP, null);
        }
        return null;
    }

    /** The machine has ended as the last exit says, and all vCPUs have stopped. */
    void shutDown() {
        shutDown(endCause);
    }

    private void shutDown(ShutdownCause cause) {
        boolean failed = cause == ShutdownCause.HOST_ERROR || cause == ShutdownCause.GUEST_PANIC;
        MachineState end = failed ? MachineState.FAILED : MachineState.SHUT_DOWN;
        if (state != end) {
            become(end);
        }
        listeners.tell(MachineEvent.Type.SHUTDOWN, cause);
    }

    /** Resets the machine; if it was stopped, it is paused. */
    private MachineExit restart(ShutdownCause cause) {
        boolean stood = hold.isHeld() || state == MachineState.SUSPENDED;
        if (hold.isHeld()) {
            // A device's reset may wait for a worker.
            hold.end();
        }
        powerOn.restore();
        if (stood) {
            hold.begin();
            pausedAs = RunState.PRELAUNCH;
        }
        if (state == MachineState.SHUT_DOWN || state == MachineState.SUSPENDED) {
            become(MachineState.PAUSED);
        }
        listeners.tell(MachineEvent.Type.RESET, cause);
        return null;
    }
}

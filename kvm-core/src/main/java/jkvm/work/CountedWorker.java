package jkvm.work;

/** Runs its work at moments of the clock. Its methods are called on the vCPU's thread, or while the vCPU is paused. */
final class CountedWorker implements Worker {
    static final long IDLE = -1;

    private final MachineWorkers owner;
    private final InstructionClock clock;
    private final String name;
    private final Runnable work;
    private final InstructionClock.Timer timer;
    private boolean pending;
    private long deadline;
    /** True if the work was due during a pause. */
    private boolean missed;
    private boolean closed;
    private int pauses;
    private boolean defectLogged;

    CountedWorker(MachineWorkers owner, InstructionClock clock, String name, Runnable work) {
        this.owner = owner;
        this.clock = clock;
        this.name = name;
        this.work = work;
        this.timer = clock.timer(this::due);
        wake();
    }

    private void due() {
        if (pauses > 0) {
            missed = true;
            return;
        }
        pending = false;
        try {
            work.run();
        } catch (RuntimeException | Error e) {
            if (!defectLogged) {
                defectLogged = true;
                MachineWorkers.logDefect(name, e);
            }
        }
    }

    @Override
    public void wake() {
        if (!pending && !closed) {
            pending = true;
            deadline = clock.nanos() + InstructionClock.WORK_NANOS;
            timer.arm(deadline);
        }
    }

    String name() {
        return name;
    }

    /** When the next round is due, for a saved state; {@link #IDLE} if none is. */
    long deadline() {
        return pending ? deadline : IDLE;
    }

    /** A round is due then and at no other moment, or none is. */
    void deadline(long saved) {
        pending = saved != IDLE;
        missed = false;
        deadline = saved;
        if (pending) {
            timer.arm(saved);
        } else {
            timer.cancel();
        }
    }

    /** Rounds run on the calling thread only: none is in progress but the caller's own. */
    @Override
    public void pause() {
        pauses++;
    }

    @Override
    public void resume() {
        if (pauses == 0) {
            throw new IllegalStateException(name + " is not paused");
        }
        pauses--;
        if (pauses == 0 && missed) {
            missed = false;
            pending = false;
            wake();
        }
    }

    @Override
    public void close() {
        closed = true;
        timer.close();
        owner.remove(this);
    }
}

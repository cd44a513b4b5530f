package jkvm.work;

/** Does its work at moments of the clock. Its methods are called on the vCPU's thread, or while the vCPU is paused. */
final class CountedWorker implements Worker {
    private final InstructionClock clock;
    private final InstructionClock.Timer timer;
    private boolean pending;
    private boolean closed;

    CountedWorker(InstructionClock clock, Runnable work) {
        this.clock = clock;
        this.timer = clock.timer(() -> {
            pending = false;
            work.run();
        });
        wake();
    }

    @Override
    public void wake() {
        if (!pending && !closed) {
            pending = true;
            timer.arm(clock.nanos() + InstructionClock.WORK_NANOS);
        }
    }

    @Override
    public void close() {
        closed = true;
        timer.close();
    }
}

package jkvm.machine;

import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmRun;
import jkvm.machine.run.VcpuObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuLoop;
import jkvm.work.InstructionClock;
import jkvm.work.Worker;
import jkvm.work.Workers;

/**
 * Runs thousands of short experiments a second on one guest. The guest starts as always, and tells by a write to a port
 * that it is ready: this moment becomes the {@link ResetPoint}. From there each experiment gets its input in guest
 * memory, runs to an end, and is taken back to the point, all on the vCPU's own thread.
 *
 * <p>An experiment ends by the next write to the port, by a triple fault, by HLT with interrupts off, after so many
 * instructions, or after some time. A guest that resets its machine starts anew and ends the experiment when it is
 * ready; one that powers the machine off ends the series.
 *
 * {@snippet :
 * MachineConfig config = MachineConfig.builder().memory(2 << 20).kernel(image).build();
 * Experiments experiments = new Experiments(0xf4, new Experiments.Experiment() {
 *     public boolean begin(Machine machine, long number) {
 *         machine.memory().writeInt(INPUT, (int) number);
 *         return number < 1000;                          // then the machine ends
 *     }
 *
 *     public void ended(Machine machine, Experiments.End end, int value) {
 *         System.out.println(end + " " + machine.memory().readInt(OUTPUT));
 *     }
 * });
 * try (Machine machine = new MachineBuilder(config, kvm, open).observer(experiments).build()) {
 *     experiments.run(machine);
 * }
 * }
 *
 * <p>For one machine with one vCPU. HLT is noticed within some milliseconds, as KVM does not tell of it.
 */
public final class Experiments implements VcpuObserver {
    /** The cause of an experiment's end. */
    public enum End {
        /** A write to the port. */
        PORT,
        /** A triple fault. */
        TRIPLE_FAULT,
        /** HLT with interrupts off. */
        HALT,
        /** It has executed as many instructions as it may. */
        INSTRUCTIONS,
        /** It has run as long as it may. */
        TIMEOUT
    }

    /** The experiments of a series. Both methods are called on the vCPU's thread, while the whole machine is paused. */
    public interface Experiment {
        /**
         * The machine is at the point: puts the next input there.
         *
         * @param number of the experiment, from 0 on
         * @return false to end the machine
         */
        boolean begin(Machine machine, long number);

        /**
         * An experiment is over; memory is as the guest left it. The machine returns to the point next.
         *
         * @param value the guest has written to the port, 0 at other ends
         */
        void ended(Machine machine, End end, int value);
    }

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    private static final long INTERRUPT_FLAG = 1 << 9;

    private final int port;
    private final Experiment experiment;
    private long timeoutNanos = TimeUnit.SECONDS.toNanos(1);
    private long instructions = Long.MAX_VALUE;
    private Machine machine;
    private InstructionClock clock;
    private Vcpu vcpu;
    /** Null before the guest is ready. All below is the vCPU thread's, but for what is volatile. */
    private ResetPoint point;
    private long number;
    private volatile long started;
    /** An experiment is in progress. */
    private volatile boolean running;
    private boolean usedUp;

    /**
     * A series.
     *
     * @param port to which the guest writes when it is ready, and at the end of each experiment
     */
    public Experiments(int port, Experiment experiment) {
        this.port = port;
        this.experiment = Objects.requireNonNull(experiment);
    }

    /** Ends an experiment after this time of the host; a second unless set. */
    public Experiments timeout(Duration time) {
        timeoutNanos = time.toNanos();
        return this;
    }

    /** Ends an experiment after so many instructions exactly. Only where time is counted in instructions. */
    public Experiments instructions(long most) {
        instructions = most;
        return this;
    }

    /**
     * Runs the machine, on the calling thread as {@link Machine#run()}, until an experiment does not begin or the
     * machine ends otherwise.
     *
     * @param made built with this as its {@linkplain MachineBuilder#observer observer}
     * @throws IllegalStateException if the machine has more than one vCPU, or was built without this
     */
    public MachineExit run(Machine made) {
        if (vcpu == null || made.config().platform().cpus() != 1) {
            throw new IllegalStateException("experiments need a machine with one vCPU that was built for them");
        }
        machine = made;
        clock = made.instructionClock();
        if (instructions != Long.MAX_VALUE && clock == null) {
            throw new IllegalStateException("instructions are limited where time is counted in them only");
        }
        try (Workers own = Workers.onThreads()) {
            Worker watch = own.waiting("jkvm-experiments", this::tick, () -> { });
            MachineExit exit = machine.run();
            running = false;
            watch.close();
            return exit;
        }
    }

    /** How many experiments have ended. After {@link #run}. */
    public long count() {
        return number;
    }

    @Override
    public ExitHandler observe(Vcpu observed, ExitHandler handler) {
        vcpu = observed;
        return new ExitHandler() {
            @Override
            public boolean handle(Vcpu from, int reason) {
                KvmRun run = from.kvmRun();
                if (reason == KvmExit.IO && run.isIoOut() && run.ioPort() == port && machine != null) {
                    int value = (int) run.data(run.ioDataOffset(), run.ioSize());
                    VcpuLoop.completeAccess(from, handler, reason);
                    reached(End.PORT, value);
                    return true;
                }
                if (reason == KvmExit.SHUTDOWN && running) {
                    reached(End.TRIPLE_FAULT, 0);
                    return true;
                }
                return handler.handle(from, reason);
            }

            @Override
            public void interrupted(Vcpu from) {
                handler.interrupted(from);
                look();
            }

            @Override
            public void failed(Vcpu from, RuntimeException cause) {
                handler.failed(from, cause);
            }
        };
    }

    /** The guest is ready, or an experiment is over; it stands between two instructions. */
    private void reached(End end, int value) {
        running = false;
        machine.standing(() -> {
            if (point == null) {
                point = machine.points().mark();
            } else {
                experiment.ended(machine, end, value);
                machine.points().check(point);
                machine.points().restore(point);
                number++;
            }
            begin();
        });
    }

    private void begin() {
        usedUp = false;
        if (!experiment.begin(machine, number)) {
            machine.quit();
            return;
        }
        if (instructions != Long.MAX_VALUE) {
            clock.stopAt(clock.count() + instructions, this::stop);
        }
        started = System.nanoTime();
        running = true;
    }

    /** On the vCPU's thread, between two instructions. */
    private void stop() {
        usedUp = true;
        vcpu.interrupt();
    }

    /** On the watching thread: makes the vCPU look, from time to time, whether a long experiment is over. */
    private void tick() {
        LockSupport.parkNanos(this, TICK_NANOS);
        if (running && System.nanoTime() - started > TICK_NANOS) {
            vcpu.interrupt();
        }
    }

    private void look() {
        if (!running) {
            return;
        }
        if (usedUp) {
            reached(End.INSTRUCTIONS, 0);
        } else if (vcpu.mpState().mpState() == KvmMpState.HALTED && (vcpu.regs().rflags() & INTERRUPT_FLAG) == 0) {
            reached(End.HALT, 0);
        } else if (System.nanoTime() - started > timeoutNanos) {
            reached(End.TIMEOUT, 0);
        }
    }
}

package jkvm.soft.cpu;

import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;

/**
 * Executes a {@link Cpu}, called by the KVM around it. Belongs to the vCPU's thread.
 *
 * <p>Both calls return one of {@link ExitCause}, with RIP at an instruction boundary and nothing half done. The bus or
 * the {@link CpuHost} knows the details of an exit: the instruction has called it.
 */
public final class Processor {
    /** Instructions after which {@link #run} returns even without a request for attention. */
    static final int BUDGET = 100_000;
    /**
     * Instructions after which the interpreter's and compiled code's methods return: the JVM, which does not replace a
     * method while it runs here, enters the better code that it has made meanwhile.
     */
    private static final int SLICE = 10_000;
    /** Instructions that interpreter and compiled code may execute after their budget is used up. */
    private static final int OVERRUN = HotRegions.LONGEST + CodeCache.MAX_BLOCK;

    private static final long UNCOUNTED = -1;
    /** A guest that ends after so few instructions would lose time by {@link Groups#initialize}. */
    private static final int SHORT_GUEST = 300_000;

    /** DR6.BS. */
    private static final long SINGLE_STEP = 1 << 14;
    private static final int DELIVER_EXCEPTION = 0, DELIVER_NMI = 1, DELIVER_INTERRUPT = 2;
    /** Bits of {@link Cpu#guestDebug}: single step and hardware breakpoints. */
    private static final int DEBUGS_EXCEPTIONS = Cpu.USER_STEPS | 0x20000;

    private final Cpu cpu;
    private final CodeCache cache;
    private final Interpreter interpreter;
    private final Breakpoints breakpoints;
    private final ExecutionSamples samples;
    /** Null where everything is interpreted. */
    private HotRegions regions;
    private boolean hasInitialized;

    /** @param cpu with its observer, if it has one */
    public Processor(Cpu cpu) {
        this.cpu = cpu;
        cache = new CodeCache(cpu);
        interpreter = new Interpreter(cpu, cache);
        breakpoints = new Breakpoints(cpu);
        samples = new ExecutionSamples(cpu);
    }

    /**
     * Executes until something needs the caller. The caller has handled what is pending: interrupts, signals,
     * completions. Segments, control registers and memory may have been changed since the last call.
     */
    public int run() {
        begin();
        long end = cpu.instructions + BUDGET;
        while (cpu.instructions < end && !cpu.needsAttention()) {
            interpreter.budget = slice();
            int cause = isAlone() ? executeAlone() : executeBlocks(UNCOUNTED);
            if (cause != ExitCause.NONE) {
                return cause;
            }
            continueAfterLook();
        }
        return ExitCause.ATTENTION;
    }

    /**
     * As {@link #run()}, but executes at most so many instructions, exactly so many if nothing needs the caller before.
     * Only where {@link Cpu#counts} is set.
     *
     * @param most positive
     */
    public int run(long most) {
        begin();
        long start = cpu.instructions;
        cpu.countLimit = start + most;
        while (!cpu.needsAttention() && cpu.instructions < Math.min(cpu.countLimit, start + BUDGET)) {
            long left = cpu.countLimit - cpu.instructions;
            int cause;
            if (isAlone()) {
                cause = executeAlone();
            } else if (left > OVERRUN) {
                interpreter.budget = (int) Math.min(left - OVERRUN, slice());
                cause = executeBlocks(UNCOUNTED);
            } else {
                cause = executeBlocks(left);
            }
            if (cause != ExitCause.NONE) {
                return cause;
            }
            continueAfterLook();
        }
        assert cpu.instructions <= cpu.countLimit : "executed more than allowed";
        return ExitCause.ATTENTION;
    }

    /** The budget until compiled code is left next, to sample where the guest is or to enter better code. */
    private int slice() {
        if (cpu.instructions >= samples.next) {
            samples.take();
        }
        return (int) Math.min(SLICE, samples.next - cpu.instructions);
    }

    /** Executes exactly one instruction (of a repeated string instruction at least one item), or delivers its fault. */
    public int step() {
        begin();
        interpreter.budget = 0;
        return executeAlone();
    }

    /** Lets hot code be compiled from now on, unless jumps are counted. To be called before the first {@link #run}. */
    public void compileWith(CodeCompiler compiler) {
        if (interpreter.countsJumps()) {
            return;
        }
        regions = new HotRegions(cpu, compiler);
        interpreter.threshold = HotRegions.THRESHOLD;
    }

    /**
     * Delivers an exception from outside. @return NONE, or the cause that prevents it
     *
     * @param error   the error code, or {@link GuestException#NO_ERROR}
     * @param payload CR2 of a page fault, bits for DR6 of a debug exception
     */
    public int exception(int vector, int error, long payload) {
        begin();
        cpu.fault.of(vector, error, payload);
        return delivered(DELIVER_EXCEPTION, 0);
    }

    /**
     * Delivers an interrupt, whatever masks it.
     *
     * @return NONE, or the cause that prevents it
     */
    public int interrupt(int vector) {
        begin();
        return delivered(DELIVER_INTERRUPT, vector);
    }

    /**
     * Delivers an NMI; others are blocked until IRET.
     *
     * @return NONE, or the cause that prevents it
     */
    public int nmi() {
        begin();
        return delivered(DELIVER_NMI, 0);
    }

    /** Forgets all decoded code: to be called when {@link Cpu#features} has changed. */
    public void forgetCode() {
        cache.clear();
    }

    private void begin() {
        cpu.exit = ExitCause.NONE;
        if (regions != null) {
            regions.install();
        }
        if (!hasInitialized && cpu.instructions > SHORT_GUEST) {
            hasInitialized = true;
            Groups.initialize();
        }
        cpu.serialized = true;
        continueAfterLook();
    }

    private void continueAfterLook() {
        if (cpu.serialized) {
            cpu.serialized = false;
            cache.newGeneration();
        }
        CpuMode.refresh(cpu);
        breakpoints.refresh();
        cache.synchronize();
    }

    /** True if the next instruction has to be executed alone: a trap may follow it, or no interrupt may. */
    private boolean isAlone() {
        return (cpu.systemFlags & (Cpu.TF | Cpu.RF)) != 0 || cpu.stiShadow || cpu.movSsShadow
                || breakpoints.isArmed();
    }

    /** @param left instructions that may be executed, interpreted one block at a time; or {@link #UNCOUNTED} */
    private int executeBlocks(long left) {
        int interruptFlag = cpu.systemFlags & Cpu.IF;
        int cause;
        try {
            Block block = cache.get(cpu.rip);
            cause = left == UNCOUNTED ? runFrom(block) : runCounted(block, left);
        } catch (GuestException e) {
            cause = deliver(e);
        } catch (Interruption e) {
            cause = interrupted(e);
        }
        if ((cpu.systemFlags & ~interruptFlag & Cpu.IF) != 0) {
            cpu.host.interruptWindowOpened();
        }
        return cause;
    }

    private int runFrom(Block first) {
        int before = interpreter.budget;
        Block block = first;
        if (block.compiled != null) {
            block = interpreter.runCompiled(block);
        } else if (block.heat > interpreter.threshold) {
            regions.request(block, cpu.mode);
        }
        if (block != null) {
            interpreter.run(block);
        }
        cpu.instructions += before - interpreter.budget;
        return outcome();
    }

    private int runCounted(Block block, long left) {
        if (block.code.length > left) {
            return executeAlone();
        }
        interpreter.budget = 0;
        interpreter.run(block);
        cpu.instructions -= interpreter.budget;
        return outcome();
    }

    /** Takes what the interpreter has left: an exception, or an exit that an instruction has set. */
    private int outcome() {
        RuntimeException thrown = interpreter.thrown;
        interpreter.thrown = null;
        if (thrown instanceof GuestException e) {
            return deliver(e);
        }
        if (thrown instanceof Interruption e) {
            return interrupted(e);
        }
        if (interpreter.isOneLeft) {
            interpreter.isOneLeft = false;
            return executeAlone();
        }
        int cause = cpu.exit;
        cpu.exit = ExitCause.NONE;
        return cause;
    }

    private int interrupted(Interruption cause) {
        if (cause == Interruption.ALONE) {
            int exit = executeSingle();
            return exit == ExitCause.NONE ? ExitCause.WRITTEN : exit;
        }
        if (cause == Interruption.COUNTED) {
            return executeAlone();
        }
        return cause == Interruption.EXIT ? ExitCause.USER_SPACE
                : cause == Interruption.HOST_FAULT ? ExitCause.HOST_FAULT : ExitCause.NO_CODE;
    }

    /** Executes the instruction at RIP with leave to write where a look is needed afterwards. */
    private int executeSingle() {
        cpu.mmu.single = true;
        try {
            return executeAlone();
        } finally {
            cpu.mmu.single = false;
        }
    }

    /** Executes the instruction at RIP and nothing else; then the traps that follow it. */
    private int executeAlone() {
        cpu.alone = true;
        try {
            return executeOne();
        } finally {
            cpu.alone = false;
        }
    }

    private int executeOne() {
        boolean sti = cpu.stiShadow;
        boolean movSs = cpu.movSsShadow;
        if (breakpoints.isArmed() && !movSs) {
            long hits = breakpoints.before();
            if (hits != 0) {
                return deliver(cpu.fault.of(GuestException.DB, GuestException.NO_ERROR, hits));
            }
        }
        int flags = cpu.systemFlags;
        cpu.stiShadow = false;
        cpu.movSsShadow = false;
        int budget = interpreter.budget;
        interpreter.budget = 0;
        Block block;
        try {
            block = cache.get(cpu.rip).first();
            interpreter.run(block);
        } catch (GuestException e) {
            interpreter.budget = budget;
            return deliver(e);
        } catch (Interruption e) {
            cpu.stiShadow = sti;
            cpu.movSsShadow = movSs;
            interpreter.budget = budget;
            return interrupted(e);
        }
        interpreter.budget = budget;
        if (interpreter.thrown instanceof Interruption || cpu.exit == ExitCause.USER_SPACE) {
            cpu.stiShadow = sti;
            cpu.movSsShadow = movSs;
            return outcome();
        }
        if (interpreter.thrown != null) {
            return outcome();
        }
        interpreter.budget = budget - 1;
        cpu.instructions++;
        int cause = outcome();
        int trap = afterInstruction(block.code[0], flags, movSs);
        return cause == ExitCause.NONE || cause == ExitCause.HALTED && !cpu.halted ? trap : cause;
    }

    private int afterInstruction(Insn in, int flagsBefore, boolean movSsBefore) {
        boolean repeats = cpu.rip == in.pc && in.key == Key.STRING;
        if ((flagsBefore & Cpu.RF) != 0 && !repeats && in.op != Op.IRET) {
            cpu.systemFlags &= ~Cpu.RF;
        }
        boolean opened = (cpu.systemFlags & ~flagsBefore & Cpu.IF) != 0;
        if (opened || cpu.movSsShadow || movSsBefore) {
            cpu.host.interruptWindowOpened();
        }
        if (cpu.movSsShadow) {
            return ExitCause.NONE;
        }
        boolean isInterrupt = in.op >= Op.INT && in.op <= Op.INT1 && (in.op != Op.INTO || cpu.rip != in.after);
        boolean hasMasked = (in.op == Op.SYSCALL || in.op == Op.SYSENTER) && (cpu.systemFlags & Cpu.TF) == 0;
        long conditions = (flagsBefore & Cpu.TF) != 0 && !isInterrupt && !hasMasked ? SINGLE_STEP : 0;
        conditions |= breakpoints.isArmed() ? breakpoints.after(in) : 0;
        return conditions == 0 ? ExitCause.NONE
                : deliver(cpu.fault.of(GuestException.DB, GuestException.NO_ERROR, conditions));
    }

    /** Delivers the exception of the instruction at RIP, or hands a #DB to user space that debugs. */
    private int deliver(GuestException e) {
        if (e.vector == GuestException.DB && (cpu.guestDebug & DEBUGS_EXCEPTIONS) != 0) {
            return ExitCause.DEBUG;
        }
        interpreter.budget--;
        cpu.instructions++;
        return delivered(DELIVER_EXCEPTION, 0);
    }

    private int delivered(int what, int vector) {
        int cause;
        boolean alone = cpu.alone;
        cpu.alone = true;
        try {
            cause = switch (what) {
                case DELIVER_EXCEPTION -> Delivery.exception(cpu);
                case DELIVER_NMI -> Delivery.nmi(cpu);
                default -> Delivery.interrupt(cpu, vector);
            };
        } catch (Interruption e) {
            return interrupted(e);
        } finally {
            cpu.alone = alone;
        }
        if (cause == ExitCause.NONE) {
            cause = cpu.exit;
        }
        cpu.exit = ExitCause.NONE;
        return cause;
    }
}

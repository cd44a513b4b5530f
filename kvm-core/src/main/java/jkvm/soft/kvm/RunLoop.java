package jkvm.soft.kvm;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmMpState;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.ExitCause;
import jkvm.soft.cpu.Processor;
import jkvm.soft.cpu.Segment;
import jkvm.soft.jit.VcpuCompiler;
import jkvm.work.InstructionClock;

/**
 * KVM_RUN (KVM API 4.10): completes what the last exit left, then lets the guest run, delivers events to it between
 * instructions, sleeps while it is halted, until there is something for user space. On the thread that holds the vCPU.
 */
final class RunLoop {
    /** Results of the steps: go on; return to user space with an exit. Errors are negated errnos. */
    private static final int GO_ON = 1, EXIT = 0;
    private static final int SYNC_CLASSES = Capabilities.SYNC_REGS;
    /** The exit code of a processor with nested paging for a fetch from an address without memory. */
    private static final long NESTED_PAGE_FAULT = 0x400, FETCH_FAULT = 0x1_0000_0014L;

    private final SoftVcpu vcpu;
    private final SoftVm vm;
    private final RunPage page;
    private final VcpuHost host;
    private final VcpuBus bus;
    private final Cpu cpu;
    private final PendingEvents events;
    private final EventInjector injector;
    private final Processor processor;
    private final GuestDebug debug;
    /** Null where time is the host's. */
    private final InstructionClock clock;
    private int mpState = KvmMpState.RUNNABLE;
    /** Set before the instruction of the last exit is executed again, until it has been. */
    private boolean completing;
    private boolean hasRun;

    RunLoop(SoftVcpu vcpu) {
        this.vcpu = vcpu;
        this.vm = vcpu.vm();
        this.page = vcpu.page();
        this.host = vcpu.host();
        this.bus = vcpu.bus();
        this.cpu = vcpu.cpu();
        this.clock = vm.kvm.instructionClock();
        this.events = vcpu.events();
        this.processor = new Processor(cpu);
        if (vm.kvm.compiles()) {
            processor.compileWith(new VcpuCompiler(cpu, vm.compiler()));
        }
        this.injector = new EventInjector(vcpu, processor);
        this.debug = new GuestDebug(vcpu);
    }

    /** @return zero with an exit in the shared page, or a negated errno */
    int run() {
        if (mpState == KvmMpState.UNINITIALIZED) {
            return awaitInit();
        }
        long valid = page.validRegs();
        long dirty = page.dirtyRegs();
        if (((valid | dirty) & ~SYNC_CLASSES) != 0) {
            return NegatedErrno.EINVAL;
        }
        if (!vm.memory().wasEverUsed()) {
            return NegatedErrno.ENOSPC;
        }
        if (dirty != 0 && vcpu.requests().takeFromPage(dirty) != 0) {
            return NegatedErrno.EINVAL;
        }
        boolean lapic = vcpu.hasLapic();
        if (!lapic) {
            long cr8 = page.cr8();
            if (cr8 < 0 || cr8 > 15) {
                return NegatedErrno.EINVAL;
            }
            vcpu.taskPriority(cr8);
        }
        int result = enter();
        vcpu.stats().exits++;
        if (valid != 0) {
            vcpu.requests().putIntoPage(valid);
        }
        page.state((cpu.systemFlags & Cpu.IF) != 0, vm.irqchips().hasPic() || injector.isReadyForUserInterrupt(),
                vcpu.taskPriority(), vcpu.apicBase());
        return result;
    }

    private int enter() {
        boolean immediate = page.isImmediateExit();
        if (bus.hasWrites()) {
            return deliverWrite();
        }
        if (bus.awaitsRead()) {
            bus.takeAnswer();
            int result = complete(true);
            if (result <= 0) {
                return result;
            }
        } else if (host.isPending()) {
            host.resume();
            completing = host.isPending();
            if (completing && (immediate || host.isStringInput() || mustStep())) {
                int result = complete(false);
                if (result <= 0) {
                    return result;
                }
            }
        }
        if (immediate) {
            return NegatedErrno.EINTR;
        }
        if (!hasRun) {
            hasRun = true;
            vm.clock().vcpuRuns();
            vcpu.requests().ran();
        }
        return loop();
    }

    /** True where the instruction that is being completed needs a check right after it. */
    private boolean mustStep() {
        return debug.isStepping() || injector.mayHaveWork();
    }

    /** Executes the instruction of the last exit again, alone. */
    private int complete(boolean read) {
        vcpu.gate().enter();
        // Its writes are checked afterwards: it must not begin a third time, when its answer is used up.
        cpu.mmu.single = true;
        int cause;
        try {
            cause = read ? vcpu.requests().stepWithAnswer(processor) : processor.step();
        } finally {
            cpu.mmu.single = false;
            vcpu.gate().leave();
        }
        completing = false;
        host.settle();
        bus.packs(false);
        if (cause != ExitCause.USER_SPACE) {
            bus.forgetReads();
        }
        return afterStep(cause);
    }

    private int afterStep(int cause) {
        int result = handle(cause);
        if (result == GO_ON && debug.isStepping() && !cpu.halted) {
            debug.exitAfterCompletion();
            return EXIT;
        }
        return result;
    }

    private int deliverWrite() {
        bus.deliverWrite();
        vcpu.stats().mmioExits++;
        return EXIT;
    }

    private int loop() {
        while (true) {
            int result = mpState == KvmMpState.RUNNABLE ? once() : block();
            if (result <= 0) {
                return result;
            }
        }
    }

    /** Runs the guest for one stay. */
    private int once() {
        cpu.clearAttention();
        if (clock != null) {
            clock.runDue();
        }
        if (vcpu.reset().hasInitOrStartUp()) {
            vcpu.reset().acceptInitAndStartUp();
            return GO_ON;
        }
        vcpu.gate().enter();
        int cause;
        try {
            if (vcpu.thread().isSignalled() || page.isImmediateExit()) {
                return interrupted();
            }
            if (vcpu.dirtyRing() != null && vcpu.dirtyRing().isSoftFull()) {
                page.exitReason(KvmExit.DIRTY_RING_FULL);
                return EXIT;
            }
            if (vcpu.hasLapic() && vcpu.lapic().ends().hasExit() && exitsForEndOfInterrupt()) {
                return EXIT;
            }
            if (vcpu.kvmClock().isRequested()) {
                vcpu.kvmClock().update();
            }
            boolean alone = false;
            if (!completing) {
                int injected = injector.inject();
                if (injected <= 0 || injected == EventInjector.EXIT_CAUSE) {
                    return injected <= 0 ? injected : handle(injector.cause());
                }
                alone = injected == EventInjector.ONE_INSTRUCTION || debug.isStepping();
                if (vcpu.hasPvEoi()) {
                    vcpu.lapic().ends().mark();
                }
            }
            long before = cpu.instructions;
            cause = clock != null ? runCounted(alone) : alone ? processor.step() : processor.run();
            if (vcpu.hasPvEoi()) {
                // Before anything looks whether an interrupt waits: one that is still in service hides others.
                vcpu.lapic().ends().collect();
            }
            // An interrupt at this moment stops the processor before its first instruction: not yet completed.
            if (completing && (cause != ExitCause.ATTENTION || cpu.instructions != before)) {
                completing = false;
                host.settle();
            }
        } finally {
            vcpu.gate().leave();
        }
        int result = handle(cause);
        return result == GO_ON && debug.isStepping() ? debug.afterInstruction(cause) : result;
    }

    /** Lets the guest run until the clock has something to do. */
    private int runCounted(boolean alone) {
        long allowed = clock.allowance();
        if (!alone) {
            return processor.run(allowed);
        }
        cpu.countLimit = cpu.instructions + allowed;
        return processor.step();
    }

    /** The guest has ended an interrupt of user space's IOAPIC. */
    private boolean exitsForEndOfInterrupt() {
        int vector = vcpu.lapic().ends().takeExit();
        if (vector >= 0) {
            page.endOfInterrupt(vector);
        }
        return vector >= 0;
    }

    private int interrupted() {
        vcpu.stats().signalExits++;
        page.exitReason(KvmExit.INTR);
        return NegatedErrno.EINTR;
    }

    /** Acts on the cause for which the processor returned. */
    private int handle(int cause) {
        switch (cause) {
            case ExitCause.NONE, ExitCause.ATTENTION, ExitCause.WRITTEN -> {
                return bus.hasWrites() ? deliverWrite() : GO_ON;
            }
            case ExitCause.USER_SPACE -> {
                host.left();
                if (bus.awaitsRead()) {
                    vcpu.stats().mmioExits++;
                }
                return EXIT;
            }
            case ExitCause.COMPLETED -> {
                return EXIT;
            }
            case ExitCause.HALTED -> {
                return halt();
            }
            case ExitCause.SHUTDOWN -> {
                vcpu.reset().shutDown();
                page.exitReason(KvmExit.SHUTDOWN);
                return EXIT;
            }
            case ExitCause.DEBUG -> {
                return debug.exit();
            }
            case ExitCause.NO_CODE -> {
                return noCode();
            }
            default -> {
                boolean ringFull = vcpu.dirtyRing() != null && vcpu.dirtyRing().isFull();
                return ringFull || bus.takeLeft() ? GO_ON : NegatedErrno.EFAULT;
            }
        }
    }

    private int noCode() {
        if (cpu.cpl == 0) {
            events.queueException(6);
            page.emulationError(null, 0, NESTED_PAGE_FAULT, FETCH_FAULT, cpu.segments[Segment.CS].base + cpu.rip, 0, 0);
            return EXIT;
        }
        events.queueException(6);
        return GO_ON;
    }

    private int halt() {
        cpu.halted = false;
        vcpu.stats().haltExits++;
        if (!vcpu.hasLapic()) {
            page.exitReason(KvmExit.HLT);
            return EXIT;
        }
        if (!injector.wakes()) {
            mpState = KvmMpState.HALTED;
        }
        return GO_ON;
    }

    /** Sleeps until the vCPU has something to do, or until a signal. */
    private int block() {
        boolean interruptedThread = false;
        try {
            while (!isRunnable()) {
                if (vcpu.thread().isSignalled() || page.isImmediateExit()) {
                    return interrupted();
                }
                cpu.clearAttention();
                VarHandle.fullFence();
                if (!isRunnable() && !vcpu.thread().isSignalled() && !page.isImmediateExit()) {
                    if (clock != null) {
                        clock.idle();
                    } else {
                        LockSupport.park(this);
                    }
                    interruptedThread |= Thread.interrupted();
                }
            }
        } finally {
            if (interruptedThread) {
                Thread.currentThread().interrupt();
            }
        }
        vcpu.stats().haltWakeups++;
        vcpu.reset().acceptInitAndStartUp();
        vcpu.takeUnhalt();
        if (mpState == KvmMpState.HALTED || mpState == KvmMpState.AP_RESET_HOLD) {
            mpState = KvmMpState.RUNNABLE;
        }
        return GO_ON;
    }

    private boolean isRunnable() {
        return vcpu.reset().hasInitOrStartUp() || mpState == KvmMpState.HALTED && injector.wakes()
                || mpState == KvmMpState.RUNNABLE;
    }

    /** A vCPU that was never started: sleeps until INIT. */
    private int awaitInit() {
        if (page.isImmediateExit()) {
            return NegatedErrno.EINTR;
        }
        int result = block();
        return result == GO_ON ? NegatedErrno.EAGAIN : result;
    }

    /** Looks for an interrupt or an NMI that the guest can take now and could not before. */
    void windowOpened() {
        if (injector.mayHaveWork()) {
            cpu.raiseAttention();
        }
    }

    int mpState() {
        return mpState;
    }

    void mpState(int value) {
        mpState = value;
    }

    GuestDebug debug() {
        return debug;
    }

    EventInjector injector() {
        return injector;
    }

    /** The processor that runs the guest. */
    Processor processor() {
        return processor;
    }
}

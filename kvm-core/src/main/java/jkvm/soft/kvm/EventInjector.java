package jkvm.soft.kvm;

import jkvm.abi.KvmExit;
import jkvm.soft.cpu.Cpu;
import jkvm.soft.cpu.ExitCause;
import jkvm.soft.cpu.Processor;
import jkvm.soft.irqchip.Lapic;
import jkvm.soft.mmu.GuestException;

/**
 * Decides before each stay in the guest what is delivered to it (SDM 6.9 for the order): first what is injected, which
 * nothing masks, then an NMI, then an interrupt; and whether user space waits for the moment when it may inject one. On
 * the vCPU's thread.
 */
final class EventInjector {
    /**
     * Answers of {@link #inject()} beside zero for an exit to user space: go on; execute one instruction, after which
     * there is something to deliver; look at {@link #cause()}.
     */
    static final int GO_ON = 1, ONE_INSTRUCTION = 2, EXIT_CAUSE = 3;
    private static final int NOTHING = 0;
    private static final int MAX_DELIVERIES = 4;

    private final SoftVcpu vcpu;
    private final Cpu cpu;
    private final PendingEvents events;
    private final Irqchips chips;
    private final Processor processor;
    private int cause;

    EventInjector(SoftVcpu vcpu, Processor processor) {
        this.vcpu = vcpu;
        this.cpu = vcpu.cpu();
        this.events = vcpu.events();
        this.chips = vcpu.vm().irqchips();
        this.processor = processor;
    }

    /** How a delivery ended that could not be completed: an {@link ExitCause}. */
    int cause() {
        return cause;
    }

    /** True if an event waits, or user space does, whether or not the guest can take it now. */
    boolean mayHaveWork() {
        return events.hasInjected() || events.hasNmi() || hasInterrupt() || wantsWindow();
    }

    private boolean wantsWindow() {
        return !chips.hasPic() && vcpu.page().requestsInterruptWindow();
    }

    private boolean hasInterrupt() {
        Lapic lapic = vcpu.lapic();
        return lapic != null && lapic.hasInterrupt();
    }

    /** Where the LAPIC is in KVM and the PIC is not, the LAPIC has to let user space's interrupts through. */
    private boolean acceptsUserInterrupt() {
        Lapic lapic = vcpu.lapic();
        return lapic == null || lapic.isReadyForUserInterrupt();
    }

    private boolean isShadowed() {
        return cpu.stiShadow || cpu.movSsShadow;
    }

    private boolean isInterruptFlagSet() {
        return (cpu.systemFlags & Cpu.IF) != 0;
    }

    /** True if user space's KVM_INTERRUPT would be taken at once. */
    boolean isReadyForUserInterrupt() {
        return isInterruptFlagSet() && !isShadowed() && !events.interruptInjected && !events.exceptionInjected
                && !events.nmiInjected && acceptsUserInterrupt();
    }

    /** True if a halted vCPU goes on. */
    boolean wakes() {
        events.takeNmis();
        return vcpu.isUnhalted() || events.hasInjected() || events.nmiPending != 0 && !cpu.nmiBlocked
                || isInterruptFlagSet() && hasInterrupt();
    }

    int inject() {
        cause = ExitCause.NONE;
        for (int i = 0; i < MAX_DELIVERIES && mayHaveWork(); i++) {
            int result = next();
            if (cause != ExitCause.NONE) {
                return EXIT_CAUSE;
            }
            if (result != GO_ON) {
                return result == NOTHING ? window() : result;
            }
        }
        return GO_ON;
    }

    /**
     * Delivers one event.
     *
     * @return GO_ON if it did, with {@link #cause} set; NOTHING, or ONE_INSTRUCTION
     */
    private int next() {
        if (events.tripleFault) {
            events.tripleFault = false;
            cause = ExitCause.SHUTDOWN;
            return GO_ON;
        }
        if (events.exceptionInjected || events.exceptionPending) {
            return deliverException();
        }
        if (events.nmiInjected) {
            return deliverNmi();
        }
        if (events.interruptInjected) {
            return deliverInterrupt();
        }
        events.takeNmis();
        if (events.nmiPending != 0 && !cpu.nmiBlocked) {
            if (isShadowed()) {
                return ONE_INSTRUCTION;
            }
            events.nmiPending--;
            events.nmiInjected = true;
            vcpu.stats().nmiInjections++;
            return deliverNmi();
        }
        if (isInterruptFlagSet() && hasInterrupt()) {
            if (isShadowed()) {
                return ONE_INSTRUCTION;
            }
            int vector = vcpu.lapic().acknowledge();
            if (vector >= 0) {
                events.interruptInjected = true;
                events.interrupt = vector;
                return deliverInterrupt();
            }
        }
        return NOTHING;
    }

    private int deliverException() {
        events.exceptionInjected = true;
        events.exceptionPending = false;
        int error = events.hasErrorCode ? events.errorCode : GuestException.NO_ERROR;
        cause = processor.exception(events.exception, error, events.hasPayload ? events.payload : 0);
        events.exceptionInjected = isIncomplete();
        return GO_ON;
    }

    private int deliverNmi() {
        cause = processor.nmi();
        events.nmiInjected = isIncomplete();
        return GO_ON;
    }

    private int deliverInterrupt() {
        vcpu.stats().irqInjections++;
        cause = processor.interrupt(events.interrupt);
        events.interruptInjected = isIncomplete();
        return GO_ON;
    }

    /** True for a delivery that user space has to answer first or that found no host memory: it is tried again. */
    private boolean isIncomplete() {
        return cause == ExitCause.USER_SPACE || cause == ExitCause.HOST_FAULT;
    }

    /** No event can be delivered now: checks whether user space waits for the interrupt window. */
    private int window() {
        if (!wantsWindow() || !isInterruptFlagSet()) {
            return GO_ON;
        }
        if (isShadowed()) {
            return ONE_INSTRUCTION;
        }
        if (!acceptsUserInterrupt()) {
            return GO_ON;
        }
        vcpu.stats().irqWindowExits++;
        vcpu.page().exitReason(KvmExit.IRQ_WINDOW_OPEN);
        return 0;
    }
}

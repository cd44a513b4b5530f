package jkvm.soft.cpu;

import static jkvm.soft.mmu.GuestException.DB;
import static jkvm.soft.mmu.GuestException.DF;
import static jkvm.soft.mmu.GuestException.NO_ERROR;
import static jkvm.soft.mmu.GuestException.PF;

import java.lang.invoke.VarHandle;
import jkvm.soft.mmu.GuestException;
import jkvm.soft.mmu.Interruption;

/**
 * Delivers events: exceptions, external interrupts, NMIs, INT n (SDM vol. 3, chapters 7 and 21; APM vol. 2, chapter 8).
 * {@link Gates} passes through the gate; this class chooses the event, and handles faults of its delivery.
 *
 * <p>{@link Cpu#rip} must be where the handler will return to: the instruction that faulted, or the next one. A
 * delivery changes registers only when it can no longer fault.
 */
public final class Delivery {
    /** Vectors whose delivery, or in whose delivery another of them, makes a double fault (SDM vol. 3, table 7-5). */
    private static final int CONTRIBUTORY = 1 << GuestException.DE | 1 << GuestException.TS | 1 << GuestException.NP
            | 1 << GuestException.SS | 1 << GuestException.GP;
    /** Vectors of faults: RF is set in the flags pushed, so that the instruction's breakpoint does not hit again. */
    private static final int FAULTS = CONTRIBUTORY | 1 << GuestException.BR | 1 << GuestException.UD
            | 1 << GuestException.NM | 1 << PF | 1 << GuestException.MF | 1 << GuestException.AC
            | 1 << GuestException.XM;
    private static final long DR7_GD = 1 << 13;

    private Delivery() {
    }

    /**
     * Delivers the exception in {@link Cpu#fault}, or the double fault that follows from it.
     *
     * @return {@link ExitCause#NONE}, or {@link ExitCause#SHUTDOWN} for a triple fault
     * @throws Interruption if a descriptor table or a stack needs user space; nothing has changed but CR2 and DR6
     */
    public static int exception(Cpu cpu) {
        GuestException e = cpu.fault;
        return deliver(cpu, e.vector, e.error, e.payload, true);
    }

    /** Delivers an external interrupt. Returns and throws as {@link #exception}. */
    public static int interrupt(Cpu cpu, int vector) {
        return deliver(cpu, vector, NO_ERROR, 0, false);
    }

    /** Delivers an NMI; further ones are blocked until IRET. Returns and throws as {@link #exception}. */
    public static int nmi(Cpu cpu) {
        int result = deliver(cpu, GuestException.NMI, NO_ERROR, 0, false);
        cpu.nmiBlocked = true;
        return result;
    }

    /**
     * Delivers an event that an instruction raised: INT n, INT3, INTO or INT1.
     *
     * @param checked true for all but INT1: the gate's privilege level must admit the caller
     * @param next    where the handler returns to
     * @throws GuestException if it cannot be delivered; nothing has changed, and the fault belongs to the instruction
     */
    static void software(Cpu cpu, int vector, boolean checked, long next) {
        cpu.external = checked ? 0 : 1;
        try {
            attempt(cpu, vector, NO_ERROR, checked, next, Flags.all(cpu));
        } finally {
            cpu.external = 0;
        }
    }

    private static int deliver(Cpu cpu, int vector, int error, long payload, boolean isException) {
        int current = vector;
        boolean exceptional = isException;
        while (true) {
            if (exceptional) {
                note(cpu, current, payload);
            }
            int flags = Flags.all(cpu);
            if (exceptional && current < 32 && (FAULTS & 1 << current) != 0) {
                flags |= Cpu.RF;
            }
            cpu.external = 1;
            try {
                attempt(cpu, current, error, false, cpu.rip, flags);
                return ExitCause.NONE;
            } catch (GuestException e) {
                int next = exceptional ? combine(current, e.vector) : e.vector;
                if (next < 0) {
                    return ExitCause.SHUTDOWN;
                }
                error = next == DF ? 0 : e.error;
                payload = e.payload;
                current = next;
                exceptional = true;
            } finally {
                cpu.external = 0;
            }
        }
    }

    /**
     * Combines an exception with one in its delivery.
     *
     * @return the vector, or -1 for a triple fault
     */
    private static int combine(int first, int second) {
        boolean secondGrave = second == PF || isContributory(second);
        if (first == DF && secondGrave) {
            return -1;
        }
        boolean twice = first == PF ? secondGrave : isContributory(first) && isContributory(second);
        return twice ? DF : second;
    }

    private static boolean isContributory(int vector) {
        return (CONTRIBUTORY & 1 << vector) != 0;
    }

    /** Registers that tell the handler of the cause are written first, and stay if the delivery fails. */
    private static void note(Cpu cpu, int vector, long payload) {
        if (vector == PF) {
            cpu.cr2 = payload;
        } else if (vector == DB) {
            cpu.dr[6] = cpu.dr[6] & ~0xFL | payload;
            cpu.dr[7] &= ~DR7_GD;
        }
    }

    /** Delivers; where the stack is MMIO or code, a second time with leave to write there. */
    private static void attempt(Cpu cpu, int vector, int error, boolean checked, long next, int flags) {
        boolean single = cpu.mmu.single;
        try {
            Gates.enter(cpu, vector, error, checked, next, flags);
        } catch (Interruption e) {
            if (e != Interruption.ALONE) {
                throw e;
            }
            cpu.mmu.single = true;
            Gates.enter(cpu, vector, error, checked, next, flags);
            cpu.exit = ExitCause.WRITTEN;
        } finally {
            cpu.mmu.single = single;
        }
        cpu.stiShadow = false;
        cpu.movSsShadow = false;
        cpu.halted = false;
        CpuMode.refresh(cpu);
        // Events empty the store buffer (SDM vol. 3, 13.10).
        VarHandle.fullFence();
        if (cpu.observer != null) {
            cpu.observer.delivered(vector, next, cpu.rip);
        }
    }
}

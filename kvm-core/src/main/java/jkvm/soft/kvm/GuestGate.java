package jkvm.soft.kvm;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;
import jkvm.soft.cpu.Cpu;

/**
 * Guards a vCPU's stay in the guest: between {@link #enter()} and {@link #leave()}, on the vCPU's thread, translations
 * and slots stay as they are. A thread that changes them waits for {@link #awaitOutside()} first.
 */
final class GuestGate {
    private static final int OUTSIDE = 0, INSIDE = 1;
    private static final int SPINS = 1000;
    private static final long WAIT_NANOS = 20_000;
    private static final VarHandle STATE;

    static {
        try {
            STATE = MethodHandles.lookup().findVarHandle(GuestGate.class, "state", int.class);
        } catch (ReflectiveOperationException e) {
            throw new ExceptionInInitializerError(e);
        }
    }

    private final MemorySlots memory;
    private final Cpu cpu;
    private final VcpuStats stats;
    private int state;
    /** The number of the last change of the memory map that this vCPU's translations follow. */
    private int memoryGeneration;

    GuestGate(MemorySlots memory, Cpu cpu, VcpuStats stats) {
        this.memory = memory;
        this.cpu = cpu;
        this.stats = stats;
    }

    /** Goes inside the guest. Waits while slots change, and forgets translations if they have. */
    void enter() {
        STATE.setVolatile(this, INSIDE);
        while (memory.isChanging()) {
            STATE.setVolatile(this, OUTSIDE);
            memory.awaitChange();
            STATE.setVolatile(this, INSIDE);
        }
        int generation = memory.generation();
        if (generation != memoryGeneration) {
            memoryGeneration = generation;
            cpu.mmu.flushAll();
            stats.tlbFlushes++;
        }
    }

    void leave() {
        STATE.setRelease(this, OUTSIDE);
    }

    /** Waits until the vCPU is outside the guest; its attention was raised. */
    void awaitOutside() {
        for (int spin = 0; (int) STATE.getVolatile(this) == INSIDE; spin++) {
            if (spin < SPINS) {
                Thread.onSpinWait();
            } else {
                LockSupport.parkNanos(WAIT_NANOS);
            }
        }
    }
}

package jkvm.vm;

import java.util.function.BooleanSupplier;
import jkvm.abi.KvmExit;
import jkvm.linux.Errno;

/**
 * The run loop of one vCPU, on the thread that calls it: enters the guest, hands its exit over, enters it again.
 * {@link VcpuThread} is this loop on a thread of its own.
 */
public final class VcpuLoop {
    private static final int EINTR = -Errno.EINTR.code();
    private static final int EAGAIN = -Errno.EAGAIN.code();
    /** No errno: the loop has not ended. */
    private static final int CONTINUE = -1;

    private final Vcpu vcpu;
    private final ExitHandler handler;
    private final BooleanSupplier interrupted;

    /**
     * Prepares a loop, which {@link #run()} begins.
     *
     * @param handler     takes the exits; this class does not call {@link ExitHandler#failed}
     * @param interrupted called after each interruption ({@link Vcpu#interrupt()}, a signal), when the guest's access
     *                    that was in progress is complete; false ends the loop
     */
    public VcpuLoop(Vcpu vcpu, ExitHandler handler, BooleanSupplier interrupted) {
        this.vcpu = vcpu;
        this.handler = handler;
        this.interrupted = interrupted;
    }

    /**
     * Runs the guest until the handler or an interruption ends that. What the handler throws comes out.
     *
     * @return 0, or the errno that KVM_RUN failed with
     */
    public int run() {
        int result;
        do {
            // A method of its own, which the JVM compiles: this one is called once.
            result = once();
        } while (result == CONTINUE);
        return result;
    }

    private int once() {
        int reason = vcpu.run();
        if (reason >= 0) {
            if (!handler.handle(vcpu, reason)) {
                completeAccess(vcpu, handler, reason);
                return 0;
            }
        } else if (reason == EINTR || reason == EAGAIN) {
            vcpu.clearInterrupt();
            handler.interrupted(vcpu);
            return interrupted.getAsBoolean() ? CONTINUE : 0;
        } else {
            return -reason;
        }
        return CONTINUE;
    }

    /** Exits that the kernel finishes at the next KVM_RUN, with what the handler answered. */
    private static boolean awaitsAnswer(int reason) {
        return switch (reason) {
            case KvmExit.IO, KvmExit.MMIO, KvmExit.HYPERCALL, KvmExit.X86_RDMSR, KvmExit.X86_WRMSR, KvmExit.HYPERV,
                    KvmExit.XEN -> true;
            default -> false;
        };
    }

    /**
     * Lets the kernel finish the access that the last exit was for, without entering the guest again; the next KVM_RUN
     * is interrupted. On the vCPU's thread.
     *
     * @param reason of that exit, which was handled
     */
    public static void completeAccess(Vcpu vcpu, ExitHandler handler, int reason) {
        int next = reason;
        while (awaitsAnswer(next)) {
            vcpu.interrupt();
            next = vcpu.run();
            if (next >= 0) {
                handler.handle(vcpu, next);
            }
        }
    }
}

package jkvm.machine.run;

import jkvm.abi.KvmExit;
import jkvm.vm.Vcpu;

/** Exits other than accesses to devices. Called on the vCPU's thread; each answers true to continue the guest. */
public interface ExitEvents {

    /** HLT without an interrupt controller in the kernel. */
    boolean halted(Vcpu vcpu);

    /** A triple fault, or INIT while the guest cannot take it. */
    boolean shutdown(Vcpu vcpu);

    /** The kernel's own report of a crash, reset or power-off. */
    boolean systemEvent(Vcpu vcpu);

    /** A breakpoint or the end of a step, which {@link Vcpu#guestDebug} asked for. */
    default boolean debugged(Vcpu vcpu) {
        return unhandled(vcpu, KvmExit.DEBUG);
    }

    /** Any other exit: an internal error, a failed entry, or one that was not asked for. */
    boolean unhandled(Vcpu vcpu, int reason);

    /** KVM_RUN failed, or a device threw. The vCPU's thread ends. */
    void failed(Vcpu vcpu, RuntimeException cause);
}

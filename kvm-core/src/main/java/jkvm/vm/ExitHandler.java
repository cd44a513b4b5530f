package jkvm.vm;

/** Handles a vCPU's exits. Called on the vCPU's thread. */
public interface ExitHandler {

    /**
     * Handles one exit. The exit's fields are in {@link Vcpu#kvmRun()}; data that the guest reads is put there.
     *
     * @param reason one of {@link jkvm.abi.KvmExit}
     * @return true to go on with the guest, false to end the thread
     */
    boolean handle(Vcpu vcpu, int reason);

    /**
     * KVM_RUN was interrupted, by {@link Vcpu#interrupt()} or a signal: the guest stands between two instructions and
     * goes on next, unless a pause was asked for.
     */
    default void interrupted(Vcpu vcpu) {
    }

    /** KVM_RUN failed, or {@link #handle} threw. The thread ends after this. */
    void failed(Vcpu vcpu, RuntimeException cause);
}

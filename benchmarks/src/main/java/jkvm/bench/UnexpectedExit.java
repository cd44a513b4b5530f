package jkvm.bench;

import jkvm.machine.run.ExitEvents;
import jkvm.vm.Vcpu;

/** Events that the guest of {@link PioGuest} never causes: each ends the run. */
final class UnexpectedExit implements ExitEvents {

    @Override
    public boolean halted(Vcpu vcpu) {
        return false;
    }

    @Override
    public boolean shutdown(Vcpu vcpu) {
        return false;
    }

    @Override
    public boolean systemEvent(Vcpu vcpu) {
        return false;
    }

    @Override
    public boolean unhandled(Vcpu vcpu, int reason) {
        return false;
    }

    @Override
    public void failed(Vcpu vcpu, RuntimeException cause) {
        throw cause;
    }
}

package jkvm.control.guest;

import jkvm.vm.VcpuExit;

/** Hears of a guest's exits. */
@FunctionalInterface
public interface ExitListener {

    /**
     * Called on the vCPU's thread before the exit is handled, so that the guest waits for it. It calls no method of the
     * {@link Guest} that waits for the machine.
     *
     * @param vcpu the vCPU's number
     */
    void exited(int vcpu, VcpuExit exit);
}

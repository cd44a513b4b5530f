package jkvm.machine.run;

import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/** Puts itself between a vCPU and its exits: to count, time or trace them. */
@FunctionalInterface
public interface VcpuObserver {
    /** Looks at nothing. No lambda: the start-up cache holds none of an interface with an initializer and defaults. */
    VcpuObserver NONE = new VcpuObserver() {
        @Override
        public ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
            return handler;
        }
    };

    /**
     * Called once per vCPU, before it runs.
     *
     * @param handler what handles the exits
     * @return what is called instead; it hands each exit on to {@code handler}
     */
    ExitHandler observe(Vcpu vcpu, ExitHandler handler);

    /** The vCPU has its first registers and runs next: at the start, and after a reset. On the machine's thread. */
    default void entering(Vcpu vcpu) {
    }

    /** The machine resets the vCPU, which has stopped and still has its registers. On the machine's thread. */
    default void resetting(Vcpu vcpu) {
    }
}

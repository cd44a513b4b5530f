package jkvm.control.trace;

import jkvm.bus.AccessWatch;
import jkvm.bus.IoHandler;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.MachineExit;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.run.VcpuObserver;
import jkvm.soft.Accelerator;
import jkvm.soft.observe.SoftObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * One view of a run, opened by its {@link ViewConfig}. It puts itself between the parts that it looks at and leaves the
 * others alone: what it does not override costs nothing.
 *
 * <p>In this order: {@link #begins} before the machine is built, {@link #prepare}, {@link #observe} and {@link #inside}
 * meanwhile, {@link #attach} and {@link #around} before it runs, {@link #ended} if it has run to an end, {@link #close}
 * last, also where it was never built.
 */
public interface RunView extends VcpuObserver, AccessWatch, AutoCloseable {

    /** The observer of a vCPU of the KVM in Java, by the vCPU's number; null for none. */
    default SoftObserver inside(int vcpu) {
        return null;
    }

    /** Tells which machine is about to be built, on which KVM. */
    default void begins(MachineConfig config, Accelerator accelerator) {
    }

    /** Asks the machine's builder for further hooks. */
    default void prepare(MachineBuilder builder) {
    }

    @Override
    default ExitHandler observe(Vcpu vcpu, ExitHandler handler) {
        return handler;
    }

    @Override
    default IoHandler around(IoHandler handler, String owner, long start) {
        return handler;
    }

    /** The machine is whole and does not run yet. */
    default void attach(Machine machine) {
    }

    /** The machine has run to its end. It is still whole, and nothing of it runs any more. */
    default void ended(MachineExit exit) {
    }

    /**
     * Writes what is left. A view that cannot says so in one line and does not throw: the guest's exit code stands.
     */
    @Override
    void close();
}

package jkvm.control.trace;

import jkvm.bus.AccessWatch;
import jkvm.bus.IoHandler;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.run.VcpuObserver;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;

/**
 * One view of a run, opened by its {@link ViewConfig}. It puts itself between the parts that it looks at and leaves the
 * others alone: what it does not override costs nothing.
 *
 * <p>In this order: {@link #prepare} and {@link #observe} while the machine is built, {@link #attach} and {@link
 * #around} before it runs, {@link #close} after it has ended, also where it was never built.
 */
public interface RunView extends VcpuObserver, AccessWatch, AutoCloseable {

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

    /**
     * Writes what is left. A view that cannot says so in one line and does not throw: the guest's exit code stands.
     */
    @Override
    void close();
}

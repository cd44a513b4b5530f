package jkvm.control.hmp;

import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Supplier;
import jkvm.host.HostException;
import jkvm.host.image.NodeException;
import jkvm.machine.Machine;
import jkvm.machine.MachineDebug;
import jkvm.machine.config.HotplugException;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.state.StateException;
import jkvm.vm.Vcpu;

/** One monitor's view of the machine: waits for it, and knows which vCPU commands mean. For one thread. */
final class MonitorSession {
    private final Machine machine;
    private final MachineDebug debug;
    private int cpu;

    MonitorSession(Machine machine) {
        this.machine = machine;
        this.debug = machine.debug();
    }

    Machine machine() {
        return machine;
    }

    MachineDebug debug() {
        return debug;
    }

    /** The vCPU that commands mean which name none. Its state is read by {@link #standing} alone. */
    Vcpu vcpu() {
        if (debug.vcpus().isEmpty()) {
            throw new MonitorException("No CPU available");
        }
        return debug.vcpus().get(cpu);
    }

    /** @throws MonitorException if there is no such vCPU */
    void selectCpu(long index) {
        if (index < 0 || index >= debug.vcpus().size()) {
            throw new MonitorException("invalid CPU index");
        }
        cpu = (int) index;
    }

    /**
     * Runs a task while the machine stands, and waits for it.
     *
     * @throws MonitorException what the task has thrown, or that the machine has ended
     */
    <T> T standing(Supplier<T> task) {
        return await(machine.quiesced(task));
    }

    /**
     * Makes a request and waits until the machine has acted on it.
     *
     * @throws MonitorException the reason why it was not made
     */
    void await(Supplier<CompletableFuture<Void>> request) {
        CompletableFuture<Void> made;
        try {
            made = request.get();
        } catch (HotplugException e) {
            throw MonitorException.refused(e.getMessage());
        }
        await(made);
    }

    /** Waits until the machine has acted on a request. */
    <T> T await(CompletableFuture<T> request) {
        try {
            return request.join();
        } catch (CompletionException e) {
            throw switch (e.getCause()) {
                case MonitorException refusal -> refusal;
                case HotplugException refusal -> MonitorException.refused(refusal.getMessage());
                case NodeException refusal -> MonitorException.refused(refusal.getMessage());
                case HostException refusal -> MonitorException.refused(refusal.getMessage());
                case VmSnapshotException refusal -> MonitorException.refused(refusal.getMessage());
                case StateException refusal -> MonitorException.refused(refusal.getMessage());
                case IllegalStateException state -> MonitorException.refused(state.getMessage());
                case RuntimeException defect -> defect;
                case Error error -> throw error;
                case null, default -> e;
            };
        }
    }

    /** The value of a register of the current vCPU, empty for an unknown name. */
    OptionalLong register(String name) {
        return standing(() -> RegisterNames.find(name, vcpu()));
    }
}

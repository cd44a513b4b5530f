package jkvm.machine;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jkvm.abi.KvmIrqchip;
import jkvm.memory.GuestMemory;
import jkvm.vm.Vcpu;
import jkvm.vm.VmInterrupts;

/**
 * A machine as its debugger needs it: the vCPUs themselves, their exits at breakpoints and steps, and a way to let one
 * of them run while the others stand. One debugger at a time. Registers, breakpoints and memory are touched only while
 * the machine is {@linkplain Machine#pause() paused}.
 */
public final class MachineDebug {
    private final MachineRequests requests;
    private final List<Vcpu> vcpus;
    private final GuestMemory memory;
    private final Supplier<CompletableFuture<Void>> stop;
    private final ReplayHistory history;
    private final VmInterrupts interrupts;

    MachineDebug(MachineRequests requests, List<Vcpu> vcpus, GuestMemory memory,
            Supplier<CompletableFuture<Void>> stop, ReplayHistory history, VmInterrupts interrupts) {
        this.requests = requests;
        this.vcpus = List.copyOf(vcpus);
        this.memory = memory;
        this.stop = stop;
        this.history = history;
        this.interrupts = interrupts;
    }

    /** The way back; empty where the machine does not replay a recording. */
    public Optional<ReplayHistory> history() {
        return Optional.ofNullable(history);
    }

    /** All of them, by their numbers. */
    public List<Vcpu> vcpus() {
        return vcpus;
    }

    /** The guest's memory. */
    public GuestMemory memory() {
        return memory;
    }

    /**
     * The state of an interrupt controller in the kernel.
     *
     * @param chip a constant of {@link KvmIrqchip}
     */
    public KvmIrqchip irqchip(int chip) {
        return interrupts.irqchip(chip);
    }

    /**
     * Hears of each exit at a breakpoint or after a step, on the vCPU's thread. Before the listener returns it asks for
     * a {@linkplain #stop() stop}, or else the vCPU continues. Without a listener such an exit is a failure of the
     * guest.
     *
     * @param listener null for none, once no breakpoint is left and the machine is paused
     */
    public void listener(Consumer<Vcpu> listener) {
        requests.debugger(listener);
    }

    /** As {@link Machine#pause()}, for a breakpoint or a step: the machine's state says so. */
    public CompletableFuture<Void> stop() {
        return stop.get();
    }

    /** From the next resumption on this vCPU runs alone. */
    public void runOnly(Vcpu vcpu) {
        requests.mayRun(Objects.requireNonNull(vcpu));
    }

    /** From the next resumption on all vCPUs run. */
    public void runAll() {
        requests.mayRun(null);
    }
}

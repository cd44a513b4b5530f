package jkvm.machine;

import java.util.ArrayList;
import java.util.List;
import jkvm.machine.board.BootPlan;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.run.VcpuObserver;
import jkvm.vm.IrqchipState;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuState;
import jkvm.vm.VcpuThread;
import jkvm.vm.Vm;

/** The state of a machine that was just switched on, which a reset returns to. For the machine's thread. */
final class PowerOnState {
    private final Vm vm;
    private final List<Vcpu> vcpus;
    private final VcpuObserver observer;
    private final List<VcpuThread> threads;
    private final MachineBoard board;
    private final BootPlan bootPlan;
    private final MachineDevices plugged;
    private final IrqchipState irqchip;
    private final List<VcpuState> cpus = new ArrayList<>();

    /** Records the state, before any vCPU runs. */
    PowerOnState(Vm vm, Processors processors, List<VcpuThread> threads, MachineBoard board, BootPlan bootPlan,
            MachineDevices plugged) {
        this.vm = vm;
        this.vcpus = processors.vcpus();
        this.observer = processors.observer();
        this.threads = threads;
        this.board = board;
        this.bootPlan = bootPlan;
        this.plugged = plugged;
        for (Vcpu vcpu : vcpus) {
            cpus.add(VcpuState.capture(vcpu, processors.msrIndices()));
        }
        irqchip = IrqchipState.capture(vm);
    }

    /** Returns to the state and loads the guest anew. The vCPUs stay paused. */
    void restore() {
        threads.forEach(VcpuThread::pause);
        vcpus.forEach(observer::resetting);
        plugged.reset();
        board.reset();
        restoreProcessors();
        bootPlan.load();
        bootPlan.enter(vcpus);
        vcpus.forEach(observer::entering);
    }

    private void restoreProcessors() {
        irqchip.restore(vm);
        for (int i = 0; i < vcpus.size(); i++) {
            cpus.get(i).restore(vcpus.get(i));
        }
    }

    /** The guest is suspended to RAM. The vCPUs are paused. */
    void suspend() {
        board.suspend();
    }

    /** As {@link #restore}, but memory stays as it is, and the guest goes on at its waking vector. */
    void wakeUp() {
        if (!bootPlan.canResume()) {
            restore();
            return;
        }
        vcpus.forEach(observer::resetting);
        board.wakeUp();
        restoreProcessors();
        bootPlan.resume(vcpus);
        vcpus.forEach(observer::entering);
    }
}

package jkvm.machine;

import java.util.ArrayList;
import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.vm.ExitHandler;
import jkvm.vm.IrqchipState;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuState;
import jkvm.vm.VcpuThread;
import jkvm.vm.Vm;

/**
 * One guest: its VM, memory, devices and vCPUs, made whole by {@link MachineBuilder}. {@link #run()} runs it to its end
 * on the calling thread; {@link #quit()} may come from any thread.
 */
public final class Machine implements AutoCloseable {
    private final MachineConfig config;
    private final Vm vm;
    private final GuestMemory memory;
    private final BootPlan bootPlan;
    private final PlatformDevices devices;
    private final MachineClock clock;
    private final MachineEvents events;
    private final List<Vcpu> vcpus;
    private final List<VcpuThread> threads = new ArrayList<>();
    private final List<VcpuState> powerOnCpus = new ArrayList<>();
    private final IrqchipState powerOnIrqchip;

    Machine(MachineConfig config, Vm vm, GuestMemory memory, List<Vcpu> vcpus, int[] msrIndices, BootPlan bootPlan,
            PlatformDevices devices, MachineClock clock, MachineEvents events, VcpuObserver observer) {
        this.config = config;
        this.vm = vm;
        this.memory = memory;
        this.vcpus = vcpus;
        this.bootPlan = bootPlan;
        this.devices = devices;
        this.clock = clock;
        this.events = events;
        for (Vcpu vcpu : vcpus) {
            powerOnCpus.add(VcpuState.capture(vcpu, msrIndices));
            ExitHandler dispatcher = new ExitDispatcher(devices.ports(), devices.memory(), events);
            threads.add(new VcpuThread(vcpu, observer.observe(vcpu, dispatcher), "vcpu" + vcpu.id()));
        }
        powerOnIrqchip = IrqchipState.capture(vm);
        events.attach(threads);
    }

    /**
     * Starts the guest and runs it until it powers off, is ended by a test device or the user, or fails. Once.
     *
     * @return how it ended
     */
    public MachineExit run() {
        bootPlan.enter(vcpus);
        clock.start();
        threads.forEach(VcpuThread::start);
        MachineExit exit = null;
        while (exit == null) {
            exit = act(events.await());
        }
        // Before: a vCPU may wait for a slow host.
        clock.close();
        threads.forEach(VcpuThread::stop);
        return exit;
    }

    /** The guest's memory, whole once {@link #run()} has returned, and until {@link #close()}. */
    public GuestMemory memory() {
        return memory;
    }

    /**
     * Ends the machine as the user's wish: {@link #run()} returns with status zero. Any thread may call, at any time.
     */
    public void quit() {
        events.post(new MachineEvent.Quit());
    }

    /**
     * Acts on a request.
     *
     * @return how the machine ended, null if it goes on
     */
    private MachineExit act(MachineEvent event) {
        // Before the switch over types: linking that takes as long as the guest that ends so ran.
        if (event instanceof MachineEvent.Exit exit) {
            return new MachineExit(exit.status(), "");
        }
        return switch (event) {
            case MachineEvent.Reset reset when config.noReboot() -> powerOff(reset);
            case MachineEvent.Reset reset -> restart(reset);
            case MachineEvent.TripleFault fault when config.noReboot() && !config.noShutdown() ->
                    new MachineExit(0, fault.report());
            case MachineEvent.TripleFault fault -> {
                logTripleFault(fault.report());
                yield config.noReboot() ? powerOff(fault) : restart(fault);
            }
            case MachineEvent.PowerOff off -> powerOff(off);
            case MachineEvent.Exit exit -> new MachineExit(exit.status(), "");
            case MachineEvent.Quit _ -> MachineExit.SUCCESS;
            case MachineEvent.Failure failure -> new MachineExit(1, failure.report());
        };
    }

    /** Resets the machine and lets it go on. */
    private MachineExit restart(MachineEvent event) {
        reset();
        events.done(event);
        threads.forEach(VcpuThread::resume);
        return null;
    }

    private void logTripleFault(String report) {
        if (!report.isEmpty()) {
            String next = config.noReboot() ? "the machine stands still"
                    : "the machine resets, and will do so at further triple faults without a report; "
                    + "-no-reboot ends it instead";
            System.getLogger("jkvm.machine").log(System.Logger.Level.WARNING, report + "then: " + next);
        }
    }

    /** Under {@code -no-shutdown} the machine stands still until the user ends it. */
    private MachineExit powerOff(MachineEvent event) {
        if (!config.noShutdown()) {
            return MachineExit.SUCCESS;
        }
        threads.forEach(VcpuThread::pause);
        clock.pause();
        events.done(event);
        return null;
    }

    /** Returns to the state at power-on. The vCPUs stay paused. */
    private void reset() {
        threads.forEach(VcpuThread::pause);
        devices.reset();
        powerOnIrqchip.restore(vm);
        for (int i = 0; i < vcpus.size(); i++) {
            powerOnCpus.get(i).restore(vcpus.get(i));
        }
        bootPlan.load();
        bootPlan.enter(vcpus);
    }

    /**
     * Stops the guest if it runs and closes the VM and its memory. Closing twice is fine.
     *
     * @throws java.io.UncheckedIOException if something of a disk could not be saved; all is closed even so
     */
    @Override
    public void close() {
        clock.close();
        threads.forEach(VcpuThread::stop);
        try {
            devices.close();
        } finally {
            vm.close();
        }
    }
}

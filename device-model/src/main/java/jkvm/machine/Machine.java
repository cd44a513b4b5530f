package jkvm.machine;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.function.Supplier;
import jkvm.bus.AddressSpace;
import jkvm.device.platform.VmGenerationId;
import jkvm.host.display.DisplayHub;
import jkvm.host.image.DiskHandover;
import jkvm.host.input.InputHub;
import jkvm.host.input.Key;
import jkvm.machine.board.BootPlan;
import jkvm.machine.board.HotplugSlots;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.cpu.CpuExpansion;
import jkvm.machine.cpu.CpuModel;
import jkvm.machine.facts.MachineFacts;
import jkvm.machine.run.ExitDispatcher;
import jkvm.machine.run.GuestTime;
import jkvm.machine.run.VcpuObserver;
import jkvm.machine.snapshot.Lineage;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.memory.DirtyPages;
import jkvm.memory.GuestMemory;
import jkvm.vm.ExitHandler;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuThread;
import jkvm.vm.Vm;
import jkvm.work.InstructionClock;

/**
 * One guest: its VM, memory, devices and vCPUs, made whole by {@link MachineBuilder}. {@link #run()} runs it to its end
 * on the calling thread, which is the machine's: it alone changes the {@linkplain MachineState state}. The methods that
 * ask it to (pause, resume, reset, power button, quit) may be called from any thread and return at once. A future that
 * they answer completes when the machine has acted, or with an {@link IllegalStateException} where the state does not
 * allow it or the machine has ended. It is not waited for on the machine's thread, a vCPU's or a worker's.
 *
 * {@snippet :
 * MachineConfig config = MachineConfig.builder().memory(16 << 20)
 *         .loader(new BootConfig.Loader(Optional.empty(), OptionalLong.of(0x100000), OptionalInt.of(0), false))
 *         .build();                                           // no image: the vCPU executes zeros
 * MachineBuilder builder = new MachineBuilder(config, Accelerators.open("soft").syscalls(), _ -> null);
 * List<MachineEvent.Type> events = new ArrayList<>();
 * try (Machine machine = builder.build()) {
 *     machine.addListener(event -> events.add(event.type()));
 *     Thread.ofPlatform().start(() -> {
 *         machine.pause().join();
 *         MachineSnapshot snapshot = machine.save().join();   // registers, devices, RAM
 *         machine.load(snapshot).join();
 *         machine.resume().join();
 *         machine.quit();
 *     });
 *     MachineExit exit = machine.run();
 *     assert exit.status() == 0;
 * }
 * assert events.equals(List.of(MachineEvent.Type.STOP, MachineEvent.Type.RESUME, MachineEvent.Type.SHUTDOWN));
 * }
 */
public final class Machine implements AutoCloseable {
    private final MachineConfig config;
    private final Vm vm;
    private final BootPlan bootPlan;
    private final MachineBoard board;
    private final MachineRequests requests;
    private final List<Vcpu> vcpus;
    private final CpuModel cpuModel;
    private final VcpuObserver observer;
    private final List<VcpuThread> threads = new ArrayList<>();
    private final MachineSaver saver;
    private final ResetPoints points;
    private final MachineListeners listeners = new MachineListeners();
    private final MachineHold hold;
    private final MachineLife life;
    private final MachineLoop loop;
    /** Null without a recording. */
    private final MachineInputs inputs;
    private final MachineDevices devices;
    private final MachineSnapshots snapshots;
    private final MachineMigration migration;
    /** Null but in a replay. */
    private final ReplayHistory history;

    Machine(MachineConfig config, Vm vm, Processors processors, BootPlan bootPlan, MachineBoard board,
            HotplugSlots slots, MachineRequests requests) {
        this.config = config;
        this.vm = vm;
        this.vcpus = processors.vcpus();
        this.cpuModel = processors.model();
        this.observer = processors.observer();
        this.bootPlan = bootPlan;
        this.board = board;
        this.requests = requests;
        for (Vcpu vcpu : vcpus) {
            ExitHandler dispatcher = new ExitDispatcher(board.ports(), board.memory(), requests);
            threads.add(new VcpuThread(vcpu, observer.observe(vcpu, dispatcher), "vcpu" + vcpu.id()));
        }
        saver = new MachineSaver(config, vm, processors, board);
        points = new ResetPoints(this, vm, vcpus, saver, board);
        hold = new MachineHold(threads, board.workers(), board.clock(),
                config.time().counting().isEmpty() ? new GuestTime(vm, vcpus, config.platform().pit()) : null);
        inputs = MachineInputs.of(board.workers().clock(), new RecordedActs());
        devices = new MachineDevices(requests, hold, listeners, slots, inputs != null);
        DiskHandover disks = slots.sides().drives().graph().handover();
        life = new MachineLife(config.end(), hold, listeners,
                new PowerOnState(vm, processors, threads, board, bootPlan, devices), disks::takeBack);
        loop = new MachineLoop(requests, life, threads, this::powerOn, this::end);
        snapshots = new MachineSnapshots(saver, board, life, hold, requests, inputs != null);
        migration = new MachineMigration(requests, life, saver, disks, hold, inputs != null);
        requests.attach(threads, () -> {
            life.wakeUp();
            return null;
        });
        if (inputs != null) {
            history = inputs.isReplay() ? new ReplayHistory(this, saver, board.workers().clock(), board.undoDisks())
                    : null;
            inputs.begin(saver.facts(config.time()), difference ->
                    requests.post(new MachineRequest.Failure("the replay differs from the recording: " + difference,
                            false)));
        } else {
            history = null;
        }
    }

    /**
     * Starts the guest and runs it until it powers off, is ended by a test device or the user, or fails. Once. Acts
     * first on what was asked for before: after {@link #pause()} no vCPU runs until {@link #resume()}.
     *
     * @return how it ended
     * @throws IllegalStateException if the machine has run already, runs, or is closed
     */
    public MachineExit run() {
        return loop.run();
    }

    private void powerOn() {
        bootPlan.enter(vcpus);
        vcpus.forEach(observer::entering);
        board.clock().start();
    }

    private void end() {
        // Before: a vCPU may wait for a slow host.
        board.clock().close();
        threads.forEach(VcpuThread::stop);
        if (inputs != null) {
            inputs.end();
        }
        if (hold.isHeld()) {
            // Their owners close them, some after what they still have to do.
            board.workers().resume();
        }
    }

    /** The machine as it was asked for. */
    public MachineConfig config() {
        return config;
    }

    /**
     * The properties of the processor that a guest would get on this machine's accelerator, under QEMU's names:
     * booleans, numbers ({@link Long}), and texts.
     *
     * @param model    one of QEMU's names, or {@code base}, which has no features
     * @param features changes to it
     * @param values   its other properties that are changed, with their texts
     * @throws jkvm.machine.config.MachineException if the model or a property is unknown or has an impossible value
     */
    public Map<String, Object> cpuProperties(String model, Map<String, Boolean> features, Map<String, String> values) {
        return new CpuExpansion(cpuModel).properties(model, features, values);
    }

    /** The features of a CPU model that this machine's accelerator does not have. */
    public List<String> unavailableFeatures(String model) {
        return new CpuExpansion(cpuModel).unavailable(model);
    }

    /** The kernel's ids of the vCPUs' threads, by the vCPUs' numbers; 0 for one that has not started. */
    public List<Integer> vcpuThreadIds() {
        return threads.stream().map(VcpuThread::kernelId).toList();
    }

    /** The guest's screen, until {@link #close()}; empty without a display adapter. Any thread may ask. */
    public Optional<DisplayHub> display() {
        return board.display();
    }

    /** The guest's memory, whole once {@link #run()} has returned, and until {@link #close()}. */
    public GuestMemory memory() {
        return board.guestMemory();
    }

    /** The rest of a debugger's needs, besides the methods here. */
    public MachineDebug debug() {
        return new MachineDebug(requests, vcpus, board.guestMemory(), () -> pause(RunState.DEBUG), history,
                vm.interrupts());
    }

    /** The steps by which this machine goes to another process, or comes from one. */
    public MachineMigration migration() {
        return migration;
    }

    /** The devices and the places where the guest finds them, at this moment. Any thread may ask. */
    public MachineFacts facts() {
        return board.facts();
    }

    /** The machine's snapshots in its disks. */
    public MachineSnapshots snapshots() {
        return snapshots;
    }

    /** Adds devices and their host sides to the machine, and removes them. */
    public MachineDevices devices() {
        return devices;
    }

    /** The VM generation ID at this moment; empty without a device for it. Any thread may ask. */
    public Optional<UUID> generationId() {
        return board.generationId().map(VmGenerationId::id);
    }

    /** The state at this moment. Any thread may ask. */
    public MachineState state() {
        return life.state();
    }

    /** The state as QEMU names it. Any thread may ask. */
    public RunState runState() {
        return life.runState();
    }

    /** Tells a listener all events from now on. Any thread may call. */
    public void addListener(MachineListener listener) {
        listeners.add(listener);
    }

    /** Tells a listener no event that begins from now on. Any thread may call. */
    public void removeListener(MachineListener listener) {
        listeners.remove(listener);
    }

    /** Where the guest's accesses to ports go, for those who watch them. */
    public AddressSpace ports() {
        return board.ports();
    }

    /** Where the guest's accesses to memory go that is no RAM. */
    public AddressSpace registers() {
        return board.memory();
    }

    /** Stops the vCPUs, then all workers, timers and clocks. In a paused machine it does nothing. */
    public CompletableFuture<Void> pause() {
        return pause(RunState.PAUSED);
    }

    private CompletableFuture<Void> pause(RunState reason) {
        return command(true, () -> {
            life.pause(reason);
            return null;
        });
    }

    /** Resumes a paused machine. In one that runs it does nothing. */
    public CompletableFuture<Void> resume() {
        return command(false, () -> {
            life.resume();
            return null;
        });
    }

    /**
     * Resets the machine: it runs or is paused as before. Under {@code -no-reboot} it ends instead. One that is stopped
     * after the guest's power-off is paused from then on.
     */
    public CompletableFuture<Void> reset() {
        return isReplay() ? MachineInputs.refused() : resetAsInput();
    }

    private CompletableFuture<Void> resetAsInput() {
        return command(true, () -> {
            if (inputs != null) {
                hold.during(inputs::noteReset);
            }
            return life.reset(ShutdownCause.HOST_QMP_SYSTEM_RESET);
        });
    }

    /** True if the guest can suspend itself to RAM. */
    public boolean canSuspend() {
        return config.canSuspend();
    }

    /** Wakes a guest that has suspended itself to RAM, as a key does. */
    public CompletableFuture<Void> wakeUp() {
        return command(false, () -> {
            if (!canSuspend()) {
                throw new IllegalStateException("wake-up from suspend is not supported by this guest");
            }
            if (life.state() != MachineState.SUSPENDED) {
                throw new IllegalStateException("Unable to wake up: guest is not in suspended state");
            }
            life.wakeUp();
            return null;
        });
    }

    /** Presses the power button shortly. It is up to the guest's system to power the machine off then. */
    public CompletableFuture<Void> powerButton() {
        return input(false, this::pressPowerButton, MachineInputs::powerButton);
    }

    /** Injects a non-maskable interrupt into all vCPUs. */
    public CompletableFuture<Void> injectNmi() {
        if (vcpus.isEmpty()) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("this feature or command is not currently supported"));
        }
        return input(true, () -> hold.during(this::injectNmis), MachineInputs::nmi);
    }

    /** @param recorded in a recording, leaves the act to the next moment for input */
    private CompletableFuture<Void> input(boolean pauses, Runnable act, Consumer<MachineInputs> recorded) {
        return isReplay() ? MachineInputs.refused() : command(pauses, () -> {
            if (inputs == null) {
                act.run();
            } else {
                recorded.accept(inputs);
            }
            return null;
        });
    }

    private boolean isReplay() {
        return inputs != null && inputs.isReplay();
    }

    private void pressPowerButton() {
        board.pressPowerButton();
        listeners.tell(MachineEvent.Type.POWERDOWN, null);
    }

    private void injectNmis() {
        vcpus.forEach(Vcpu::injectNmi);
    }

    /** Acts on the user's commands at the counts of a recording. On the vCPU's thread. */
    private final class RecordedActs implements MachineInputs.Acts {
        @Override
        public void pressPowerButton() {
            Machine.this.pressPowerButton();
        }

        @Override
        public void injectNmi() {
            injectNmis();
        }

        @Override
        public void reset() {
            var _ = resetAsInput();
        }

        @Override
        public void end() {
            quit();
        }
    }

    /**
     * Presses keys of the keyboard together, after those that were pressed before. Does not wait for the guest, which
     * notices when it runs.
     *
     * @param hold guest time until they are let go
     * @return completes with an {@link IllegalStateException} if there is no keyboard, or the guest has not fetched a
     *         lot of earlier keys
     */
    public CompletableFuture<Void> press(List<Key> chord, Duration hold) {
        List<Key> keys = List.copyOf(chord);
        if (isReplay()) {
            return MachineInputs.refused();
        }
        return command(false, () -> {
            board.input().press(keys, hold);
            return null;
        });
    }

    /**
     * Leads what users do with keyboard and pointer to the guest. Events are the guest's when it runs; a replay takes
     * none. Any thread may call.
     */
    public InputHub input() {
        return board.input();
    }

    /** As {@link #quit(ShutdownCause)}, from a program. */
    public void quit() {
        quit(ShutdownCause.HOST_QMP_QUIT);
    }

    /**
     * Ends the machine as the user's wish: {@link #run()} returns with status zero, before other requests are acted on.
     */
    public void quit(ShutdownCause cause) {
        requests.post(new MachineRequest.Quit(Objects.requireNonNull(cause)));
        board.guestMemory().endWaits();
    }

    /**
     * Runs a task while the whole machine is paused: vCPUs outside KVM_RUN with their last exit completed, workers
     * between two rounds, clocks and timers stopped. A machine that ran resumes afterwards, without an event.
     * From the call on vCPUs execute nothing: called on a vCPU's thread, where time is counted in instructions, the
     * task sees the machine at that count.
     *
     * @param task runs on the machine's thread
     * @return the task's result, or what it has thrown
     */
    public <T> CompletableFuture<T> quiesced(Supplier<T> task) {
        Objects.requireNonNull(task);
        AtomicReference<T> result = new AtomicReference<>();
        return command(true, () -> {
            hold.during(() -> result.set(task.get()));
            return null;
        }).thenApply(_ -> result.get());
    }

    /**
     * Tells from this moment on which pages of the guest's memory change, until the answer is closed. Several users may
     * do so at a time.
     */
    public CompletableFuture<DirtyPages> trackWrites() {
        return quiesced(() -> vm.trackWrites(board.guestMemory()));
    }

    /**
     * Makes a point of this moment to which the machine returns fast ({@link ResetPoint#restore}). A machine with disks
     * that the guest may write has to be made for it: {@link MachineBuilder#resetPoints()}.
     *
     * @return completes with an {@link IllegalStateException} in a machine that was not made for it, or whose inputs
     *         are recorded
     */
    public CompletableFuture<ResetPoint> mark() {
        if (inputs != null) {
            return CompletableFuture.failedFuture(
                    new IllegalStateException("a machine whose inputs are recorded has no reset points"));
        }
        return quiesced(points::mark);
    }

    ResetPoints points() {
        return points;
    }

    /** Runs a task as one of {@link #quiesced}, on the thread of the only vCPU, which stands outside KVM_RUN. */
    void standing(Runnable task) {
        hold.duringOnVcpu(task);
    }

    /** The clock that counts instructions; null where time is the host's. */
    InstructionClock instructionClock() {
        return board.workers().clock();
    }

    CompletableFuture<Void> restore(ResetPoint point) {
        return command(true, () -> {
            life.requireGuest();
            points.check(point);
            hold.during(() -> {
                points.restore(point);
                hold.clocksLoaded();
            });
            return null;
        });
    }

    void forget(ResetPoint point) {
        points.forget(point);
    }

    /**
     * Copies the state of the whole machine, which resumes afterwards if it ran before. The content of a snapshot is
     * told at {@link jkvm.machine.snapshot}. Disks are the caller's: one that a later {@link #load} is to find as it is
     * now is copied by a {@link #quiesced} task that is asked for at the same time, before the machine resumes.
     */
    public CompletableFuture<MachineSnapshot> save() {
        return quiesced(saver::save);
    }

    /**
     * Writes the state of the whole machine to a file, from which others {@linkplain
     * jkvm.machine.snapshot.SnapshotFile load it} without reading its RAM first. The machine stands meanwhile.
     *
     * @return completes with a {@link jkvm.machine.snapshot.SnapshotFileException} where the host refuses, such as on a
     *         full disk: there is no new file then, and the machine resumes
     */
    public CompletableFuture<Void> save(Path file) {
        Objects.requireNonNull(file);
        return quiesced(() -> {
            saver.save(file);
            return null;
        });
    }

    /**
     * The state of the whole machine but RAM, for those who send or save that themselves. {@link #load} of such a state
     * leaves RAM as it is.
     *
     * <p>For a task of {@link #quiesced}, or while the machine is paused and nobody resumes it meanwhile.
     *
     * @throws IllegalStateException if the machine runs
     */
    public MachineSnapshot saveWithoutRam() {
        if (!hold.isHeld()) {
            throw new IllegalStateException("the machine runs");
        }
        return saver.saveWithoutRam();
    }

    /**
     * Takes over the state of a machine of the same configuration: of this one earlier, or of another. Before
     * {@link #run()} a new machine is loaded so that it begins with that state. It is a {@link Lineage#COPY}: a guest
     * with a VM generation ID hears of it.
     *
     * @return completes with a {@link jkvm.state.StateException} where the state does not fit: the machine then is as
     *         it was
     */
    public CompletableFuture<Void> load(MachineSnapshot snapshot) {
        Objects.requireNonNull(snapshot);
        return load(snapshot, Lineage.COPY);
    }

    /** As {@link #load(MachineSnapshot)}, for a machine that may be the saved one itself. */
    public CompletableFuture<Void> load(MachineSnapshot snapshot, Lineage lineage) {
        return command(true, () -> {
            life.requireGuest();
            saver.check(snapshot);
            hold.during(() -> takeOver(snapshot, lineage));
            return null;
        });
    }

    /** As {@link #load}, for an earlier state of this machine: {@code disks} takes those back to it. */
    CompletableFuture<Void> rewind(MachineSnapshot snapshot, Runnable disks) {
        return command(true, () -> {
            hold.during(() -> {
                takeOver(snapshot, Lineage.CONTINUED);
                disks.run();
            });
            return null;
        });
    }

    private void takeOver(MachineSnapshot snapshot, Lineage lineage) {
        try {
            saver.takeOver(snapshot, lineage, life.runState() == RunState.PRELAUNCH, () -> { });
        } finally {
            hold.clocksLoaded();
        }
    }

    private CompletableFuture<Void> command(boolean pauses, MachineRequest.Action action) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        requests.post(new MachineRequest.Command(pauses, action, result));
        return result;
    }

    /**
     * Closes the VM and its memory. A machine that another thread runs is ended first, as by {@link #quit()}; this
     * waits until {@link #run()} there is over. Commands that were not acted on are refused. Closing twice is fine.
     *
     * @throws java.io.UncheckedIOException if something of a disk could not be saved; all is closed even so
     * @throws IllegalStateException        from within: in a listener, in a task, on a vCPU's thread; {@link #quit()}
     *                                      ends the machine there
     */
    @Override
    public void close() {
        board.guestMemory().endWaits();
        loop.close();
        board.clock().close();
        threads.forEach(VcpuThread::stop);
        try {
            board.close();
        } finally {
            vm.close();
        }
    }
}

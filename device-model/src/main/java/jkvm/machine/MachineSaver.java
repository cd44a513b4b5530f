package jkvm.machine;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jkvm.abi.KvmCap;
import jkvm.bus.Device;
import jkvm.linux.LinuxException;
import jkvm.machine.board.GuestRam;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.board.MachineClock;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.TimeConfig;
import jkvm.machine.cpu.CpuModel;
import jkvm.machine.snapshot.Lineage;
import jkvm.machine.snapshot.MachineConfiguration;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.MappedRam;
import jkvm.machine.snapshot.RamImage;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.machine.snapshot.VmSnapshotException;
import jkvm.memory.GuestMemory;
import jkvm.memory.MissingPages;
import jkvm.state.StateException;
import jkvm.vm.ClockState;
import jkvm.vm.IrqchipState;
import jkvm.vm.MissingCapabilityException;
import jkvm.vm.Vcpu;
import jkvm.vm.VcpuState;
import jkvm.vm.Vm;
import jkvm.work.Workers;

/**
 * Takes all parts of a machine to a {@link MachineSnapshot} and back. For the machine's thread while the machine
 * is paused.
 *
 * <p>The order of loading: the machine's clock first, since devices and the KVM in Java compute deadlines by it.
 * Devices, which drive their interrupt lines as they were. The interrupt controllers, which then hold what waits and
 * what was delivered ({@link IrqchipState} says why in this order). kvmclock and counters, then the vCPUs, whose local
 * APICs arm timers by them. When workers are due comes after the devices, which wake all of theirs, and exact deadlines
 * of chips after the chips. RAM last, as nothing after it can fail.
 */
final class MachineSaver {
    private static final String CLOCK = "machine-clock";
    private static final String IRQCHIP = "irqchip";
    static final String TIME = "guest-time";
    static final String CPU = "cpu";
    /** Before a device's name, which a user may have chosen. */
    static final String DEVICE = "device ";
    private static final String WORKERS = "workers";
    private static final String EXACT = "exact";

    private final MachineConfig config;
    private final Vm vm;
    private final List<Vcpu> vcpus;
    private final int[] msrIndices;
    private final GuestMemory memory;
    private final MachineBoard board;
    private final MachineClock clock;
    private final Workers workers;
    private final CpuModel cpuModel;

    MachineSaver(MachineConfig config, Vm vm, Processors processors, MachineBoard board) {
        this.config = config;
        this.vm = vm;
        this.vcpus = processors.vcpus();
        this.msrIndices = processors.msrIndices();
        this.cpuModel = processors.model();
        this.memory = board.guestMemory();
        this.board = board;
        this.clock = board.clock();
        this.workers = board.workers();
    }

    /** As {@link MachineMigration#pageHost()}. */
    Optional<MissingPages.Host> pageHost() {
        return config.time().counting().isEmpty() ? vm.pageHost() : Optional.empty();
    }

    /** The whole state. */
    MachineSnapshot save() {
        memory.requireWhole();
        return collect().build(RamImage.capture(memory));
    }

    /** Writes the whole state to a file. */
    void save(Path file) {
        memory.requireWhole();
        SnapshotFile.write(vm.syscalls(), file, saveWithoutRam(), memory);
    }

    /** The state without RAM, to return to if another one is refused. */
    MachineSnapshot saveWithoutRam() {
        return collect().build(null);
    }

    private MachineSnapshot.Builder collect() {
        MachineSnapshot.Builder builder = new MachineSnapshot.Builder(configuration());
        builder.section(CLOCK, clock::save);
        builder.section(WORKERS, workers::save);
        // Before the vCPUs: a counter that runs on meanwhile would be ahead of what a timer was armed by.
        builder.section(TIME, ClockState.capture(vm, vcpus)::save);
        for (Device device : board.devices()) {
            builder.section(DEVICE + device.name(), device::save);
        }
        builder.section(IRQCHIP, IrqchipState.capture(vm)::save);
        for (Vcpu vcpu : vcpus) {
            builder.section(CPU + vcpu.id(), capture(vcpu)::save);
        }
        if (workers.clock() != null) {
            builder.section(EXACT, workers.clock().exactStates()::save);
        }
        return builder;
    }

    VcpuState capture(Vcpu vcpu) {
        return VcpuState.capture(vcpu, msrIndices);
    }

    /** The facts in which another machine has to agree. */
    MachineConfiguration configuration() {
        return ConfigurationFacts.of(config, cpuModel, board);
    }

    /** The facts in which a run that takes the inputs of another has to agree with it. */
    List<String> facts(TimeConfig time) {
        List<String> facts = new ArrayList<>();
        configuration().facts().forEach(fact -> facts.add(fact.toString()));
        facts.add("seed " + time.guestSeed().stream().mapToObj(Long::toString).findFirst().orElse("random"));
        facts.add("date " + time.rtc().start().orElse(CountingConfig.START));
        facts.add("memory at the start " + Long.toHexString(RamImage.checksum(memory)));
        return facts;
    }

    /**
     * Looks whether a state is one of a machine like this.
     *
     * @throws StateException if not
     */
    void check(MachineSnapshot snapshot) {
        snapshot.configuration().requireSame(configuration());
        snapshot.requireParts(parts());
        if (snapshot.ram() != null) {
            snapshot.ram().layout().requireSame(memory);
        }
    }

    /** The names of the sections. A part that a later version adds may be absent in a state of an earlier one. */
    private Set<String> parts() {
        Set<String> names = new LinkedHashSet<>(List.of(CLOCK, WORKERS, TIME, IRQCHIP));
        board.devices().forEach(device -> names.add(DEVICE + device.name()));
        vcpus.forEach(vcpu -> names.add(CPU + vcpu.id()));
        if (workers.clock() != null) {
            names.add(EXACT);
        }
        return names;
    }

    /**
     * Takes a state over that {@link #check} has passed. The clocks have to be told afterwards, whatever came of it.
     *
     * @param isNew whether no vCPU of this machine has run
     * @param disks takes the disks to the same moment, when all but RAM is loaded
     * @throws StateException      if a part does not fit: the machine is as it was
     * @throws VmSnapshotException from {@code disks}: the machine is as it was
     */
    void takeOver(MachineSnapshot snapshot, Lineage lineage, boolean isNew, Runnable disks) {
        MachineSnapshot before = saveWithoutRam();
        // So that no device continues earlier work.
        board.reset();
        try {
            load(snapshot, disks);
            board.generationId().ifPresent(id -> id.loaded(lineage == Lineage.COPY, isNew));
        } catch (StateException | VmSnapshotException e) {
            board.reset();
            load(before, () -> { });
            throw e;
        }
    }

    /** If a part does not fit, the machine's state is undefined, but for RAM, which is as it was. */
    private void load(MachineSnapshot snapshot, Runnable disks) {
        try {
            loadParts(snapshot, disks);
        } catch (LinuxException | MissingCapabilityException e) {
            throw new StateException("KVM refuses a part of the state: " + e.getMessage());
        }
    }

    private void loadParts(MachineSnapshot snapshot, Runnable disks) {
        snapshot.read(CLOCK, clock::load);
        for (Device device : board.devices()) {
            snapshot.read(DEVICE + device.name(), device::load);
        }
        IrqchipState present = IrqchipState.capture(vm);
        snapshot.read(IRQCHIP, in -> IrqchipState.load(in, present).restore(vm));
        snapshot.read(TIME, in -> ClockState.load(in, vcpus.size()).restore(vm, vcpus));
        vcpus.forEach(vcpu -> load(snapshot, vcpu));
        snapshot.read(WORKERS, workers::load);
        if (workers.clock() != null) {
            snapshot.read(EXACT, workers.clock().exactStates()::load);
        }
        disks.run();
        if (snapshot.ram() != null) {
            restore(snapshot.ram());
            if (vm.checkExtension(KvmCap.SREGS2) == 0) {
                // Such a KVM reads the page directory pointers from memory when it is given the special registers.
                vcpus.forEach(vcpu -> load(snapshot, vcpu));
            }
        }
    }

    private void restore(RamImage ram) {
        if (ram instanceof MappedRam file && GuestRam.isReplaceable(config.platform().memory())) {
            GuestRam.replace(config.platform().memory(), vm.syscalls(), memory, file);
        } else {
            ram.restore(memory);
        }
        // Whoever follows the guest's writes has to see all of it anew.
        memory.regions().forEach(region -> memory.noteWritten(region.start(), region.size()));
    }

    private void load(MachineSnapshot snapshot, Vcpu vcpu) {
        VcpuState present = capture(vcpu);
        snapshot.read(CPU + vcpu.id(), in -> {
            int[] refused = VcpuState.load(in, present).restore(vcpu);
            if (refused.length > 0) {
                throw new StateException("KVM does not have MSR 0x%x of CPU %d set as in the state".formatted(
                        refused[0], vcpu.id()));
            }
        });
    }
}

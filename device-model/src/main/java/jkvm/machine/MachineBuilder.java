package jkvm.machine;

import java.io.UncheckedIOException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import jkvm.abi.KvmCap;
import jkvm.abi.KvmPitConfig;
import jkvm.abi.KvmPitState2;
import jkvm.bios.ServiceTable;
import jkvm.boot.RawFile;
import jkvm.bus.IrqLine;
import jkvm.device.board.Board;
import jkvm.device.board.DeviceObserver;
import jkvm.device.platform.FwCfg;
import jkvm.device.platform.Hpet;
import jkvm.device.platform.VmGenerationId;
import jkvm.device.platform.VmGenerationIdType;
import jkvm.device.serial.IsaSerialType;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.linux.Syscalls;
import jkvm.machine.board.BootPlan;
import jkvm.machine.board.BuiltInBios;
import jkvm.machine.board.Chipset;
import jkvm.machine.board.CountedClock;
import jkvm.machine.board.ExpansionRoms;
import jkvm.machine.board.ExpansionSlots;
import jkvm.machine.board.Firmware;
import jkvm.machine.board.FirmwareItems;
import jkvm.machine.board.FirmwareState;
import jkvm.machine.board.GuestRam;
import jkvm.machine.board.HostClock;
import jkvm.machine.board.HostSides;
import jkvm.machine.board.HotplugSlots;
import jkvm.machine.board.InterruptPowerOn;
import jkvm.machine.board.KvmDoorbells;
import jkvm.machine.board.KvmIrqLine;
import jkvm.machine.board.KvmIrqRoutes;
import jkvm.machine.board.MachineBoard;
import jkvm.machine.board.MachineClock;
import jkvm.machine.board.PciDevices;
import jkvm.machine.board.RamSlots;
import jkvm.machine.board.SmbiosFiles;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineType;
import jkvm.machine.config.MachineWarning;
import jkvm.machine.config.PlatformConfig;
import jkvm.machine.cpu.CpuModel;
import jkvm.machine.run.VcpuObserver;
import jkvm.memory.GuestMemory;
import jkvm.tables.GenerationIdTable;
import jkvm.tables.PlatformDescription;
import jkvm.tables.SleepStates;
import jkvm.vm.Kvm;
import jkvm.vm.KvmLayout;
import jkvm.vm.Vcpu;
import jkvm.vm.Vm;
import jkvm.work.InstructionClock;
import jkvm.work.Workers;

/**
 * Makes a {@link Machine} from its configuration: whole, or not at all. Files are checked and loaded before the first
 * host side of a device is opened, so that a mistake leaves nothing to clean up.
 */
public final class MachineBuilder {
    /** The least that there can be, where there is to be none. */
    private static final long SMALLEST_RAM = 8192;

    private final MachineConfig config;
    private boolean undoesDisks;
    private final Syscalls syscalls;
    private final Function<ChardevSpec, Chardev> openChardev;
    /** Null for the host's time. */
    private InstructionClock counted;
    /** Null until the machine is made, if it makes its own. */
    private Workers workers;
    private VcpuObserver observer = VcpuObserver.NONE;
    private DeviceObserver deviceObserver = DeviceObserver.NONE;
    /** Null for the built-in BIOS's own services. */
    private UnaryOperator<ServiceTable> biosServices;
    private boolean isAwaiting;
    private final List<MachineWarning> warnings = new ArrayList<>();

    /** @param openChardev opens the host side of a device; the caller closes the sides that it opened */
    public MachineBuilder(MachineConfig config, Syscalls syscalls, Function<ChardevSpec, Chardev> openChardev) {
        this.config = config;
        this.syscalls = syscalls;
        this.openChardev = openChardev;
    }

    /** Looks at all exits of all vCPUs. */
    public MachineBuilder observer(VcpuObserver newObserver) {
        observer = newObserver;
        return this;
    }

    /** Looks at all devices. */
    public MachineBuilder deviceObserver(DeviceObserver newObserver) {
        deviceObserver = newObserver;
        return this;
    }

    /**
     * Replaces services of the built-in BIOS, where the machine has it.
     *
     * @param change gets the table of its services, and answers the one that the machine is to use
     */
    public MachineBuilder biosServices(UnaryOperator<ServiceTable> change) {
        biosServices = change;
        return this;
    }

    /**
     * Runs the machine by a clock that counts instructions, the one that its KVM in Java was opened with
     * ({@link MachineConfig#softOptions}). For one machine; null for the host's time.
     */
    public MachineBuilder clock(InstructionClock clock) {
        counted = clock;
        return this;
    }

    /**
     * The threads that call the machine's devices, as far as they are made before it, such as those of chardevs: the
     * machine pauses them. It makes more of them for itself. Where time is counted in instructions it uses others.
     */
    public MachineBuilder workers(Workers shared) {
        workers = shared;
        return this;
    }

    /** Keeps what the guest replaces on its disks, in memory, so that {@link Machine#mark()} works with them. */
    public MachineBuilder resetPoints() {
        undoesDisks = true;
        return this;
    }

    /** The machine waits for the state of another one, which has the disks until then: {@link MachineMigration}. */
    public MachineBuilder awaitsState() {
        isAwaiting = true;
        return this;
    }

    /** The settings that the machine ignores, known after {@link #build}. */
    public List<MachineWarning> warnings() {
        return List.copyOf(warnings);
    }

    /**
     * Makes the machine.
     *
     * @throws MachineException                   if the configuration cannot be carried out
     * @throws IllegalArgumentException           if time is counted and there is no {@link #clock}, or the reverse
     * @throws jkvm.host.HostException            if the host refuses a disk, a network or a chardev
     * @throws jkvm.boot.BootException            if an image cannot be booted
     * @throws jkvm.linux.LinuxException          if the host refuses: no KVM, no memory, a limit
     * @throws jkvm.vm.MissingCapabilityException if this KVM lacks something
     */
    public Machine build() {
        try (Kvm kvm = Kvm.open(syscalls)) {
            Vm vm = kvm.createVm();
            try {
                return build(kvm, vm);
            } catch (RuntimeException e) {
                vm.close();
                throw e;
            }
        }
    }

    private Machine build(Kvm kvm, Vm vm) {
        if (config.time().counting().isPresent() != (counted != null)) {
            throw new IllegalArgumentException(counted == null ? "time counts instructions, and there is no clock"
                    : "there is a clock that counts instructions, and time does not");
        }
        if (counted != null) {
            workers = Workers.counted(counted);
        } else if (workers == null) {
            workers = Workers.onThreads();
        }
        checkCpuCount(vm);
        CpuModel cpuModel = new CpuModel(kvm.supportedCpuid(), config.platform().cpu(),
                Math.max(1, config.platform().cpus()),
                kvm.checkExtension(KvmCap.TSC_DEADLINE_TIMER) != 0);
        warnings.addAll(cpuModel.warnings());
        GuestMemory memory = GuestRam.allocate(config.platform().memory(), syscalls, vm.arena(),
                Math.max(SMALLEST_RAM, config.platform().memoryBytes()));
        PlatformDescription platform = platform(PciDevices.host(memory.regions().getLast().end(),
                cpuModel.addressBits()), cpuModel);
        SmbiosFiles.check(memory, platform);
        Optional<Firmware> firmware = firmware(vm, memory);
        BootPlan bootPlan = new BootPlan(config.boot(), memory, platform, firmware);
        if (config.platform().type() != MachineType.NONE) {
            bootPlan.requireEntry();
        }
        bootPlan.begin(isAwaiting);
        firmware.ifPresentOrElse(rom -> rom.mapMemory(platform.pci().isPresent()),
                () -> RamSlots.map(vm, memory, config.devices()));
        createInterruptControllers(vm);
        separateEvents(vm);
        List<Vcpu> vcpus = createVcpus(vm, cpuModel, memory.lowEnd());

        MachineClock clock = counted == null ? new HostClock(wallOffset(),
                config.time().rtc().source(), workers) : new CountedClock(counted);
        MachineRequests requests = new MachineRequests(memory);
        HostSides host = new HostSides(syscalls, openChardev, workers, config.host().secrets(),
                config.host().randomFiles(), config.time().guestSeed());
        host.undoDisks(undoesDisks);
        MachineBoard board = new MachineBoard(clock, requests, workers, memory, gsiLines(vm), host,
                deviceObserver);
        board.mappedBy(vm, firmware, config.devices());
        KvmIrqRoutes routes = new KvmIrqRoutes(vm.interrupts(), syscalls);
        host.closeAtEnd(routes::close);
        try {
            routes.install();
            // Where instructions are counted the guest's write exits, so that the wake has a count.
            QueueDoorbells doorbells = counted == null ? new KvmDoorbells(syscalls, vm.ioEvents())
                    : QueueDoorbells.NONE;
            if (isAwaiting) {
                host.drives().graph().handover().leaveAway();
            }
            host.drives().declare(config.host().sides().drives(), false);
            host.drives().declare(config.host().sides().nodes(), true);
            host.networks().declare(config.host().sides().networks());
            HotplugSlots slots = addDevices(board, platform, firmware,
                    new ExpansionSlots.Registers(doorbells, routes), on -> silencePit(vm, on));
            host.openUnused(config.host().chardevs());
            host.guessedImages().forEach(image ->
                    warnings.add(new MachineWarning(MachineWarning.Kind.IMAGE_FORMAT_GUESSED, image)));
            Processors processors = new Processors(vcpus, kvm.msrIndexList(), cpuModel, observer);
            Machine machine = new Machine(config, vm, processors, bootPlan, board, slots, requests);
            if (isAwaiting) {
                var _ = machine.migration().await();
            }
            return machine;
        } catch (RuntimeException cause) {
            try {
                board.close();
            } catch (UncheckedIOException e) {
                cause.addSuppressed(e);
            }
            throw cause;
        }
    }

    private Optional<Firmware> firmware(Vm vm, GuestMemory memory) {
        BootConfig boot = config.boot();
        if (boot.firmware().rom().isPresent() && !boot.usesFirmware()) {
            RawFile.checkRom(boot.firmware().rom().get(), boot.firmware().folders());
            warnings.add(new MachineWarning(MachineWarning.Kind.FIRMWARE_NOT_USED,
                    boot.firmware().rom().get().toString()));
        }
        if (config.usesBuiltInBios()) {
            return Optional.of(BuiltInBios.rom(vm, memory));
        }
        return boot.firmware().rom().filter(_ -> boot.usesFirmware())
                .map(file -> new Firmware(RawFile.readRom(file, boot.firmware().folders()), vm, memory));
    }

    /** @param pitSwitch silences the interval timer, or lets it interrupt again */
    private HotplugSlots addDevices(MachineBoard board, PlatformDescription platform, Optional<Firmware> firmware,
            ExpansionSlots.Registers registers, Hpet.LegacyListener pitSwitch) {
        if (config.platform().type() == MachineType.NONE) {
            return emptySlots(board, registers);
        }
        Chipset chipset = new Chipset(board, platform, firmware, pitSwitch, config.canSuspend());
        firmware.flatMap(_ -> chipset.pci()).ifPresent(PciDevices::ide);
        FirmwareItems items = new FirmwareItems(config.boot().firmware());
        board.add(items.bootDevices(chipset.rtc()));
        ExpansionRoms roms = new ExpansionRoms(config.devices(), config.boot().firmware().folders());
        boolean hasAdapter = RamSlots.hasDisplayAdapter(config.devices());
        boolean hasScreen = config.platform().graphics() && hasAdapter;
        FwCfg fwCfg = items.fwCfg(board.guestMemory(), platform, hasScreen, warnings);
        roms.putFiles(fwCfg, config.devices());
        roms.putOptionRoms(fwCfg, config.boot().firmware().optionRoms(), warnings);
        chipset.addFwCfg(fwCfg);
        board.reserve(config.devices());
        ExpansionSlots slots = new ExpansionSlots(board, chipset.pci(), platform.virtioDevices(), registers, roms);
        config.devices().forEach(slots::add);
        if (platform.generationId()) {
            placeGenerationId(board, chipset, fwCfg);
        }
        if (firmware.isPresent() && platform.pci().isPresent()) {
            slots.addFloppyController();
        }
        slots.check();
        chipset.pci().ifPresent(PciDevices::describeDisks);
        items.putBootOrder(slots.bootOrder(), fwCfg);
        if (config.usesBuiltInBios()) {
            roms.giveHidden(board.bootSources(), config.devices(), config.boot().firmware().optionRoms());
            BuiltInBios.install(board, chipset, platform, config.boot().firmware(), hasScreen,
                    biosServices == null ? UnaryOperator.identity() : biosServices);
        } else if (firmware.isPresent() && hasAdapter) {
            BuiltInBios.installVideo(board);
        }
        board.powerOn();
        return new HotplugSlots(board, chipset.pci(), slots, roms);
    }

    private HotplugSlots emptySlots(MachineBoard board, ExpansionSlots.Registers registers) {
        ExpansionRoms roms = new ExpansionRoms(List.of(), config.boot().firmware().folders());
        board.powerOn();
        return new HotplugSlots(board, Optional.empty(),
                new ExpansionSlots(board, Optional.empty(), List.of(), registers, roms), roms);
    }

    private void placeGenerationId(MachineBoard board, Chipset chipset, FwCfg fwCfg) {
        VmGenerationId device = board.generationId().orElseThrow();
        chipset.pci().ifPresent(bus -> device.onChange(() -> bus.raise(GenerationIdTable.EVENT)));
        if (config.boot().usesFirmware() && !config.usesBuiltInBios()) {
            device.offer(fwCfg);
        } else if (board.guestMemory().lowEnd() > GenerationIdTable.ADDRESS) {
            device.placeAt(GenerationIdTable.ADDRESS);
        }
    }

    private void checkCpuCount(Vm vm) {
        int limit = vm.checkExtension(KvmCap.MAX_VCPUS);
        if (config.platform().cpus() > limit) {
            throw new MachineException(MachineException.Kind.TOO_MANY_CPUS,
                    Integer.toString(config.platform().cpus()),
                    "this KVM runs at most " + limit + " vCPUs in a VM");
        }
    }

    /** @param host the PCI bus of a machine that has one */
    private PlatformDescription platform(PlatformDescription.PciHost host, CpuModel cpuModel) {
        PlatformConfig asked = config.platform();
        List<PlatformDescription.SerialPort> serials = config.devices().stream()
                .filter(device -> device.type() == IsaSerialType.TYPE)
                .map(device -> device.properties().get(IsaSerialType.INDEX)).sorted()
                .map(PlatformDescription.COM_PORTS::get).toList();
        boolean isPc = asked.type() == MachineType.PC;
        return new PlatformDescription(Math.max(1, asked.cpus()), serials, isPc, true,
                isPc ? Optional.of(host) : Optional.empty(),
                ExpansionSlots.mmioPlaces(asked.type(), config.devices()), asked.uuid(),
                isPc && asked.hpet(), asked.acpi(),
                SmbiosFiles.read(asked.smbios(), cpuModel.processorId(), config.devices()), hasGenerationId(),
                config.canSuspend() ? asked.acpiSettings() : asked.acpiSettings().with(SleepStates.NONE));
    }

    private boolean hasGenerationId() {
        int count = 0;
        for (DeviceConfig device : config.devices()) {
            // By its name: the type's class is for machines that have it.
            count += device.driver().equals(VmGenerationIdType.NAME) ? 1 : 0;
        }
        if (count > 1) {
            throw new MachineException(MachineException.Kind.SECOND_GENERATION_ID, VmGenerationIdType.NAME,
                    "at most one vmgenid device is permitted");
        }
        return count == 1;
    }

    private void createInterruptControllers(Vm vm) {
        vm.setIdentityMapAddress(KvmLayout.IDENTITY_MAP_ADDRESS);
        vm.setTssAddress(KvmLayout.TSS_ADDRESS);
        vm.createIrqchip();
        if (config.platform().pit()) {
            vm.interrupts().createPit2(KvmPitConfig.SPEAKER_DUMMY);
            InterruptPowerOn.startTimer(vm.interrupts(), config.boot().usesFirmware());
        }
        if (!config.boot().usesFirmware()) {
            InterruptPowerOn.openControllers(vm.interrupts(), config.platform().type() == MachineType.PC);
        }
    }

    /** In its legacy replacement mode the high precision event timer has the interval timer's interrupt. */
    private void silencePit(Vm vm, boolean isSilent) {
        if (!config.platform().pit()) {
            return;
        }
        KvmPitState2 pit = vm.interrupts().pit2();
        boolean isSo = (pit.flags() & KvmPitState2.HPET_LEGACY) != 0;
        if (isSo != isSilent) {
            pit.flags(pit.flags() ^ KvmPitState2.HPET_LEGACY);
            vm.interrupts().pit2(pit);
        }
    }

    /** So that a saved state tells a pending exception from an injected one, with its payload, and a triple fault. */
    private static void separateEvents(Vm vm) {
        for (KvmCap capability : List.of(KvmCap.EXCEPTION_PAYLOAD, KvmCap.X86_TRIPLE_FAULT_EVENT)) {
            if (vm.checkExtension(capability) != 0) {
                vm.enableCapability(capability, 1);
            }
        }
    }

    private List<Vcpu> createVcpus(Vm vm, CpuModel cpuModel, long lowEnd) {
        List<Vcpu> vcpus = new ArrayList<>();
        for (int id = 0; id < config.platform().cpus(); id++) {
            Vcpu vcpu = vm.createVcpu(id);
            vcpu.cpuid(cpuModel.forCpu(id));
            FirmwareState.apply(vcpu, cpuModel.addressBits(), lowEnd);
            vcpus.add(vcpu);
        }
        if (!config.boot().usesFirmware() && !vcpus.isEmpty()) {
            InterruptPowerOn.apply(vcpus.getFirst());
        }
        return vcpus;
    }

    private static List<IrqLine> gsiLines(Vm vm) {
        List<IrqLine> lines = new ArrayList<>();
        for (int gsi = 0; gsi < Board.GSI_COUNT; gsi++) {
            lines.add(new KvmIrqLine(vm, gsi));
        }
        return lines;
    }

    /** The difference between the guest's date and time and the host's, in UTC. */
    private Duration wallOffset() {
        Instant now = Instant.now();
        if (config.time().rtc().start().isPresent()) {
            return Duration.between(now, config.time().rtc().start().get().toInstant(ZoneOffset.UTC));
        }
        if (config.time().rtc().localTime()) {
            return Duration.between(now, LocalDateTime.ofInstant(now, ZoneId.systemDefault())
                    .toInstant(ZoneOffset.UTC));
        }
        return Duration.ZERO;
    }
}

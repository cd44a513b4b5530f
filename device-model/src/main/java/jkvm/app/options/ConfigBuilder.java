package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import jkvm.control.migrate.TlsCredentials;
import jkvm.control.vnc.VncConfig;
import jkvm.device.board.Bus;
import jkvm.device.floppy.IsaFdcType;
import jkvm.device.platform.IsaDebugconType;
import jkvm.device.vga.VgaType;
import jkvm.host.chardev.ChardevSpec;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineType;
import jkvm.machine.config.MemoryConfig;
import jkvm.machine.config.NamedSides;
import jkvm.machine.config.RtcConfig;
import jkvm.tables.SleepStates;
import jkvm.tables.SmbiosSettings;

/**
 * Collects what single options say and joins it when all are read: defaults depend on options that may come later, and
 * a {@code -serial} may name a {@code -chardev} that follows it.
 */
final class ConfigBuilder {
    /** Firmware shadows itself below 1 MiB. */
    private static final long FIRMWARE_MEMORY = 1 << 20;
    private static final String FLOPPY_CONTROLLER = "isa-fdc";

    final DeviceTypes types;
    String name = "";
    MachineType type = MachineType.PC;
    final MemoryOptions memory = new MemoryOptions();
    int cpus = 1;
    CpuConfig cpu = CpuConfig.HOST;
    boolean hpet;
    boolean acpi = true;
    boolean pit = true;
    SleepStates sleep = SleepStates.ALL;
    final AcpiTableOptions acpiTables = new AcpiTableOptions();
    final NumaOptions numa = new NumaOptions();
    Optional<Path> kernel = Optional.empty();
    List<String> initrds = List.of();
    Optional<String> append = Optional.empty();
    boolean noReboot;
    boolean noShutdown;
    Optional<Path> pidFile = Optional.empty();
    Optional<UUID> uuid = Optional.empty();
    RtcConfig rtc = RtcConfig.UTC;
    Optional<CountingConfig> counting = Optional.empty();
    OptionalLong seed = OptionalLong.empty();

    /** The value of {@code -gdb}, null without it. */
    String debuggerText;
    boolean startsPaused;
    /** The process goes on in the background. */
    boolean isDaemon;
    Optional<String> snapshot = Optional.empty();
    /** The value of {@code -incoming}. */
    Optional<String> incoming = Optional.empty();
    final MonitorOptions monitors = new MonitorOptions();

    final VncOptions vncs = new VncOptions(this);
    boolean nographic;
    /** The value of {@code -display}, but for VNC. */
    Optional<DisplayConfig> display = Optional.empty();
    /** The value of {@code -vga}. */
    Optional<String> adapter = Optional.empty();
    /** {@code -display} or {@code -vnc} was given, which takes the serial port away from the terminal. */
    boolean displayChosen;
    boolean monitorChosen;
    boolean nodefaults;
    final List<String> serialTexts = new ArrayList<>();
    final List<String> debugconTexts = new ArrayList<>();
    final AcceleratorOptions accelerators = new AcceleratorOptions();
    final ChardevOptions chardevs = new ChardevOptions();
    final FirmwareOptions firmware = new FirmwareOptions();
    final SmbiosOptions smbios = new SmbiosOptions();
    /** The sockets of {@code -smp}; one for all CPUs if absent. */
    Optional<SmbiosSettings.Sockets> sockets = Optional.empty();
    /** The machine's type as it shows in SMBIOS. */
    String machineVersion = SmbiosSettings.NONE.machine();
    final DriveOptions drives = new DriveOptions(this);
    final ObjectOptions objects = new ObjectOptions(this);
    /** Passphrases of encrypted images, by their ids. */
    final Map<String, byte[]> secrets = new HashMap<>();
    /** The ids of sound that nobody hears. */
    final Set<String> silentAudio = new HashSet<>();
    /** Certificates for migrations, by their ids. */
    final Map<String, TlsCredentials> tlsCredentials = new HashMap<>();
    final Map<String, Path> randomFiles = new HashMap<>();
    final BlockNodes nodes = new BlockNodes(this);
    final LogOptions logs = new LogOptions(this);
    final NicOptions networks;
    final GlobalOptions globals;
    final DeviceOptions devices;
    /** The host sides of monitors and the debugger, of {@code -serial} and {@code -debugcon}. */
    private final List<ChardevSpec> consoles = new ArrayList<>();
    /** Labels of those whose Ctrl-A c leads to a monitor. */
    private final Set<String> monitorKeys = new HashSet<>();
    /** Lines for the user on what is of no use and may be a mistake. */
    final List<String> warnings = new ArrayList<>();
    /** Lines for parts that are not there yet. */
    private final Set<String> absent = new LinkedHashSet<>();
    /** The first of them that the machine cannot do without; empty if there is none. */
    private String stop = "";

    /** @param types of devices, for {@code -device} and {@code -nic} */
    ConfigBuilder(DeviceTypes types) {
        this.types = types;
        networks = new NicOptions(types);
        globals = new GlobalOptions(types, this);
        devices = new DeviceOptions(types, this);
    }

    /**
     * An option asks for something that is not there yet: a mistake in a later one is told first.
     *
     * @param where the option and its value
     */
    void notYet(String where, NotYet missing) {
        String line = missing.line(where);
        absent.add(line);
        if (!missing.goesOn() && stop.isEmpty()) {
            stop = line;
        }
    }

    /** @throws UsageException if an option asked for something that is not there, and that matters */
    void refuseWhatIsNotThere() {
        if (!stop.isEmpty()) {
            throw new UsageException(stop);
        }
    }

    CommandLine build() {
        if (kernel.isEmpty() && append.isPresent()) {
            throw new UsageException("-append is for a kernel; add -kernel FILE");
        }
        if (kernel.isEmpty() && !initrds.isEmpty()) {
            throw new UsageException("-initrd is for a kernel; add -kernel FILE");
        }
        numa.chooseMemory(this);
        MemoryConfig hostMemory = memory.config(this);
        MachineConfig.Builder machine = MachineConfig.builder().name(name).type(type).memory(memory.bytes).cpus(cpus)
                .memoryBacking(hostMemory)
                .cpu(cpu).initrds(initrds).commandLine(append.orElse("")).firmware(firmware.config()).rtc(rtc)
                .accelerators(CountingOptions.accelerators(this)).compiles(accelerators.compiles());
        if (type == MachineType.NONE && !memory.isGiven) {
            machine.noMemory();
        }
        kernel.ifPresent(machine::kernel);
        addParts(machine);
        uuid.ifPresent(machine::uuid);
        machine.smbios(smbios.config(machineVersion, sockets));
        counting.ifPresent(machine::counting);
        seed.ifPresent(machine::seed);
        if (noReboot) {
            machine.noReboot();
        }
        if (noShutdown) {
            machine.noShutdown();
        }
        List<VncConfig> servers = vncs.read();
        refuseWhatIsNotThere();
        List<MonitorConfig> steering = monitors.read(chardevs);
        steering.forEach(monitor -> consoles.add(monitor.chardev()));
        Optional<ChardevSpec> debugger = debugger();
        machine.chardevs(chardevs.declaredBut(consoles));
        addDevices(machine);
        checkTerminal();
        warnings.addAll(accelerators.warnings());
        warnings.addAll(networks.warnings());
        MachineConfig whole = whole(machine);
        warnings.addAll(absent);
        return new CommandLine(whole, types, pidFile, logs.log(), logs.messages(), debugger, steering,
                monitorKeys, servers, display.orElse(usualDisplay()), startsPaused, isDaemon, snapshot,
                migration(),
                new LaterDevices(types, this), warnings);
    }

    private MigrationConfig migration() {
        if (incoming.isPresent() && snapshot.isPresent()) {
            throw new UsageException("'incoming' and 'loadvm' options are mutually exclusive");
        }
        return new MigrationConfig(incoming, tlsCredentials);
    }

    private MachineConfig whole(MachineConfig.Builder machine) {
        MachineConfig config = machine.build();
        boolean hasFirmware = config.usesBuiltInBios() || config.boot().usesFirmware();
        if (!hasFirmware || memory.bytes >= FIRMWARE_MEMORY) {
            return config;
        }
        notYet(memory.where, NotYet.SMALL_MEMORY);
        return machine.memory(FIRMWARE_MEMORY).build();
    }

    private void addParts(MachineConfig.Builder machine) {
        if (hpet) {
            machine.hpet();
        }
        if (!acpi) {
            machine.noAcpi();
        }
        if (!pit) {
            machine.noPit();
        }
        machine.acpiSettings(acpiTables.settings(sleep, numa.settings(this)));
    }

    private void addDevices(MachineConfig.Builder machine) {
        addAdapter(machine);
        addSerials(machine);
        addDebugConsoles(machine);
        machine.secrets(secrets).randomFiles(randomFiles);
        networks.nics().forEach(nic -> machine.device(globals.apply(nic)));
        drives.place(type);
        addFloppies(machine);
        drives.ideDevices().forEach(disk -> machine.device(globals.apply(disk)));
        if (hasEmptyCd()) {
            machine.device(globals.apply(DriveOptions.emptyCd()));
        }
        devices.addOthers(machine, chardevs, drives);
        drives.devices(type).forEach(disk -> machine.device(globals.apply(disk)));
        networks.end();
        machine.sides(new NamedSides(drives.declared(), nodes.declared(), networks.declared()));
    }

    private boolean bootsByFirmware() {
        return type == MachineType.PC && kernel.isEmpty() && !devices.hasEntry();
    }

    /** A PC that boots by firmware has a CD-ROM drive even if nothing asks for one. */
    private boolean hasEmptyCd() {
        return bootsByFirmware() && !nodefaults && !devices.hasUnit(Bus.IDE) && !drives.hasCdPlace();
    }

    /** A PC that boots by firmware has drive A even if nothing asks for it; its controller is the machine's. */
    private void addFloppies(MachineConfig.Builder machine) {
        // A guest that starts without any of it starts without its classes.
        if (!bootsByFirmware() && !drives.hasFloppies() && !globals.has(FLOPPY_CONTROLLER)) {
            return;
        }
        boolean isAskedFor = devices.hasFloppyController() || devices.hasUnit(Bus.FLOPPY);
        List<DeviceConfig> floppies = drives.floppies(bootsByFirmware() && !nodefaults && !isAskedFor);
        if (globals.has(FLOPPY_CONTROLLER) && !devices.hasFloppyController()) {
            machine.device(globals.apply(DeviceConfig.of(IsaFdcType.TYPE)));
        }
        floppies.forEach(floppy -> machine.device(globals.apply(floppy)));
    }

    /** The display adapter comes first, and so into QEMU's slot. */
    private void addAdapter(MachineConfig.Builder machine) {
        if (!adapter.orElse(hasUsualAdapter() ? "std" : "none").equals("none")) {
            machine.device(globals.apply(DeviceConfig.of(VgaType.TYPE)));
        }
        if (nographic) {
            machine.noGraphics();
        }
    }

    /** A PC has an adapter, but one that is started by -kernel only if something shows its screen. */
    private boolean hasUsualAdapter() {
        return type == MachineType.PC && !nodefaults && !devices.hasScreen()
                && (kernel.isEmpty() && !devices.hasEntry() || vncs.areAsked()
                || display.map(DisplayConfig::isShown).orElse(false));
    }

    /** A machine that boots by firmware shows its screen, unless the user looks elsewhere. */
    private DisplayConfig usualDisplay() {
        boolean isSeen = nographic || displayChosen || adapter.equals(Optional.of("none"));
        return bootsByFirmware() && !isSeen && (hasUsualAdapter() || adapter.isPresent() || devices.hasScreen())
                ? new DisplayConfig.Usual() : new DisplayConfig.None();
    }

    private Optional<ChardevSpec> debugger() {
        Optional<ChardevSpec> debugger = Optional.empty();
        if (debuggerText != null && type == MachineType.NONE) {
            throw new UsageException("-gdb " + debuggerText + ": " + DebuggerOption.NO_CPU);
        }
        if (debuggerText != null) {
            debugger = Optional.of(DebuggerOption.read(chardevs, debuggerText)).filter(spec -> !spec.isNone());
            debugger.ifPresent(consoles::add);
        }
        return debugger;
    }

    private void addSerials(MachineConfig.Builder machine) {
        for (String text : serialTexts) {
            add(machine, monitored(text, chardevs.read("-serial", text, "serial" + machine.serials())));
        }
        if (serialTexts.isEmpty() && !devices.hasSerials() && !nodefaults && type != MachineType.NONE) {
            ChardevSpec serial = defaultSerial();
            if (serial.mux()) {
                monitorKeys.add(serial.label());
            }
            add(machine, serial);
        }
        devices.addSerials(machine, chardevs);
    }

    /** A console that the text puts before a monitor. */
    private ChardevSpec monitored(String text, ChardevSpec console) {
        if (text.startsWith(ChardevOptions.MONITORED) && console.mux()) {
            monitorKeys.add(console.label());
        }
        return console;
    }

    private void add(MachineConfig.Builder machine, ChardevSpec serial) {
        consoles.add(serial);
        machine.serial(serial);
    }

    /**
     * The first port is the user's terminal unless a display option says no or a monitor has it. Other than in QEMU it
     * stays so beside a screen that nobody asked for: a guest that writes to it is read.
     */
    private ChardevSpec defaultSerial() {
        boolean isTerminalTaken = isDaemon
                || consoles.stream().anyMatch(spec -> spec.backend() instanceof ChardevSpec.Stdio);
        if (!nographic && (displayChosen || isTerminalTaken)) {
            return ChardevSpec.unconnected("serial0");
        }
        return new ChardevSpec("serial0", new ChardevSpec.Stdio(monitorChosen), !monitorChosen);
    }

    private void addDebugConsoles(MachineConfig.Builder machine) {
        int count = 0;
        for (String text : debugconTexts) {
            ChardevSpec spec = monitored(text,
                    chardevs.read("-debugcon", text, count == 0 ? "debugcon" : "debugcon" + count));
            if (spec.isNone()) {
                throw new UsageException("-debugcon none: leave the option out instead");
            }
            count++;
            consoles.add(spec);
            machine.device(globals.apply(
                    DeviceConfig.of(IsaDebugconType.TYPE).with(IsaDebugconType.CHARDEV, spec)));
        }
    }

    /** A process has one terminal, and none in the background. */
    private void checkTerminal() {
        List<ChardevSpec> all = new ArrayList<>(chardevs.declared());
        all.addAll(consoles);
        List<String> labels = all.stream().filter(spec -> spec.backend() instanceof ChardevSpec.Stdio)
                .map(ChardevSpec::label).distinct().toList();
        if (isDaemon && !labels.isEmpty()) {
            throw new UsageException(nographic ? "-nographic cannot be used with -daemonize"
                    : labels.getFirst() + ": cannot use stdio with -daemonize");
        }
        if (isDaemon && display.orElse(null) instanceof DisplayConfig.Curses) {
            throw new UsageException("curses display cannot be used with -daemonize");
        }
        if (labels.size() > 1) {
            throw new UsageException("cannot use stdio for " + String.join(" and ", labels)
                    + "; share it: -chardev stdio,id=c0,mux=on, then chardev:c0 for each");
        }
    }
}

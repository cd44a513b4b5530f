package jkvm.app.options;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import jkvm.bus.ConfigurationException;
import jkvm.host.chardev.ChardevSpec;
import jkvm.machine.BootConfig;
import jkvm.machine.CountingConfig;
import jkvm.machine.CpuConfig;
import jkvm.machine.DeviceConfig;
import jkvm.machine.MachineConfig;
import jkvm.machine.MachineType;
import jkvm.machine.RtcConfig;

/**
 * Collects what single options say and joins it when all are read: defaults depend on options that may come later, and
 * a {@code -serial} may name a {@code -chardev} that follows it.
 */
final class ConfigBuilder {
    String name = "";
    MachineType type = MachineType.PC;
    long memoryBytes = MachineConfig.DEFAULT_MEMORY_BYTES;
    int cpus = 1;
    CpuConfig cpu = CpuConfig.HOST;
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

    boolean nographic;
    /** {@code -display} or {@code -vnc} was given, which takes the serial port away from the terminal. */
    boolean displayChosen;
    boolean monitorChosen;
    boolean nodefaults;
    final List<String> serialTexts = new ArrayList<>();
    final List<String> debugconTexts = new ArrayList<>();
    final AcceleratorOptions accelerators = new AcceleratorOptions();
    final ChardevOptions chardevs = new ChardevOptions();
    final FirmwareOptions firmware = new FirmwareOptions();
    final DriveOptions drives = new DriveOptions();
    final NicOptions networks = new NicOptions();
    final DeviceOptions devices = new DeviceOptions(networks);

    MachineConfig build() {
        if (kernel.isEmpty() && append.isPresent()) {
            throw new ConfigurationException("-append is for a kernel; add -kernel FILE");
        }
        if (kernel.isEmpty() && !initrds.isEmpty()) {
            throw new ConfigurationException("-initrd is for a kernel; add -kernel FILE");
        }
        List<ChardevSpec> serials = serials();
        List<MachineConfig.DebugConsole> consoles = debugConsoles();
        List<ChardevSpec> declared = new ArrayList<>();
        chardevs.declared().forEach(declared::add);
        refuseSecondStdio(serials, consoles, declared);
        List<DeviceConfig> expansion = new ArrayList<>(networks.nics());
        expansion.addAll(devices.expansion(chardevs, drives));
        expansion.addAll(drives.devices(type));
        networks.end();
        BootConfig boot = new BootConfig(kernel, initrds, append.orElse(""), firmware.config(needsFirmware(expansion)),
                devices.loaders());
        List<String> warnings = new ArrayList<>(accelerators.warnings());
        warnings.addAll(networks.warnings());
        return new MachineConfig(name, type, CountingOptions.accelerators(this), accelerators.compiles(), memoryBytes,
                cpus, cpu, boot, serials, consoles, devices.debugExits(), devices.hasTestDevice(), expansion, declared,
                noReboot, noShutdown, pidFile, uuid, rtc, counting, seed, warnings);
    }

    /** True if there is something that firmware can boot from, and nothing that starts without it. */
    private boolean needsFirmware(List<DeviceConfig> expansion) {
        return type == MachineType.PC && kernel.isEmpty()
                && devices.loaders().stream().noneMatch(loader -> loader.cpu().isPresent())
                && expansion.stream().anyMatch(this::isBootable);
    }

    private boolean isBootable(DeviceConfig device) {
        return device.bootIndex().isPresent() || switch (device) {
            case DeviceConfig.VirtioBlock _ -> true;
            case DeviceConfig.Nic _ -> firmware.bootsFromNetwork();
            case DeviceConfig.PciTestdev _, DeviceConfig.VirtioRng _, DeviceConfig.VirtioConsole _ -> false;
        };
    }

    private List<ChardevSpec> serials() {
        List<ChardevSpec> serials = new ArrayList<>();
        for (String text : serialTexts) {
            serials.add(chardevs.read("-serial", text, "serial" + serials.size()));
        }
        if (serials.isEmpty() && !devices.hasSerials() && !nodefaults) {
            serials.add(defaultSerial());
        }
        devices.addSerials(serials, chardevs);
        if (serials.size() > MachineConfig.MAX_SERIALS) {
            throw new ConfigurationException("a machine has at most " + MachineConfig.MAX_SERIALS
                    + " serial ports; there are " + serials.size() + " in -serial and -device isa-serial");
        }
        return serials;
    }

    /** Without a display, and jkvm has none, the first port is the user's terminal unless a display option says no. */
    private ChardevSpec defaultSerial() {
        if (!nographic && displayChosen) {
            return ChardevSpec.unconnected("serial0");
        }
        return new ChardevSpec("serial0", new ChardevSpec.Stdio(monitorChosen), !monitorChosen);
    }

    private List<MachineConfig.DebugConsole> debugConsoles() {
        List<MachineConfig.DebugConsole> consoles = new ArrayList<>();
        for (String text : debugconTexts) {
            String label = consoles.isEmpty() ? "debugcon" : "debugcon" + consoles.size();
            ChardevSpec spec = chardevs.read("-debugcon", text, label);
            if (spec.isNone()) {
                throw new ConfigurationException("-debugcon none: leave the option out instead");
            }
            int port = DeviceOptions.DEBUGCON_PORT;
            consoles.add(new MachineConfig.DebugConsole(port, port, spec));
        }
        devices.addDebugConsoles(consoles, chardevs);
        return consoles;
    }

    private static void refuseSecondStdio(List<ChardevSpec> serials, List<MachineConfig.DebugConsole> consoles,
            List<ChardevSpec> declared) {
        List<ChardevSpec> all = new ArrayList<>(declared);
        all.addAll(serials);
        consoles.forEach(console -> all.add(console.chardev()));
        List<String> labels = all.stream().filter(spec -> spec.backend() instanceof ChardevSpec.Stdio)
                .map(ChardevSpec::label).distinct().toList();
        if (labels.size() > 1) {
            throw new ConfigurationException("cannot use stdio for " + String.join(" and ", labels)
                    + "; share it: -chardev stdio,id=c0,mux=on, then chardev:c0 for each");
        }
    }
}

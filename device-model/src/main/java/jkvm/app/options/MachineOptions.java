package jkvm.app.options;

import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import jkvm.machine.config.CpuConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.config.MachineName;
import jkvm.machine.config.MachineType;
import jkvm.machine.config.RtcConfig;
import jkvm.machine.cpu.CpuDefinitions;
import jkvm.tables.SmbiosSettings;

/** Reads the options about the machine as a whole: its type, accelerator, memory, CPUs and clock. */
final class MachineOptions {
    /** Properties of parts that jkvm's machines lack, as flags and as choices with auto. */
    private static final List<String> SWITCHES = List.of("nvdimm", "hmat");
    private static final List<String> CHOICES = List.of("pcie", "smm", "vmport", "ioapic2");
    private static final List<String> HOST_SWITCHES = List.of("suppress-vmdesc",
            "graphics", "smbus", "sata", "auto-kernel-cmdline", "x-option-roms");
    private static final List<String> OTHERS = List.of("memory-encryption", "dtb", "dumpdtb", "x-oem-id",
            "x-oem-table-id", "max-ram-below-4g", "smbios-entry-point-type");
    private static final int MAX_MEMORY_SLOTS = 256;
    private static final int MEMORY_UNIT = 8192;

    private static final OptionSchema ACTIONS = OptionSchema.of("").choice("reboot", "reset", "shutdown")
            .choice("shutdown", "poweroff", "pause").choice("panic", "pause", "shutdown", "exit-failure", "none")
            .choice("watchdog", "reset", "shutdown", "poweroff", "inject-nmi", "pause", "debug", "none");

    private MachineOptions() {
    }

    /** The output of {@code -machine help}. Made on demand: formatting costs a tenth of a start-up. */
    static String machineHelp() {
        return Arrays.stream(MachineType.values())
                .map(type -> "%-10s %s%s%n".formatted(type.text(), type.description(),
                        type == MachineType.PC ? " (default)" : ""))
                .collect(Collectors.joining());
    }

    static void machine(ConfigBuilder config, String option, String text) {
        OptionValues values = new OptionValues(option, text, "type");
        values.take("type").filter(name -> !name.isEmpty()).ifPresent(name -> setType(config, values, name));
        values.take("accel").ifPresent(names -> config.accelerators.machine(values, names));
        values.take("kernel").ifPresent(file -> config.kernel = Optional.of(ChardevOptions.path(values.where(), file)));
        values.take("initrd").ifPresent(files -> config.initrds = OptionValues.split(files));
        values.take("append").ifPresent(line -> config.append = Optional.of(line));
        values.take("firmware").ifPresent(config.firmware::rom);
        for (String spelling : new String[] {"kernel-irqchip", "kernel_irqchip"}) {
            // Where the interrupt controllers run is nothing that a guest sees: they stay with the accelerator.
            values.takeChoice(spelling, "on", "off", "split");
        }
        values.takeFlag("hpet").ifPresent(isThere -> config.hpet = isThere);
        values.take("memory-backend").ifPresent(id -> config.memory.backend = Optional.of(id));
        config.memory.mergeable = values.takeFlag("mem-merge", config.memory.mergeable);
        config.memory.dumped = values.takeFlag("dump-guest-core", config.memory.dumped);
        boolean isLess = false;
        for (String name : SWITCHES) {
            isLess |= values.takeFlag(name, false);
        }
        for (String name : CHOICES) {
            isLess |= values.takeChoice(name, "on", "off", "auto").orElse("").equals("on");
        }
        for (String present : new String[] {"pic", "rtc"}) {
            isLess |= values.takeChoice(present, "on", "off", "auto").orElse("").equals("off");
        }
        isLess |= !values.takeFlag("isa-serial", true);
        isLess |= !values.takeFlag("i8042", true);
        if (values.takeFlag("usb", false)) {
            config.notYet(values.where(), NotYet.USB);
        }
        values.takeChoice("acpi", "on", "off", "auto").ifPresent(choice -> config.acpi = !choice.equals("off"));
        values.takeChoice("pit", "on", "off", "auto").ifPresent(choice -> config.pit = !choice.equals("off"));
        // A saved state's description and the tables' signature: nothing a guest acts on.
        HOST_SWITCHES.forEach(values::takeFlag);
        for (String other : OTHERS) {
            isLess |= values.take(other).isPresent();
        }
        values.end();
        if (isLess) {
            config.notYet(values.where(), NotYet.MACHINE_PROPERTY);
        }
    }

    private static void setType(ConfigBuilder config, OptionValues values, String name) {
        Optional<MachineName> known = MachineName.find(name);
        if (known.isPresent()) {
            config.type = known.get().type();
            config.machineVersion = name.startsWith("pc-") ? name : SmbiosSettings.NONE.machine();
        } else if (name.matches("(pc-)?q35(-[2-7]\\.[0-9.]+)?|isapc|x-remote")) {
            config.notYet(values.where(), NotYet.MACHINE);
        } else {
            throw values.error("unsupported machine type " + name + "; jkvm -machine help lists them");
        }
    }

    static void memory(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-m", text, "size");
        long size = values.take("size").filter(number -> !number.isEmpty())
                .map(number -> values.size(number, 'M')).orElse(0L);
        Optional<Long> maximum = values.take("maxmem").map(number -> values.size(number, 'B'));
        Optional<Long> slots = values.takeNumber("slots", 0, Long.MAX_VALUE);
        values.end();
        // QEMU takes 0 for its default.
        long bytes = memorySize(values, size == 0 ? MachineConfig.DEFAULT_MEMORY_BYTES : size);
        if (maximum.isEmpty() && slots.orElse(0L) > 0) {
            throw values.error("slots specified but no maxmem");
        }
        if (maximum.isPresent() && maximum.get() < bytes) {
            throw values.error("invalid value of maxmem: it must be at least the initial memory size");
        }
        if (slots.orElse(0L) > MAX_MEMORY_SLOTS) {
            throw values.error("unsupported amount of memory slots: " + slots.get() + "; there are at most "
                    + MAX_MEMORY_SLOTS);
        }
        if (maximum.isPresent() && maximum.get() > bytes) {
            config.notYet(values.where(), NotYet.MEMORY_HOTPLUG);
        }
        config.memory.bytes = bytes;
        config.memory.where = values.where();
        config.memory.isGiven = size != 0;
    }

    /** The size of a machine's memory in whole units. */
    static long memorySize(OptionValues values, long size) {
        if (size > Long.MAX_VALUE - MEMORY_UNIT) {
            throw values.error("the size is too large");
        }
        return (size + MEMORY_UNIT - 1) & -MEMORY_UNIT;
    }

    static void cpus(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-smp", text, "cpus");
        CpuTopology topology = CpuTopology.read(values, config.warnings);
        if (topology.cpus() != topology.maximum()) {
            config.notYet(values.where(), NotYet.CPU_HOTPLUG);
        }
        config.cpus = topology.cpus();
        config.sockets = Optional.of(topology.processors());
    }

    static void cpu(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-cpu", text, "model");
        String model = values.require("model");
        Map<String, Boolean> features = new LinkedHashMap<>();
        Map<String, String> others = new LinkedHashMap<>();
        Map<String, Boolean> signed = new LinkedHashMap<>();
        values.takeRest().forEach((key, value) -> {
            char sign = key.charAt(0);
            boolean isSigned = sign == '+' || sign == '-';
            String feature = (isSigned ? key.substring(1) : key).toLowerCase(Locale.ROOT);
            if (!feature.matches("[a-z0-9][a-z0-9._-]*")) {
                throw values.error("not the name of a CPU feature: " + key);
            }
            if (isSigned) {
                signed.put(feature, sign == '+');
            } else {
                OptionValues.onOff(value).ifPresentOrElse(on -> features.put(feature, on),
                        () -> others.put(feature, value));
            }
        });
        signed.forEach((feature, on) -> {
            features.remove(feature);
            features.put(feature, on);
        });
        config.cpu = new CpuConfig(model, features, others);
        if (!config.cpu.hasAll()) {
            CpuDefinitions models = CpuDefinitions.read();
            if (!models.has(model)) {
                throw values.error("unable to find CPU model '" + model + "'; -cpu help lists them"
                        + Suggestion.of(model, models.names()));
            }
        }
    }

    static void rtc(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-rtc", text, "base");
        String base = values.take("base").orElse("utc");
        RtcConfig.Source source = switch (values.takeChoice("clock", "host", "rt", "vm").orElse("host")) {
            case "rt" -> RtcConfig.Source.MONOTONIC;
            case "vm" -> RtcConfig.Source.GUEST;
            default -> RtcConfig.Source.HOST;
        };
        values.takeChoice("driftfix", "none", "slew");
        values.end();
        config.rtc = switch (base) {
            case "utc" -> new RtcConfig(false, source, Optional.empty());
            case "localtime" -> new RtcConfig(true, source, Optional.empty());
            default -> new RtcConfig(false, source, Optional.of(dateTime(values, base)));
        };
    }

    private static LocalDateTime dateTime(OptionValues values, String text) {
        try {
            return text.contains("T") ? LocalDateTime.parse(text) : LocalDate.parse(text).atStartOfDay();
        } catch (DateTimeParseException _) {
            throw values.error("base must be utc, localtime, a date 2006-06-17 or a date and time 2006-06-17T16:01:21");
        }
    }

    static void name(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-name", text, "guest");
        config.name = values.take("guest").orElse("");
        // A JVM's process keeps its name: the launcher's, by which pkill and ps know it.
        values.take("process");
        values.takeFlag("debug-threads", true);
        values.end();
    }

    /** {@code -action}: what jkvm's machines have no event for, is checked only. */
    static void action(ConfigBuilder config, String text) {
        Map<String, String> actions = ACTIONS.read("-action", text);
        Optional.ofNullable(actions.get("reboot")).ifPresent(action -> config.noReboot = action.equals("shutdown"));
        Optional.ofNullable(actions.get("shutdown")).ifPresent(action -> config.noShutdown = action.equals("pause"));
    }
}

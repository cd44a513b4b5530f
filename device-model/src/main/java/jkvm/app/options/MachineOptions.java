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
import jkvm.machine.config.MachineType;
import jkvm.machine.config.RtcConfig;
import jkvm.machine.cpu.CpuDefinitions;

/** Reads the options about the machine as a whole: its type, accelerator, memory, CPUs and clock. */
final class MachineOptions {
    private static final int MEMORY_UNIT = 8192;
    private static final long MIN_MEMORY = 1L << 20;

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
        values.take("type").ifPresent(name -> config.type = type(values, name));
        values.take("accel").ifPresent(names -> config.accelerators.machine(values, names));
        values.takeFixed("kernel-irqchip", "on");
        values.takeFixed("kernel_irqchip", "on");
        for (String absent : new String[] {"graphics", "usb", "hpet", "pcie", "sata", "smm", "nvdimm", "vmport"}) {
            values.takeFixed(absent, "off", "auto");
        }
        for (String present : new String[] {"acpi", "pic", "pit", "rtc", "isa-serial", "i8042"}) {
            values.takeFixed(present, "on", "auto");
        }
        values.end();
    }

    private static MachineType type(OptionValues values, String name) {
        for (MachineType type : MachineType.values()) {
            if (type.text().equals(name)) {
                return type;
            }
        }
        String known = Arrays.stream(MachineType.values()).map(MachineType::text).collect(Collectors.joining(", "));
        throw values.error("jkvm has no machine " + name + "; it has " + known);
    }

    static void memory(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-m", text, "size");
        for (String hotplug : new String[] {"maxmem", "slots"}) {
            values.refuse(hotplug, "jkvm cannot plug memory into a running machine");
        }
        values.take("size").ifPresent(size -> {
            long bytes = values.size(size, 'M');
            if (bytes > Long.MAX_VALUE - MEMORY_UNIT) {
                throw values.error("the size is too large");
            }
            // QEMU takes 0 for its default.
            bytes = bytes == 0 ? MachineConfig.DEFAULT_MEMORY_BYTES : (bytes + MEMORY_UNIT - 1) & -MEMORY_UNIT;
            if (bytes < MIN_MEMORY) {
                throw values.error("a machine needs at least 1M");
            }
            config.memoryBytes = bytes;
        });
        values.end();
    }

    static void cpus(ConfigBuilder config, String text) {
        OptionValues values = new OptionValues("-smp", text, "cpus");
        Optional<Long> cpus = values.takeNumber("cpus", 1, MachineConfig.MAX_CPUS);
        long product = 1;
        boolean hasThreeLevels = true;
        for (String level : new String[] {"sockets", "dies", "clusters", "cores", "threads"}) {
            Optional<Long> count = values.takeNumber(level, 1, MachineConfig.MAX_CPUS);
            product *= count.orElse(1L);
            boolean optional = level.equals("dies") || level.equals("clusters");
            hasThreeLevels &= count.isPresent() || optional;
        }
        long total = cpus.orElse(product);
        values.takeNumber("maxcpus", 1, MachineConfig.MAX_CPUS).ifPresent(maximum -> {
            if (maximum != total) {
                throw values.error("jkvm cannot plug CPUs into a running machine; leave maxcpus out");
            }
        });
        values.end();
        // QEMU works a level out that was not given; it must come out as a whole number.
        if (hasThreeLevels ? product != total : total % product != 0) {
            throw values.error("sockets * dies * clusters * cores * threads is " + product + ", but there are " + total
                    + " CPUs");
        }
        if (total > MachineConfig.MAX_CPUS) {
            throw values.error("at most " + MachineConfig.MAX_CPUS + " CPUs");
        }
        config.cpus = (int) total;
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
        values.takeFixed("clock", "host");
        values.takeFixed("driftfix", "none", "slew");
        values.end();
        config.rtc = switch (base) {
            case "utc" -> RtcConfig.UTC;
            case "localtime" -> new RtcConfig(true, Optional.empty());
            default -> new RtcConfig(false, Optional.of(dateTime(values, base)));
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
        values.takeFlag("debug-threads", true);
        values.end();
    }

    /** Options that turn off what jkvm does not have take {@code none} and nothing else. */
    static void noneOnly(String option, String text, String what) {
        if (!List.of("none", "null").contains(text)) {
            throw new UsageException(option + " " + text + ": " + what + "; " + option
                    + " none is the only choice");
        }
    }
}

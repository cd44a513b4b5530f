package jkvm.app.options;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.tables.SleepStates;

/** Reads {@code -global}: defaults of properties for all devices of a type, whichever option makes them. */
final class GlobalOptions {
    /** Parts of every machine, which have no type of their own. */
    private static final List<String> CHIPSET = List.of("kvm-pit", "isa-pit", "PIIX4_PM", "PIIX3", "mc146818rtc",
            "i8042", "kvm-ioapic", "ioapic", "kvm-i8259", "isa-i8259", "fw_cfg", "i440FX", "i440FX-pcihost", "kvmclock",
            "kvm-apic", "apic", "cpu");
    private static final String POWER_MANAGEMENT = "PIIX4_PM";
    private static final String NO_S3 = "disable_s3";
    private static final List<String> SLEEP_STATES = List.of(NO_S3, "disable_s4");
    private static final String LEGACY = "virtio-mmio.force-legacy";

    private final DeviceTypes types;
    private final ConfigBuilder config;
    /** Properties as texts, by the name of their type. */
    private final Map<String, Map<String, String>> defaults = new LinkedHashMap<>();

    GlobalOptions(DeviceTypes types, ConfigBuilder config) {
        this.types = types;
        this.config = config;
    }

    /** {@code DRIVER.PROPERTY=VALUE}, or {@code driver=,property=,value=}. */
    void add(String text) {
        String where = "-global " + text;
        int dot = text.indexOf('.');
        int equals = text.indexOf('=');
        String driver;
        String property;
        String value;
        if (dot > 0 && equals > dot) {
            driver = text.substring(0, dot);
            property = text.substring(dot + 1, equals);
            value = text.substring(equals + 1);
        } else {
            OptionValues values = new OptionValues("-global", text, "");
            driver = values.take("driver").orElse("");
            property = values.take("property").orElse("");
            value = values.take("value").orElse("");
            if (driver.isEmpty() || property.isEmpty() || value.isEmpty()) {
                throw values.error("options 'driver', 'property', and 'value' are required");
            }
            values.end();
        }
        if (types.all().stream().anyMatch(type -> type.name().equals(driver))) {
            defaults.computeIfAbsent(driver, _ -> new LinkedHashMap<>()).put(property, value);
        } else if (driver.equals(POWER_MANAGEMENT) && SLEEP_STATES.contains(property)) {
            disableSleep(where, property, value);
        } else if (CHIPSET.contains(driver) || (driver + "." + property).equals(LEGACY) && !value.equals("false")) {
            config.notYet(where, NotYet.GLOBAL);
        } else if (!QemuDevices.has(driver)) {
            config.warnings.add(where + ": global " + driver + "." + property + " has invalid class name");
        }
    }

    private void disableSleep(String where, String property, String value) {
        boolean isOff;
        try {
            isOff = Integer.decode(value) != 0;
        } catch (NumberFormatException _) {
            throw new UsageException(where + ": Parameter '" + property + "' expects uint64");
        }
        SleepStates before = config.sleep;
        config.sleep = property.equals(NO_S3) ? new SleepStates(!isOff, before.s4())
                : new SleepStates(before.s3(), !isOff);
    }

    /** True if there are defaults for devices of a type, by its name. */
    boolean has(String type) {
        return defaults.containsKey(type);
    }

    /** The device with the defaults of its type for properties that it was not given. */
    DeviceConfig apply(DeviceConfig device) {
        DeviceType type = device.type();
        Properties properties = device.properties();
        for (Map.Entry<String, String> entry : defaults.getOrDefault(type.name(), Map.of()).entrySet()) {
            String where = "-global " + type.name() + "." + entry.getKey() + "=" + entry.getValue();
            Property<?> property = type.properties().stream().filter(known -> known.name().equals(entry.getKey()))
                    .findFirst().orElseThrow(() -> new UsageException(where + ": Property '" + type.name() + "."
                            + entry.getKey() + "' not found"));
            if (properties.find(property).isEmpty()) {
                OptionValues values = new OptionValues("-global " + type.name(),
                        entry.getKey() + "=" + entry.getValue().replace(",", ",,"), "");
                Optional<?> value = new PropertyReader(values, config.networks).readOne(property);
                if (value.isPresent()) {
                    properties = properties.withValue(property, value.get());
                }
            }
        }
        return new DeviceConfig(type, properties);
    }
}

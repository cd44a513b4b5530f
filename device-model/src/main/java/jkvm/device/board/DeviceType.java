package jkvm.device.board;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A kind of device, as the registry of the machine lists it: its names, its bus, its properties, how firmware boots
 * from it, and how it is made. The command line, its help, the boot order and firmware's paths come from here. An
 * instance is immutable and has no state; a machine has any number of devices of one type.
 */
public abstract sealed class DeviceType permits IsaType, PciType, UnitType, UsbType, VirtioType, PartType {
    /** When firmware tries to boot from the device: lower numbers first. Negative for not at all, as in QEMU. */
    public static final Property<Integer> BOOT_INDEX =
            Property.number("bootindex", Integer.MIN_VALUE, Integer.MAX_VALUE, "lower numbers boot first");
    /** Where QEMU's help begins the description. */
    private static final int HELP_COLUMN = 24;

    private final String name;
    private final Category category;
    private final String description;

    /**
     * @param name        as the command line writes it; QEMU's, if QEMU has the device
     * @param description a few words for {@code -device help}; empty for none, as QEMU has it
     */
    protected DeviceType(String name, Category category, String description) {
        this.name = name;
        this.category = category;
        this.description = description;
    }

    /** As the command line writes it. */
    public final String name() {
        return name;
    }

    /** Where {@code -device help} lists it. */
    public final Category category() {
        return category;
    }

    /** A few words. */
    public final String description() {
        return description;
    }

    /** Further names. */
    public List<String> aliases() {
        return List.of();
    }

    /** The bus that a device of this type is plugged into. */
    public abstract Bus bus();

    /** The properties of the device, without those that its bus and {@link #bootPath()} add. Made on demand. */
    protected abstract List<Property<?>> ownProperties();

    /** The properties that its bus adds. */
    protected List<Property<?>> busProperties() {
        return List.of();
    }

    /** All properties. */
    public final List<Property<?>> properties() {
        List<Property<?>> all = new ArrayList<>(busProperties());
        if (bootPath().isPresent()) {
            all.add(BOOT_INDEX);
        }
        all.addAll(ownProperties());
        return all;
    }

    /** How firmware boots from it, if it can. */
    public Optional<BootPath> bootPath() {
        return Optional.empty();
    }

    /**
     * Refuses properties that do not go together. Each alone is of its type and in its range; chardevs, drives and
     * networks may still be absent.
     *
     * @throws PropertyException naming the property
     */
    public void check(Properties properties) {
        // As a rule any go together.
    }

    /** Its number in the boot order, if it has one. */
    public final Optional<Integer> bootIndex(Properties properties) {
        return bootPath().flatMap(_ -> properties.find(BOOT_INDEX)).filter(index -> index >= 0);
    }

    /** Its line in {@code -device help}, in QEMU's format. */
    public final String summary() {
        StringBuilder line = new StringBuilder("name \"").append(name).append('"');
        if (bus() != Bus.NONE) {
            line.append(", bus ").append(bus().text());
        }
        aliases().forEach(alias -> line.append(", alias \"").append(alias).append('"'));
        if (!description.isEmpty()) {
            line.append(", desc \"").append(description).append('"');
        }
        return line.toString();
    }

    /** The output of {@code -device NAME,help}, in QEMU's format. */
    public final String help() {
        List<Property<?>> shown = properties().stream().filter(p -> p.kind() != Property.Kind.REFUSED)
                .sorted(Comparator.comparing(Property::name)).toList();
        if (shown.isEmpty()) {
            return "There are no options for " + name + ".\n";
        }
        return shown.stream().map(DeviceType::help).collect(Collectors.joining("\n", name + " options:\n", "\n"));
    }

    private static String help(Property<?> property) {
        String start = "  " + property.name() + "=<" + property.typeName() + ">";
        String flag = property.kind() == Property.Kind.FLAG ? "on/off" : "";
        String text = property.help().isEmpty() || flag.isEmpty() ? flag + property.help()
                : flag + ": " + property.help();
        return start + " ".repeat(Math.max(0, HELP_COLUMN - start.length())) + " - " + text
                + property.absent().map(value -> " (default: " + quoted(value) + ")").orElse("");
    }

    private static String quoted(Object value) {
        return value instanceof String ? "\"" + value + '"' : value.toString();
    }
}

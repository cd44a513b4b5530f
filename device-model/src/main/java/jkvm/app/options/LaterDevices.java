package jkvm.app.options;

import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Property;
import jkvm.device.board.VirtioType;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.DeviceReader;
import jkvm.machine.MachineDevices;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;

/** Reads devices and host sides that come while the machine of a command line runs, by the options for them. */
final class LaterDevices implements DeviceReader {
    private final DeviceTypes types;
    private final ConfigBuilder line;

    /** @param line has the objects that devices may name, and the defaults of {@code -global} */
    LaterDevices(DeviceTypes types, ConfigBuilder line) {
        this.types = types;
        this.line = line;
    }

    @Override
    public List<String> optionGroups() {
        return ConfigFile.groupsWithEffect();
    }

    @Override
    public Map<String, Map<String, String>> objectTypes() {
        return ObjectOptions.types();
    }

    @Override
    public DeviceConfig device(String text, MachineDevices present) {
        return read("device", text, (fresh, plain) -> fresh.devices.later(plain,
                (type, property, id) -> find(type, property, id, present), line.globals));
    }

    /** The value of a property that names something. */
    private Object find(DeviceType type, Property<?> property, String id, MachineDevices present) {
        return switch (property.kind()) {
            case DRIVE -> present.drive(id).orElseThrow(() -> absent(type, property, id));
            case NETDEV -> present.network(id).orElseThrow(() -> absent(type, property, id));
            case OBJECT -> line.objects.use("-device " + type.name(), id, property.accepted().getFirst());
            default -> throw absent(type, property, id);
        };
    }

    /** In QEMU the property is the device's within the PCI function. */
    private static HotplugException absent(DeviceType type, Property<?> property, String id) {
        String owner = type instanceof VirtioType ? type.name().replaceFirst("-pci.*", "-device") : type.name();
        return new HotplugException(Kind.INVALID, id,
                "Property '" + owner + "." + property + "' can't find value '" + id + "'");
    }

    @Override
    public NetdevSpec network(String text) {
        return read("netdev", text, (fresh, plain) -> {
            fresh.networks.addNetdev(plain);
            return fresh.networks.declared().getFirst();
        });
    }

    @Override
    public DriveSpec drive(String text) {
        return read("drive", text, (fresh, plain) -> {
            fresh.drives.add(plain);
            return fresh.drives.declared().stream().findFirst().orElseThrow(() -> new HotplugException(Kind.INVALID,
                    "", "Can't hot-add drive to type other than if=none"));
        });
    }

    @Override
    public DriveSpec node(String text, MachineDevices present) {
        return read("blockdev", text, (fresh, plain) -> {
            List<DriveSpec> known = present.disks().namedNodes();
            fresh.nodes.know(known);
            fresh.nodes.add(plain);
            return fresh.nodes.declared().stream().filter(each -> !known.contains(each)).findFirst().orElseThrow(() ->
                    new HotplugException(Kind.INVALID, "", "jkvm does not have such block nodes yet"));
        });
    }

    private <T> T read(String option, String text, BiFunction<ConfigBuilder, String, T> reading) {
        ConfigBuilder fresh = new ConfigBuilder(types);
        String plain = text;
        try {
            plain = JsonText.plain(option, text);
            T value = reading.apply(fresh, plain);
            fresh.refuseWhatIsNotThere();
            return value;
        } catch (UsageException e) {
            throw new HotplugException(Kind.INVALID, "", reason(e.getMessage(), "-" + option + " " + plain + ": "));
        }
    }

    /** The message without the option, which nobody has given. */
    private static String reason(String message, String option) {
        return message.startsWith(option) ? message.substring(option.length()) : message;
    }

    /** Finds the value of a property that names something. */
    @FunctionalInterface
    interface Finder {
        Object find(DeviceType type, Property<?> property, String id);
    }
}

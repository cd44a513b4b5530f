package jkvm.app.options;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.device.pci.PciBus;

/** Reads the properties of one {@code -device}. Other options' objects are known by their id only. */
final class PropertyReader {
    private final OptionValues values;
    private final NicOptions networks;
    private final Map<Property<?>, String> references = new HashMap<>();

    /** @param networks has the addresses of network cards */
    PropertyReader(OptionValues values, NicOptions networks) {
        this.values = values;
        this.networks = networks;
    }

    /** Those of the properties that a command line can tell by itself. */
    Properties read(DeviceType type) {
        Properties properties = Properties.NONE;
        for (Property<?> property : type.properties()) {
            Optional<?> value = read(property);
            if (value.isPresent()) {
                properties = properties.withValue(property, value.get());
            }
        }
        return properties;
    }

    /** One property; empty if it is of a kind that has no value of its own. */
    Optional<?> readOne(Property<?> property) {
        return read(property);
    }

    /** The ids that {@link #read} has found, by the property. */
    Map<Property<?>, String> references() {
        return references;
    }

    private Optional<?> read(Property<?> property) {
        String name = property.name();
        return switch (property.kind()) {
            case NUMBER -> values.takeNumber(name, property.low(), property.high()).map(Long::intValue);
            case ADDRESS -> values.takeNumber(name, 0, Long.MAX_VALUE);
            case FLAG -> values.takeFlag(name);
            case TEXT -> values.take(name);
            case FILE -> values.take(name).map(text -> ChardevOptions.path(values.where(), text));
            case MAC -> Optional.of(networks.takeMac(values, name));
            case PCI_ADDRESS -> values.take(name).map(text -> pciAddress(name, text));
            case CHARDEV, DRIVE, NETDEV, OBJECT -> {
                Optional<String> id = property.isRequired() ? Optional.of(values.require(name)) : values.take(name);
                id.ifPresent(text -> references.put(property, text));
                yield Optional.empty();
            }
            case FIXED -> {
                values.takeFixed(name, property.accepted().toArray(String[]::new));
                yield Optional.empty();
            }
            case CHOICE -> values.takeOneOf(name, property.accepted());
            case REFUSED -> {
                values.refuse(name, property.help());
                yield Optional.empty();
            }
        };
    }

    private int pciAddress(String name, String text) {
        Matcher parts = Pattern.compile("(?:0x)?(\\p{XDigit}{1,2})(?:\\.([0-7]))?").matcher(text);
        int slot = parts.matches() ? Integer.parseInt(parts.group(1), 16) : PciBus.SLOTS;
        if (slot >= PciBus.SLOTS) {
            throw values.error("property " + name + " must be a PCI slot from 0 to 1f, optionally with a"
                    + " function: 5 or 5.1");
        }
        int function = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        return slot * PciBus.FUNCTIONS + function;
    }
}

package jkvm.machine.config;

import java.util.Optional;
import jkvm.device.board.DeviceType;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;

/**
 * A device that a machine is to have: its type and its properties.
 *
 * {@snippet :
 * DeviceConfig exit = DeviceConfig.of(IsaDebugExitType.TYPE).with(IsaDebugExitType.PORT, 0xf4);
 * }
 *
 * @param properties with the user's id for the device, or else an empty one
 */
public record DeviceConfig(DeviceType type, Properties properties) {

    /** A device with the default properties, and no id. */
    public static DeviceConfig of(DeviceType type) {
        return new DeviceConfig(type, Properties.NONE);
    }

    /**
     * The same with another value of one property.
     *
     * @throws IllegalArgumentException if devices of this type do not have it, or it does not have such a value
     */
    public <T> DeviceConfig with(Property<T> property, T value) {
        if (type.properties().stream().noneMatch(known -> known.name().equals(property.name()))) {
            throw new IllegalArgumentException(type.name() + " has no property " + property);
        }
        return new DeviceConfig(type, properties.with(property, value));
    }

    /** The same with an id, which no other device of the machine may have. */
    public DeviceConfig withId(String id) {
        return new DeviceConfig(type, properties.withId(id));
    }

    /** The type's name, for messages. */
    public String driver() {
        return type.name();
    }

    /** When firmware tries to boot from it: lower numbers first, none twice. Empty if it goes by {@code -boot}. */
    public Optional<Integer> bootIndex() {
        return type.bootIndex(properties);
    }
}

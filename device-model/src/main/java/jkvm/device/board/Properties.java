package jkvm.device.board;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * The properties of one device as the user gave them. Immutable; two with the same id and values are equal.
 *
 * @param id     the device's name in its machine; empty until there is one
 * @param values those that were given, each of its property's type
 */
public record Properties(String id, Map<Property<?>, Object> values) {
    /** None given, no id. */
    public static final Properties NONE = new Properties("", Map.of());

    public Properties {
        values = Map.copyOf(values);
        values.forEach(Property::check);
    }

    /**
     * The given value, or else the default.
     *
     * @throws IllegalArgumentException if there is neither
     */
    public <T> T get(Property<T> property) {
        return find(property).or(property::absent).orElseThrow(() ->
                new IllegalArgumentException("property " + property + " is missing"));
    }

    /** The given value; empty where none was given, even if there is a default. */
    public <T> Optional<T> find(Property<T> property) {
        return Optional.ofNullable(property.cast(values.get(property)));
    }

    /**
     * The same with another value of one property.
     *
     * @throws IllegalArgumentException if it is a number out of the property's range
     */
    public <T> Properties with(Property<T> property, T value) {
        return withValue(property, value);
    }

    /**
     * As {@link #with}, the type checked now.
     *
     * @throws ClassCastException       if it is not the property's
     * @throws IllegalArgumentException if it is a number out of the property's range
     */
    public Properties withValue(Property<?> property, Object value) {
        Map<Property<?>, Object> all = new HashMap<>(values);
        all.put(property, value);
        return new Properties(id, all);
    }

    /** The same for a device of another name. */
    public Properties withId(String other) {
        return new Properties(other, values);
    }
}

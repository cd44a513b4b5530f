package jkvm.app.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Collectors;
import jkvm.host.disk.ByteSize;

/**
 * The value of an option as QEMU writes it, {@code first,name=value,flag}: read by taking properties out by name, until
 * {@link #end()} refuses what nobody took. Two commas stand for one in a value.
 */
public final class OptionValues {
    private final String where;
    /** The property that the first element stands for, if it has no name; else empty. */
    private String unnamed = "";
    private final Map<String, String> properties = new LinkedHashMap<>();
    private final List<String> known = new ArrayList<>();
    private final List<String> elements;

    /**
     * @param option   the option's name with its dash, for messages
     * @param text     its value
     * @param firstKey the property that a first element without a name stands for, or empty if there is none
     */
    public OptionValues(String option, String text, String firstKey) {
        this.where = option + " " + text;
        elements = split(text);
        boolean first = true;
        for (String element : elements) {
            int equals = element.indexOf('=');
            String key = equals < 0 ? element : element.substring(0, equals);
            if (first && equals < 0 && !firstKey.isEmpty()) {
                properties.put(firstKey, element);
                unnamed = firstKey;
            } else if (key.isEmpty()) {
                throw error("an empty property");
            } else {
                // A flag alone: null says that it still has to be read as "flag" or as "no" + "flag".
                properties.put(key, equals < 0 ? null : element.substring(equals + 1));
            }
            first = false;
        }
    }

    /** Splits at single commas; a doubled comma is a comma of the value. */
    static List<String> split(String text) {
        List<String> parts = new ArrayList<>();
        StringBuilder part = new StringBuilder();
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == ',' && i + 1 < text.length() && text.charAt(i + 1) == ',') {
                part.append(',');
                i++;
            } else if (c == ',') {
                parts.add(part.toString());
                part.setLength(0);
            } else {
                part.append(c);
            }
        }
        parts.add(part.toString());
        return parts;
    }

    /** The option and its value, as messages begin. */
    String where() {
        return where;
    }

    /** An error that names the option and its value. */
    public UsageException error(String what) {
        return new UsageException(where + ": " + what);
    }

    public Optional<String> take(String key) {
        known.add(key);
        if (!properties.containsKey(key)) {
            return Optional.empty();
        }
        String value = properties.remove(key);
        if (value == null) {
            throw error("property " + key + " needs a value");
        }
        return Optional.of(value);
    }

    /** The value of a property that is taken later; empty too where it has none. */
    Optional<String> peek(String key) {
        return Optional.ofNullable(properties.get(key));
    }

    /** Takes all values of properties that may be repeated, each with its property's name, in their order. */
    List<Map.Entry<String, String>> takeAll(String... keys) {
        List<Map.Entry<String, String>> all = new ArrayList<>();
        for (String element : elements) {
            int equals = element.indexOf('=');
            String key = equals < 0 ? element : element.substring(0, equals);
            if (List.of(keys).contains(key)) {
                take(key);
                all.add(Map.entry(key, element.substring(equals + 1)));
            }
        }
        return all;
    }

    String require(String key) {
        return take(key).filter(value -> !value.isEmpty())
                .orElseThrow(() -> error("property " + key + " is missing"));
    }

    /** Whether a text is an identifier by QEMU's rule, which ids and names of nodes follow. */
    static boolean isIdentifier(String text) {
        return text.matches("[A-Za-z][A-Za-z0-9._-]*");
    }

    /** The id that other options name it by: an identifier. */
    Optional<String> takeId() {
        return take("id").map(id -> {
            if (!isIdentifier(id)) {
                throw error("property id expects an identifier: letters, digits, '-', '.', '_', starting with a"
                        + " letter");
            }
            return id;
        });
    }

    /** A flag: {@code key=on}, {@code key=off}, {@code key} alone or, with QEMU's older spelling, {@code nokey}. */
    public boolean takeFlag(String key, boolean absent) {
        return takeFlag(key).orElse(absent);
    }

    /** As {@link #takeFlag(String, boolean)}; empty if it is absent. */
    public Optional<Boolean> takeFlag(String key) {
        known.add(key);
        String opposite = "no" + key;
        if (properties.containsKey(opposite) && properties.get(opposite) == null) {
            properties.remove(opposite);
            return Optional.of(false);
        }
        if (!properties.containsKey(key)) {
            return Optional.empty();
        }
        String value = properties.remove(key);
        return Optional.of(value == null || onOff(key, value));
    }

    boolean onOff(String key, String value) {
        return onOff(value).orElseThrow(() -> error("property " + key + " is on or off"));
    }

    /** The value of a flag; empty if it is none. */
    static Optional<Boolean> onOff(String value) {
        return switch (value) {
            case "on", "yes", "true", "y" -> Optional.of(true);
            case "off", "no", "false", "n" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    /** A number from {@code low} to {@code high}; decimal, 0x hexadecimal or 0 octal. */
    public Optional<Long> takeNumber(String key, long low, long high) {
        return take(key).map(value -> number(key, value, low, high));
    }

    /** The number that a property's value is, from {@code low} to {@code high}. */
    long number(String key, String value, long low, long high) {
        long number = number(key, value);
        if (number < low || number > high) {
            throw error("property " + key + " must be from " + low + " to " + high);
        }
        return number;
    }

    /** The number that a property's value is; decimal, 0x hexadecimal or 0 octal. */
    long number(String key, String value) {
        try {
            return Long.decode(value);
        } catch (NumberFormatException _) {
            throw error("property " + key + " is not a number: " + value);
        }
    }

    /** As {@link #number(String, String)}, for 64 bits without a sign. */
    long unsigned(String key, String value) {
        try {
            boolean isHexadecimal = value.startsWith("0x") || value.startsWith("0X");
            return Long.parseUnsignedLong(isHexadecimal ? value.substring(2) : value, isHexadecimal ? 16 : 10);
        } catch (NumberFormatException _) {
            throw error("property " + key + " is not a number: " + value);
        }
    }

    /** One of some words. */
    Optional<String> takeChoice(String key, String... choices) {
        return take(key).map(value -> choice(key, value, List.of(choices)));
    }

    /** The value again, one of some words. */
    String choice(String key, String value, List<String> choices) {
        if (!choices.contains(value)) {
            throw error("property " + key + " does not accept '" + value + "'; there are "
                    + String.join(", ", choices));
        }
        return value;
    }

    /** Takes a property that may have one value only, as it is what jkvm does. */
    public void takeFixed(String key, String... accepted) {
        Optional<String> value = take(key);
        if (value.isPresent() && !List.of(accepted).contains(value.get())) {
            throw error("only " + key + "=" + String.join(" or " + key + "=", accepted) + " is supported");
        }
    }

    /** Takes a property that is one of some words. */
    Optional<String> takeOneOf(String key, List<String> accepted) {
        Optional<String> value = take(key);
        if (value.isPresent() && !accepted.contains(value.get())) {
            throw error("property " + key + " must be one of " + String.join(", ", accepted) + ", not " + value.get());
        }
        return value;
    }

    /** True if the property is there and was not taken yet. */
    boolean has(String key) {
        return properties.containsKey(key);
    }

    /** Takes a property whose presence is an error, for a reason that is better than "unknown". */
    void refuse(String key, String reason) {
        if (properties.containsKey(key)) {
            throw error("property " + key + ": " + reason);
        }
    }

    /** All that is left, a flag alone with the value {@code on}; nothing is left afterwards. */
    public Map<String, String> takeRest() {
        Map<String, String> rest = new LinkedHashMap<>();
        properties.forEach((key, value) -> rest.put(key, value == null ? "on" : value));
        properties.clear();
        return rest;
    }

    /**
     * Takes the properties of groups.
     *
     * @param groups what a name is, or begins with where it ends with a dot
     */
    Map<String, String> takeGroups(List<String> groups) {
        Map<String, String> taken = new LinkedHashMap<>();
        for (String name : List.copyOf(properties.keySet())) {
            if (groups.stream().anyMatch(group -> group.endsWith(".") ? name.startsWith(group) : name.equals(group))) {
                taken.put(name, take(name).orElseThrow());
            }
        }
        return taken;
    }

    /** Refuses properties that were not taken. */
    public void end() {
        for (String key : properties.keySet()) {
            String meant = Suggestion.of(key, known);
            throw error("unknown property " + key + (meant.isEmpty() ? others() : meant));
        }
    }

    private String others() {
        String names = known.stream().distinct().filter(name -> !name.equals(unnamed))
                .collect(Collectors.joining(", "));
        return names.isEmpty() ? "" : "; there are " + names;
    }

    /** As {@link #bytes(String, char)}; what is no size is an error. */
    public long size(String text, char defaultSuffix) {
        return bytes(text, defaultSuffix).orElseThrow(() ->
                error("not a size: write a number, maybe with K, M, G or T"));
    }

    /** As {@link ByteSize#parse(String, char)}. */
    public static OptionalLong bytes(String text, char defaultSuffix) {
        return ByteSize.parse(text, defaultSuffix);
    }
}

package jkvm.app.options;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The properties of an option's value, with their types: for options that jkvm checks as QEMU does. An {@code id} is
 * an identifier. Immutable once it is in a table.
 */
final class OptionSchema {
    private enum Kind { TEXT, FLAG, NUMBER, SIZE, CHOICE }

    private record Entry(Kind kind, List<String> choices) {
    }

    private final String implied;
    private final Map<String, Entry> entries = new LinkedHashMap<>();
    private final List<String> required = new ArrayList<>();

    private OptionSchema(String implied) {
        this.implied = implied;
    }

    /** @param implied the property that a first word without a name stands for, empty if there is none */
    static OptionSchema of(String implied) {
        return new OptionSchema(implied);
    }

    private OptionSchema add(Kind kind, List<String> choices, String... names) {
        for (String name : names) {
            entries.put(name, new Entry(kind, choices));
        }
        return this;
    }

    OptionSchema text(String... names) {
        return add(Kind.TEXT, List.of(), names);
    }

    OptionSchema flag(String... names) {
        return add(Kind.FLAG, List.of(), names);
    }

    OptionSchema number(String... names) {
        return add(Kind.NUMBER, List.of(), names);
    }

    OptionSchema size(String... names) {
        return add(Kind.SIZE, List.of(), names);
    }

    OptionSchema choice(String name, String... choices) {
        return add(Kind.CHOICE, List.of(choices), name);
    }

    /** Refuses a value without these. */
    OptionSchema require(String... names) {
        required.addAll(List.of(names));
        return this;
    }

    /** The properties and their types, as QEMU's monitor names them. */
    Map<String, String> types() {
        Map<String, String> types = new LinkedHashMap<>();
        entries.forEach((name, entry) -> types.put(name, switch (entry.kind) {
            case TEXT, CHOICE -> "string";
            case FLAG -> "bool";
            case NUMBER, SIZE -> "int";
        }));
        return types;
    }

    /**
     * Checks a value.
     *
     * @param option its name with its dash
     * @return the properties that were given, flags as {@code on} or {@code off}
     * @throws UsageException naming the property that is wrong
     */
    Map<String, String> read(String option, String text) {
        OptionValues values = new OptionValues(option, text, implied);
        Map<String, String> given = new LinkedHashMap<>();
        entries.forEach((name, entry) -> {
            if (entry.kind == Kind.FLAG) {
                values.takeFlag(name).ifPresent(on -> given.put(name, on ? "on" : "off"));
            } else {
                Optional<String> value = name.equals("id") ? values.takeId() : values.take(name);
                value.ifPresent(each -> given.put(name, checked(values, name, entry, each)));
            }
        });
        values.end();
        for (String name : required) {
            if (!given.containsKey(name)) {
                throw values.error("property " + name + " is missing");
            }
        }
        return given;
    }

    private static String checked(OptionValues values, String name, Entry entry, String value) {
        switch (entry.kind) {
            case NUMBER -> values.number(name, value);
            case SIZE -> values.size(value, 'B');
            case CHOICE -> values.choice(name, value, entry.choices);
            case TEXT, FLAG -> { }
        }
        return value;
    }
}

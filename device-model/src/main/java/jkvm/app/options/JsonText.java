package jkvm.app.options;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import jkvm.host.image.BackingChoice;
import jkvm.json.Json;
import jkvm.json.JsonException;
import jkvm.json.JsonReader;

/** Option values that are JSON objects, as management programs write them, in the spelling {@code name=value}. */
final class JsonText {
    /** Options whose value may be JSON. */
    private static final Set<String> OPTIONS =
            Set.of("device", "netdev", "object", "blockdev", "audiodev", "display", "compat");

    private JsonText() {
    }

    /**
     * The value in the other spelling; the same text if it is not JSON.
     *
     * <p>A member of a nested object becomes {@code outer.inner=value}, an element {@code outer.0=value}. Elements that
     * are objects with {@code str} alone, such as those of {@code hostfwd}, repeat the property. A member that is null
     * is as if not given, but {@code backing}, which is empty.
     *
     * @param option without its dash
     * @throws UsageException if it begins like JSON and is none
     */
    static String plain(String option, String value) {
        if (!value.startsWith("{") || !OPTIONS.contains(option)) {
            return value;
        }
        List<String> properties = new ArrayList<>();
        try {
            add(properties, "", JsonReader.read(value));
        } catch (JsonException e) {
            throw new UsageException("-" + option + " " + value + ": " + e.getMessage());
        }
        return String.join(",", properties);
    }

    private static void add(List<String> properties, String name, Json value) {
        switch (value) {
            // A node without a backing image, as opposed to the one that its image stores.
            case Json.Nothing _ when name.equals(BackingChoice.NAME) || name.endsWith("." + BackingChoice.NAME) ->
                    properties.add(name + "=" + BackingChoice.NONE);
            case Json.Nothing _ -> { }
            case Json.Members members -> members.values().forEach((key, member) ->
                    add(properties, name.isEmpty() ? key : name + "." + key, member));
            case Json.Items items -> {
                for (int i = 0; i < items.values().size(); i++) {
                    if (items.values().get(i) instanceof Json.Members member
                            && member.values().keySet().equals(Set.of("str"))) {
                        add(properties, name, member.values().get("str"));
                    } else {
                        add(properties, name + "." + i, items.values().get(i));
                    }
                }
            }
            case Json.Flag flag -> properties.add(name + "=" + (flag.value() ? "on" : "off"));
            case Json.Whole number -> properties.add(name + "=" + number.value());
            case Json.Real number -> properties.add(name + "=" + number.text());
            case Json.Text text -> properties.add(name + "=" + text.value().replace(",", ",,"));
        }
    }
}

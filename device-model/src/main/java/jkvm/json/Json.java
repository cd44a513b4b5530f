package jkvm.json;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A JSON value. Immutable. */
public sealed interface Json {

    /** A string. */
    record Text(String value) implements Json {
    }

    /**
     * A number with a fraction or an exponent, or one that no {@code long} holds.
     *
     * @param text as JSON has it
     */
    record Real(String text) implements Json {
    }

    /** A whole number. */
    record Whole(long value) implements Json {
    }

    /** True or false. */
    record Flag(boolean value) implements Json {
    }

    /** JSON's null. */
    record Nothing() implements Json {
    }

    /** An array. */
    record Items(List<Json> values) implements Json {
        public Items {
            values = List.copyOf(values);
        }
    }

    /** An object; its members have an order. */
    record Members(Map<String, Json> values) implements Json {
        private static final Members EMPTY = new Members(Map.of());

        public Members {
            values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
        }

        public static Members empty() {
            return EMPTY;
        }

        /** The same, with one more member at the end. */
        public Members with(String name, Json value) {
            Map<String, Json> more = new LinkedHashMap<>(values);
            more.put(name, value);
            return new Members(more);
        }

        public Members with(String name, String value) {
            return with(name, new Text(value));
        }

        public Members with(String name, long value) {
            return with(name, new Whole(value));
        }

        public Members with(String name, boolean value) {
            return with(name, new Flag(value));
        }
    }

    /**
     * The value with the members of all its objects in the order in which QEMU writes them: by a hash of their names,
     * whatever the order in which they are set. Scripts should not rely on it, but some compare texts.
     */
    default Json inQemuOrder() {
        return switch (this) {
            case Items items -> new Items(items.values().stream().map(Json::inQemuOrder).toList());
            case Members members -> {
                List<String> names = new ArrayList<>(members.values().keySet());
                names.sort(Comparator.comparingInt(QemuOrder::place));
                Map<String, Json> sorted = new LinkedHashMap<>();
                names.forEach(name -> sorted.put(name, members.values().get(name).inQemuOrder()));
                yield new Members(sorted);
            }
            case Text _, Whole _, Real _, Flag _, Nothing _ -> this;
        };
    }

    /** This value in one line, as QEMU writes it into names. */
    default String line() {
        return JsonWriter.inOneLine().value(this).text();
    }

    /** A document of this value, as {@link JsonWriter} writes it. */
    default String document() {
        return new JsonWriter().value(this).document();
    }
}

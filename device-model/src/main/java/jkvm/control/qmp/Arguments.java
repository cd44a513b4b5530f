package jkvm.control.qmp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jkvm.json.Json;

/** The members of an object that a client sent, checked and decoded. Immutable. */
final class Arguments {
    private final Map<Argument<?>, Object> values;
    private final Json.Members others;

    Arguments(Map<Argument<?>, Object> values, Map<String, Json> others) {
        this.values = Map.copyOf(values);
        this.others = new Json.Members(new LinkedHashMap<>(others));
    }

    /** The value of a member that is required. */
    <T> T get(Argument<T> argument) {
        return find(argument).orElseThrow();
    }

    /** The value of a member that may be absent. */
    @SuppressWarnings("unchecked")
    <T> Optional<T> find(Argument<T> argument) {
        // The decoder of this argument made the value.
        return Optional.ofNullable((T) values.get(argument));
    }

    /** The members that are not declared, in the client's order. */
    Json.Members others() {
        return others;
    }
}

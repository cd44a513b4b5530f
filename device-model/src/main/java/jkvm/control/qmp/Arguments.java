package jkvm.control.qmp;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import jkvm.json.Json;
import jkvm.linux.Fd;

/** The members of an object that a client sent, checked and decoded. Immutable. */
final class Arguments {
    private final Map<Argument<?>, Object> values;
    private final Json.Members others;
    private final Client client;

    /** The connection by which a command came. */
    @FunctionalInterface
    interface Client {
        /** One that passes no descriptors. */
        Client NONE = Optional::empty;

        /** The descriptor that the client has passed longest ago, which is the caller's from now on. */
        Optional<Fd> takeDescriptor();
    }

    Arguments(Map<Argument<?>, Object> values, Map<String, Json> others) {
        this(values, new Json.Members(new LinkedHashMap<>(others)), Client.NONE);
    }

    private Arguments(Map<Argument<?>, Object> values, Json.Members others, Client client) {
        this.values = Map.copyOf(values);
        this.others = others;
        this.client = client;
    }

    /** The same, of a command that came from this client. */
    Arguments from(Client sender) {
        return new Arguments(values, others, sender);
    }

    /** The client that sent them. */
    Client client() {
        return client;
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

package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import jkvm.json.Json;

/**
 * An object that the client gets, made of a Java value. Immutable.
 *
 * <pre>{@code
 * Struct<Point> point = Struct.<Point>named("Point").with("x", Types.INT, Point::x).with("y", Types.INT, Point::y);
 * }</pre>
 */
final class Struct<R> implements OutputType<R> {
    private final String name;
    private final List<Part<R, ?>> parts;

    /** One member; an empty value leaves it out. */
    private record Part<R, T>(String name, OutputType<T> type, boolean isOptional, Function<R, Optional<T>> value) {
        Optional<Json> encode(R from) {
            return value.apply(from).map(type::encode);
        }
    }

    private Struct(String name, List<Part<R, ?>> parts) {
        this.name = name;
        this.parts = List.copyOf(parts);
    }

    /** Without members as yet. */
    static <R> Struct<R> named(String name) {
        return new Struct<>(name, List.of());
    }

    /** The same with one more member. */
    <T> Struct<R> with(String member, OutputType<T> type, Function<R, T> value) {
        return plus(new Part<>(member, type, false, from -> Optional.of(value.apply(from))));
    }

    /** The same with one more member, which may be absent. */
    <T> Struct<R> optionally(String member, OutputType<T> type, Function<R, Optional<T>> value) {
        return plus(new Part<>(member, type, true, value));
    }

    /** The same with one more member, which is true or false. */
    Struct<R> flag(String member, Predicate<R> value) {
        return with(member, Types.BOOL, value::test);
    }

    private Struct<R> plus(Part<R, ?> part) {
        List<Part<R, ?>> more = new ArrayList<>(parts);
        more.add(part);
        return new Struct<>(name, more);
    }

    @Override
    public TypeShape shape() {
        return new TypeShape.Members(name, parts.stream()
                .map(part -> new TypeShape.Member(part.name(), part.type().shape(), part.isOptional())).toList());
    }

    @Override
    public Json encode(R value) {
        Json.Members members = Json.Members.empty();
        for (Part<R, ?> part : parts) {
            Optional<Json> encoded = part.encode(value);
            if (encoded.isPresent()) {
                members = members.with(part.name(), encoded.get());
            }
        }
        return members;
    }
}

package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Function;
import jkvm.json.Json;

/** The types of the language, and types that are made of others. */
final class Types {
    static final Scalar<String> STR = new Scalar<>(new TypeShape.Builtin("str", "string"), "string",
            value -> value instanceof Json.Text text ? text.value() : null, Json.Text::new);
    static final Scalar<Long> INT = new Scalar<>(new TypeShape.Builtin("int", "int"), "integer",
            value -> value instanceof Json.Whole whole ? (Long) whole.value() : null, Json.Whole::new);
    static final Scalar<Boolean> BOOL = new Scalar<>(new TypeShape.Builtin("bool", "boolean"), "boolean",
            value -> value instanceof Json.Flag flag ? (Boolean) flag.value() : null, Json.Flag::new);
    static final Scalar<Json> ANY = new Scalar<>(new TypeShape.Builtin("any", "value"), "any",
            Function.identity(), Function.identity());
    /** The result of commands that answer nothing. */
    static final OutputType<Void> NOTHING = new Nothing();

    private Types() {
    }

    /**
     * A type whose values are no objects, for both directions.
     *
     * @param kind    for errors
     * @param decoder answers null for a value of another type
     */
    record Scalar<T>(TypeShape shape, String kind, Function<Json, T> decoder, Function<T, Json> encoder)
            implements InputType<T>, OutputType<T> {
        @Override
        public T decode(Json value, String path) throws QmpException {
            T decoded = decoder.apply(value);
            if (decoded == null) {
                throw InputType.mismatch(path, kind);
            }
            return decoded;
        }

        @Override
        public Json encode(T value) {
            return encoder.apply(value);
        }
    }

    private record Nothing() implements OutputType<Void> {
        @Override
        public TypeShape shape() {
            return TypeShape.Members.NONE;
        }

        @Override
        public Json encode(Void value) {
            return Json.Members.empty();
        }
    }

    /** One of some texts, which the client gets. */
    static OutputType<String> choice(String name, List<String> values) {
        return new Scalar<>(new TypeShape.Choice(name, values), "", _ -> null, Json.Text::new);
    }

    /** Constants, such as an enum's, by their texts, for both directions. */
    static <E> Choice<E> choice(String name, E[] constants, Function<E, String> text) {
        return new Choice<>(name, List.of(constants), text);
    }

    /** Constants with a text each. */
    record Choice<E>(String name, List<E> constants, Function<E, String> text)
            implements InputType<E>, OutputType<E> {
        @Override
        public TypeShape shape() {
            return new TypeShape.Choice(name, constants.stream().map(text).toList());
        }

        @Override
        public E decode(Json value, String path) throws QmpException {
            String wanted = STR.decode(value, path);
            for (E constant : constants) {
                if (text.apply(constant).equals(wanted)) {
                    return constant;
                }
            }
            // QEMU names the member alone here.
            throw new QmpException("Parameter '" + path.substring(path.lastIndexOf('.') + 1)
                    + "' does not accept value '" + wanted + "'");
        }

        @Override
        public Json encode(E value) {
            return new Json.Text(text.apply(value));
        }
    }

    /** An array that the client gets. */
    static <T> OutputType<Collection<T>> listOf(OutputType<T> element) {
        return new OutputList<>(element);
    }

    private record OutputList<T>(OutputType<T> element) implements OutputType<Collection<T>> {
        @Override
        public TypeShape shape() {
            return new TypeShape.ListOf(element.shape());
        }

        @Override
        public Json encode(Collection<T> values) {
            return new Json.Items(values.stream().map(element::encode).toList());
        }
    }

    /** An array that the client sends. */
    static <T> InputType<List<T>> items(InputType<T> element) {
        return new InputList<>(element);
    }

    private record InputList<T>(InputType<T> element) implements InputType<List<T>> {
        @Override
        public TypeShape shape() {
            return new TypeShape.ListOf(element.shape());
        }

        @Override
        public List<T> decode(Json value, String path) throws QmpException {
            if (!(value instanceof Json.Items items)) {
                throw InputType.mismatch(path, "array");
            }
            List<T> decoded = new ArrayList<>();
            for (Json item : items.values()) {
                decoded.add(element.decode(item, path + "[" + decoded.size() + "]"));
            }
            return decoded;
        }
    }
}

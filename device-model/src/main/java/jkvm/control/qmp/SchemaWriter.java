package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import jkvm.json.Json;

/**
 * Describes commands and events by what their declarations say (QEMU: QMP introspection). Types that are not the
 * language's are named by numbers: clients follow them and do not rely on them.
 */
final class SchemaWriter {
    /** The shape of the answer; its objects have further members, which depend on the kind. */
    static final OutputType<Json> TYPE = new Types.Scalar<>(new TypeShape.ListOf(new TypeShape.Members("SchemaInfo",
            List.of(new TypeShape.Member("name", Types.STR.shape(), false),
                    new TypeShape.Member("meta-type", new TypeShape.Choice("SchemaMetaType", List.of("builtin", "enum",
                            "array", "object", "alternate", "command", "event")), false)))),
            "", json -> json, json -> json);

    private final List<Json> entries = new ArrayList<>();
    private final Map<TypeShape, String> names = new LinkedHashMap<>();
    private int numbers;

    private SchemaWriter() {
    }

    static Json write(List<Command<?>> commands, List<EventType<?>> events) {
        SchemaWriter writer = new SchemaWriter();
        commands.forEach(command -> writer.add(command.declaration()));
        events.forEach(writer::add);
        return new Json.Items(writer.entries);
    }

    private void add(Declaration<?> command) {
        Json.Members entry = entry(command.name(), "command")
                .with("arg-type", nameOf(command.arguments().shape()))
                .with("ret-type", nameOf(command.result().shape()));
        entries.add(command.allowsOob() ? entry.with("allow-oob", true) : entry);
    }

    private void add(EventType<?> event) {
        entries.add(entry(event.name(), "event").with("arg-type", nameOf(event.data().shape())));
    }

    private static Json.Members entry(String name, String kind) {
        return Json.Members.empty().with("name", name).with("meta-type", kind);
    }

    /** The name of a type, which is described if this is its first use. */
    private String nameOf(TypeShape shape) {
        String known = names.get(shape);
        if (known != null) {
            return known;
        }
        String name = switch (shape) {
            case TypeShape.Builtin builtin -> builtin.name();
            case TypeShape.ListOf list -> "[" + nameOf(list.element()) + "]";
            case TypeShape.Choice _, TypeShape.Members _ -> Integer.toString(numbers++);
        };
        names.put(shape, name);
        entries.add(describe(name, shape));
        return name;
    }

    private Json describe(String name, TypeShape shape) {
        return switch (shape) {
            case TypeShape.Builtin builtin -> entry(name, "builtin").with("json-type", builtin.jsonType());
            case TypeShape.ListOf list -> entry(name, "array").with("element-type", nameOf(list.element()));
            case TypeShape.Choice choice -> entry(name, "enum")
                    .with("values", items(choice.values(), Json.Text::new))
                    .with("members", items(choice.values(), value -> Json.Members.empty().with("name", value)));
            case TypeShape.Members object -> entry(name, "object")
                    .with("members", items(object.members(), this::member));
        };
    }

    private static <T> Json items(List<T> values, Function<T, Json> entry) {
        return new Json.Items(values.stream().map(entry).toList());
    }

    private Json member(TypeShape.Member member) {
        Json.Members entry = Json.Members.empty().with("name", member.name()).with("type", nameOf(member.type()));
        return member.isOptional() ? entry.with("default", new Json.Nothing()) : entry;
    }
}

package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import jkvm.control.qmp.QmpException.Kind;
import jkvm.json.Json;
import jkvm.machine.Machine;

/** Commands that look at the tree of objects and at their types. */
final class ObjectCommands {
    private static final Argument<String> PATH = Argument.required("path", Types.STR);
    private static final Argument<String> PROPERTY = Argument.required("property", Types.STR);
    private static final Argument<String> TYPE_NAME = Argument.required("typename", Types.STR);
    private static final Argument<String> IMPLEMENTS = Argument.optional("implements", Types.STR);
    private static final Argument<Boolean> ABSTRACT = Argument.optional("abstract", Types.BOOL);
    private static final Struct<ObjectTree.Entry> ENTRY = Struct.<ObjectTree.Entry>named("ObjectPropertyInfo")
            .with("name", Types.STR, ObjectTree.Entry::name)
            .with("type", Types.STR, ObjectTree.Entry::type);
    private static final Struct<TypeCatalogue.TypeProperty> PROPERTY_INFO =
            Struct.<TypeCatalogue.TypeProperty>named("ObjectPropertyInfo")
            .with("name", Types.STR, TypeCatalogue.TypeProperty::name)
            .with("type", Types.STR, TypeCatalogue.TypeProperty::type)
            .optionally("description", Types.STR,
                    property -> Optional.of(property.description()).filter(text -> !text.isEmpty()))
            .optionally("default-value", Types.ANY, TypeCatalogue.TypeProperty::absent);
    private static final Struct<TypeCatalogue.Type> TYPE = Struct.<TypeCatalogue.Type>named("ObjectTypeInfo")
            .with("name", Types.STR, TypeCatalogue.Type::name)
            .optionally("abstract", Types.BOOL, type -> Optional.of(true).filter(_ -> type.isAbstract()))
            .optionally("parent", Types.STR, type -> Optional.of(type.parent()));

    private final Machine machine;
    private final QmpFacts facts;

    ObjectCommands(Machine machine, QmpFacts facts) {
        this.machine = machine;
        this.facts = facts;
    }

    void addTo(CommandTable table) {
        table.query(Declaration.of("qom-list").takes(PATH).answers(Types.listOf(ENTRY)),
                arguments -> node(arguments.get(PATH)).entries());
        table.query(Declaration.of("qom-get").takes(PATH, PROPERTY).answers(Types.ANY),
                arguments -> value(arguments.get(PATH), arguments.get(PROPERTY)));
        table.query(Declaration.of("qom-list-types").takes(IMPLEMENTS, ABSTRACT).answers(Types.listOf(TYPE)),
                arguments -> catalogue().list(arguments.find(IMPLEMENTS),
                        arguments.find(ABSTRACT).orElse(false)));
        table.query(Declaration.of("qom-list-properties").takes(TYPE_NAME).answers(Types.listOf(PROPERTY_INFO)),
                arguments -> typeProperties(arguments.get(TYPE_NAME)));
        table.query(Declaration.of("device-list-properties").takes(TYPE_NAME).answers(Types.listOf(PROPERTY_INFO)),
                arguments -> deviceProperties(arguments.get(TYPE_NAME)));
    }

    private TypeCatalogue catalogue() {
        return new TypeCatalogue(facts, machine.devices().reader().objectTypes());
    }

    private ObjectTree.Node node(String path) throws QmpException {
        return ObjectTree.of(machine).find(path).orElseThrow(() -> QmpException.deviceNotFound(path));
    }

    private Json value(String path, String name) throws QmpException {
        ObjectTree.Node node = node(path);
        return node.entries().stream().filter(entry -> entry.name().equals(name)).findFirst()
                .orElseThrow(() -> new QmpException("Property '" + node.type() + "." + name + "' not found"))
                .value().orElse(new Json.Text(""));
    }

    private List<TypeCatalogue.TypeProperty> typeProperties(String name) throws QmpException {
        TypeCatalogue catalogue = catalogue();
        if (catalogue.find(name).isEmpty()) {
            throw new QmpException(Kind.DEVICE_NOT_FOUND, "Class '" + name + "' not found");
        }
        return catalogue.properties(name).orElseGet(() -> catalogue.otherProperties(name));
    }

    private List<TypeCatalogue.TypeProperty> deviceProperties(String name) throws QmpException {
        TypeCatalogue catalogue = catalogue();
        if (catalogue.find(name).isEmpty()) {
            throw QmpException.deviceNotFound(name);
        }
        return catalogue.properties(name).orElseThrow(() ->
                new QmpException("Parameter 'typename' expects a non-abstract device type"));
    }
}

package jkvm.control.qmp;

import java.util.List;

/** The schema's view of a type: its values, without Java. Equal shapes are one type of the schema. */
sealed interface TypeShape {

    /** A type of the language. */
    record Builtin(String name, String jsonType) implements TypeShape {
    }

    /** One of these texts. */
    record Choice(String name, List<String> values) implements TypeShape {
        public Choice {
            values = List.copyOf(values);
        }
    }

    /** An array. */
    record ListOf(TypeShape element) implements TypeShape {
    }

    /** An object. */
    record Members(String name, List<Member> members) implements TypeShape {
        /** An object without members: no arguments, no result, no data. */
        static final Members NONE = new Members("q_empty", List.of());

        public Members {
            members = List.copyOf(members);
        }
    }

    /** A member of an object. */
    record Member(String name, TypeShape type, boolean isOptional) {
    }
}

package jkvm.control.qmp;

import java.util.List;
import java.util.Optional;
import jkvm.host.input.Key;
import jkvm.json.Json;

/** A key in a command, by its name or its number. */
final class KeyValue {
    private static final String BY_NAME = "qcode";
    private static final String BY_NUMBER = "number";
    private static final Argument<String> KIND = Argument.required("type",
            Types.choice("KeyValueKind", new String[] {BY_NUMBER, BY_NAME}, name -> name));
    /** What it is depends on the kind. */
    private static final Argument<Json> DATA = Argument.required("data", Types.ANY);
    private static final InputType<Key> NAME = Types.choice("QKeyCode", Key.values(), Key::text);

    static final InputObject TYPE = new InputObject("KeyValue", List.of(KIND, DATA), false);

    private KeyValue() {
    }

    /**
     * The key.
     *
     * @param place where the value is in its command, for messages
     * @return empty for a number that no key has, which QEMU ignores
     */
    static Optional<Key> read(Arguments value, String place) throws QmpException {
        Json data = value.get(DATA);
        if (value.get(KIND).equals(BY_NAME)) {
            return Optional.of(NAME.decode(data, place));
        }
        return Key.numbered(Math.clamp(Types.INT.decode(data, place), -1, Integer.MAX_VALUE));
    }
}

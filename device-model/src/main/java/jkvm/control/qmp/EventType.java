package jkvm.control.qmp;

/**
 * The interface of an event, and its entry in the schema.
 *
 * @param data {@link Types#NOTHING} if it has none
 */
record EventType<D>(String name, OutputType<D> data) {

    static EventType<Void> of(String name) {
        return new EventType<>(name, Types.NOTHING);
    }
}

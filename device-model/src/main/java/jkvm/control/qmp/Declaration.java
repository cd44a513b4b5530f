package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.List;
import jkvm.json.Json;

/**
 * The interface of a command: it checks what clients send, encodes the answer, and is the command's entry in the
 * schema. Immutable.
 *
 * @param allowsOob true if it may overtake others: it waits for nothing
 */
record Declaration<R>(String name, InputObject arguments, OutputType<R> result, boolean allowsOob) {

    /** A command without arguments and result. */
    static Declaration<Void> of(String name) {
        return new Declaration<>(name, new InputObject(name + "-arg", List.of(), false), Types.NOTHING, false);
    }

    /** The same with these arguments after others. */
    Declaration<R> takes(Argument<?>... more) {
        List<Argument<?>> all = new ArrayList<>(arguments.members());
        all.addAll(List.of(more));
        return new Declaration<>(name, new InputObject(arguments.name(), all, arguments.isOpen()), result, allowsOob);
    }

    /** The same with any other arguments: {@link Arguments#others()}. */
    Declaration<R> takesOthers() {
        return new Declaration<>(name, new InputObject(arguments.name(), arguments.members(), true), result, allowsOob);
    }

    /** The same with a result. */
    <T> Declaration<T> answers(OutputType<T> type) {
        return new Declaration<>(name, arguments, type, allowsOob);
    }

    /** The same, for {@code exec-oob} too. */
    Declaration<R> outOfBand() {
        return new Declaration<>(name, arguments, result, true);
    }

    Arguments decode(Json sent) throws QmpException {
        return arguments.decode(sent, "");
    }
}

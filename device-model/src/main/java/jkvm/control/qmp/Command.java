package jkvm.control.qmp;

import jkvm.json.Json;

/** A declared command with the code that acts on it. */
record Command<R>(Declaration<R> declaration, Handler<R> handler) {

    /** The code of a command. It may wait for the machine, unless the command is allowed out of band. */
    @FunctionalInterface
    interface Handler<R> {
        R run(Arguments arguments) throws QmpException;
    }

    /** The code of a command that answers nothing. */
    @FunctionalInterface
    interface Action {
        void run(Arguments arguments) throws QmpException;
    }

    static Command<Void> of(Declaration<Void> declaration, Action action) {
        return new Command<>(declaration, arguments -> {
            action.run(arguments);
            return null;
        });
    }

    String name() {
        return declaration.name();
    }

    /** Checks the arguments, acts, and encodes the result. */
    Json run(Json arguments, Arguments.Client client) throws QmpException {
        return declaration.result().encode(handler.run(declaration.decode(arguments).from(client)));
    }
}

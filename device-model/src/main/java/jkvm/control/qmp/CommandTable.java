package jkvm.control.qmp;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The commands of a machine, which all its monitors share. Filled once, then only read. */
final class CommandTable {
    private final Map<String, Command<?>> commands = new LinkedHashMap<>();

    /** @throws IllegalStateException if there is one of that name */
    void add(Command<?> command) {
        if (commands.putIfAbsent(command.name(), command) != null) {
            throw new IllegalStateException("two commands are called " + command.name());
        }
    }

    /** A command that answers nothing. */
    void add(Declaration<Void> declaration, Command.Action action) {
        add(Command.of(declaration, action));
    }

    /** A command with an answer. */
    <R> void query(Declaration<R> declaration, Command.Handler<R> handler) {
        add(new Command<>(declaration, handler));
    }

    Optional<Command<?>> find(String name) {
        return Optional.ofNullable(commands.get(name));
    }

    /** All, in the order in which they were added. */
    List<Command<?>> all() {
        return new ArrayList<>(commands.values());
    }
}

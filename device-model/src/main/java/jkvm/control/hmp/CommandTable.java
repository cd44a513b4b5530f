package jkvm.control.hmp;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** Commands by all of their names. */
final class CommandTable {
    private final String prefix;
    private final Map<String, MonitorCommand> commands = new LinkedHashMap<>();

    /** @param prefix the word before each of these commands, with a blank; empty for none */
    CommandTable(String prefix) {
        this.prefix = prefix;
    }

    void add(MonitorCommand command) {
        for (String name : command.names()) {
            commands.put(name, command);
        }
    }

    /** @throws MonitorException if there is no such command */
    MonitorCommand find(String name) {
        MonitorCommand command = commands.get(name);
        if (command == null) {
            throw unknown(name);
        }
        return command;
    }

    MonitorException unknown(String name) {
        return new MonitorException("unknown command: '" + prefix + name + "'");
    }

    /** All names that begin so, in order. */
    List<String> namesFrom(String begun) {
        return commands.keySet().stream().filter(name -> name.startsWith(begun)).sorted().toList();
    }

    /** A line for each command, in the order of their names. */
    String help() {
        Map<String, String> lines = new TreeMap<>();
        commands.values().forEach(command -> lines.put(command.title(), command.helpLine(prefix)));
        return String.join("", lines.values());
    }

    String help(String name) {
        return find(name).helpLine(prefix);
    }
}

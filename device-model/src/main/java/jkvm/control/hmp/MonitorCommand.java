package jkvm.control.hmp;

import java.util.List;

/**
 * One command.
 *
 * @param names      all of its names, the usual one first
 * @param arguments  its arguments as the help shows them
 * @param help       the effect, in a few words
 * @param parameters in their order
 * @param action     carries it out
 */
record MonitorCommand(List<String> names, String arguments, String help, List<Parameter> parameters, Action action) {

    /** The effect of a command. */
    @FunctionalInterface
    interface Action {

        /**
         * Carries the command out.
         *
         * @return the output, each line with its newline
         * @throws MonitorException if that cannot be done
         */
        String run(Arguments arguments);
    }

    MonitorCommand {
        names = List.copyOf(names);
        parameters = List.copyOf(parameters);
    }

    /** @param names with a bar between them */
    static MonitorCommand of(String names, String arguments, String help, Action action, Parameter... parameters) {
        return new MonitorCommand(List.of(names.split("\\|")), arguments, help, List.of(parameters), action);
    }

    boolean hasFlags() {
        return parameters.stream().anyMatch(one -> one.kind() == Parameter.Kind.FLAG);
    }

    /** All names with a bar between them, as help and messages show them. */
    String title() {
        return String.join("|", names);
    }

    /** @param prefix the word before the name, with a blank, or empty */
    String helpLine(String prefix) {
        return "%s%s %s -- %s\n".formatted(prefix, title(), arguments, help);
    }
}

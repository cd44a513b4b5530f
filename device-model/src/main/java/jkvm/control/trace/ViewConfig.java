package jkvm.control.trace;

import java.io.PrintStream;
import java.util.function.Consumer;

/** A view of a run as the user asks for it. */
@FunctionalInterface
public interface ViewConfig {

    /**
     * Opens the view and what it writes to.
     *
     * @param messages takes what the user is told later, a line each
     * @throws jkvm.host.HostException if that cannot be opened
     */
    RunView open(PrintStream messages);

    /**
     * The same of a view that writes into the log.
     *
     * @param log takes whole lines, each with its end; any thread may call it
     */
    default RunView open(PrintStream messages, Consumer<String> log) {
        return open(messages);
    }
}

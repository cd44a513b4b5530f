package jkvm.control.trace;

import java.io.PrintStream;

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
}

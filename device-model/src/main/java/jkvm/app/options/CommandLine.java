package jkvm.app.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.control.trace.LogConfig;
import jkvm.machine.config.MachineConfig;

/**
 * The machine and the settings that a command line asks for.
 *
 * @param pidFile  gets the process id, and is removed at the end
 * @param log      what a run writes down
 * @param messages how the program's messages look
 * @param warnings what in it is of no use and may be a mistake, for the user to read
 */
public record CommandLine(MachineConfig machine, Optional<Path> pidFile, LogConfig log, MessageFormat messages,
        List<String> warnings) {

    public CommandLine {
        warnings = List.copyOf(warnings);
    }
}

package jkvm.app.options;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import jkvm.control.trace.LogConfig;
import jkvm.control.vnc.VncConfig;
import jkvm.host.chardev.ChardevSpec;
import jkvm.machine.DeviceReader;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;

/**
 * The machine and the settings that a command line asks for.
 *
 * @param types    of devices that it knows
 * @param pidFile  gets the process id, and is removed at the end
 * @param log      what a run writes down
 * @param messages how the program's messages look
 * @param debugger where gdb is served
 * @param monitors for programs and people
 * @param monitorKeys labels of the chardevs whose Ctrl-A c leads to a monitor for people
 * @param vncs     the VNC servers
 * @param display  where the user sees the screen besides
 * @param startsPaused true to wait for a monitor or debugger before the guest starts
 * @param isDaemon true where the process goes on in the background once the machine is ready
 * @param snapshot the name of the snapshot that the machine begins with
 * @param migration of the machine, from another process or to one
 * @param reader   of devices that come while the machine runs
 * @param warnings what in it is of no use and may be a mistake, for the user to read
 */
public record CommandLine(MachineConfig machine, DeviceTypes types, Optional<Path> pidFile, LogConfig log,
        MessageFormat messages, Optional<ChardevSpec> debugger, List<MonitorConfig> monitors, Set<String> monitorKeys,
        List<VncConfig> vncs, DisplayConfig display, boolean startsPaused, boolean isDaemon,
        Optional<String> snapshot,
        MigrationConfig migration, DeviceReader reader, List<String> warnings) {

    public CommandLine {
        monitors = List.copyOf(monitors);
        monitorKeys = Set.copyOf(monitorKeys);
        vncs = List.copyOf(vncs);
        warnings = List.copyOf(warnings);
    }
}

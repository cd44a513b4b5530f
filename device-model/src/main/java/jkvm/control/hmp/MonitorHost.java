package jkvm.control.hmp;

import java.util.Optional;
import java.util.function.Supplier;
import jkvm.control.job.Jobs;
import jkvm.control.migrate.Migration;
import jkvm.control.vnc.VncServers;
import jkvm.soft.Accelerator;

/**
 * The things around a machine that its monitors show and steer.
 *
 * @param accelerator that the machine runs on
 * @param exitTable   the exits so far, empty if they are not counted
 * @param debugger    starts and stops the gdb server
 * @param vnc         the VNC servers
 * @param jobs        of the machine, which all its monitors share
 * @param migration   of the machine, which all its monitors share; empty to let a monitor have one of its own
 */
public record MonitorHost(Accelerator.Kind accelerator, Supplier<Optional<String>> exitTable,
        DebuggerSwitch debugger, VncServers vnc, Jobs jobs, Optional<Migration> migration) {

    /** The same with the migration of a machine. */
    public MonitorHost with(Migration shared) {
        return new MonitorHost(accelerator, exitTable, debugger, vnc, jobs, Optional.of(shared));
    }

    /** Without a count of exits, a gdb server and VNC servers. */
    public static MonitorHost on(Accelerator.Kind accelerator) {
        return new MonitorHost(accelerator, Optional::empty, DebuggerSwitch.NONE, new VncServers(), new Jobs(),
                Optional.empty());
    }
}

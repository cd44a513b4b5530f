package jkvm.control.hmp;

import java.util.Optional;
import java.util.function.Supplier;
import jkvm.soft.Accelerator;

/**
 * The things around a machine that its monitors show and steer.
 *
 * @param accelerator that the machine runs on
 * @param exitTable   the exits so far, empty if they are not counted
 * @param debugger    starts and stops the gdb server
 */
public record MonitorHost(Accelerator.Kind accelerator, Supplier<Optional<String>> exitTable,
        DebuggerSwitch debugger) {

    /** Without a count of exits and without a gdb server. */
    public static MonitorHost on(Accelerator.Kind accelerator) {
        return new MonitorHost(accelerator, Optional::empty, DebuggerSwitch.NONE);
    }
}

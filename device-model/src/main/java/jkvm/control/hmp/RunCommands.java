package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.optional;
import static jkvm.control.hmp.Parameter.required;

import java.util.Optional;

/** Commands that start, stop and end the machine, and its debugger's server. */
final class RunCommands {
    private static final String DONE = "";
    private static final String NONE = "";

    private static final String NO_DEBUGGER = "none";

    private final MonitorSession session;
    private final DebuggerSwitch debugger;

    RunCommands(MonitorSession session, DebuggerSwitch debugger) {
        this.session = session;
        this.debugger = debugger;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("stop|s", NONE, "stop emulation", _ -> stop()));
        table.add(MonitorCommand.of("cont|c", NONE, "resume emulation", _ -> cont()));
        table.add(MonitorCommand.of("system_reset", NONE, "reset the system", _ -> reset()));
        table.add(MonitorCommand.of("system_powerdown", NONE, "send system power down event", _ -> powerDown()));
        table.add(MonitorCommand.of("system_wakeup", NONE, "wakeup guest from suspend", _ -> wakeUp()));
        table.add(MonitorCommand.of("quit|q", NONE, "quit the emulator", _ -> quit()));
        table.add(MonitorCommand.of("cpu", "index", "set the default CPU", arguments -> {
            session.selectCpu(arguments.number("index"));
            return DONE;
        }, required("index", Parameter.Kind.NUMBER)));
        table.add(MonitorCommand.of("gdbserver", "[device]", "start gdbserver on given device (default '"
                + DebuggerSwitch.DEFAULT_DEVICE + "'), stop with 'none'",
                arguments -> debug(arguments.optionalWord("device").orElse(DebuggerSwitch.DEFAULT_DEVICE)),
                optional("device", Parameter.Kind.WORD)));
    }

    private String stop() {
        session.await(session.machine().pause());
        return DONE;
    }

    private String cont() {
        session.await(session.machine().resume());
        return DONE;
    }

    private String reset() {
        session.await(session.machine().reset());
        return DONE;
    }

    private String powerDown() {
        session.await(session.machine().powerButton());
        return DONE;
    }

    private String wakeUp() {
        session.await(session.machine().wakeUp());
        return DONE;
    }

    private String debug(String device) {
        boolean isStop = device.equals(NO_DEBUGGER);
        Optional<String> refusal = isStop ? debugger.stop() : debugger.start(device);
        if (refusal.isPresent()) {
            return "%s\nCould not %s gdbserver on device '%s'\n".formatted(refusal.get(), isStop ? "stop" : "open",
                    device);
        }
        return isStop ? "Disabled gdbserver\n" : "Waiting for gdb connection on device '" + device + "'\n";
    }

    private String quit() {
        session.machine().quit();
        return DONE;
    }
}

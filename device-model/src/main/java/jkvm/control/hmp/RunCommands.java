package jkvm.control.hmp;

import static jkvm.control.hmp.Parameter.required;

/** Commands that start, stop and end the machine. */
final class RunCommands {
    private static final String DONE = "";
    private static final String NONE = "";

    private final MonitorSession session;

    RunCommands(MonitorSession session) {
        this.session = session;
    }

    void addTo(CommandTable table) {
        table.add(MonitorCommand.of("stop|s", NONE, "stop emulation", _ -> stop()));
        table.add(MonitorCommand.of("cont|c", NONE, "resume emulation", _ -> cont()));
        table.add(MonitorCommand.of("system_reset", NONE, "reset the system", _ -> reset()));
        table.add(MonitorCommand.of("system_powerdown", NONE, "send system power down event", _ -> powerDown()));
        table.add(MonitorCommand.of("quit|q", NONE, "quit the emulator", _ -> quit()));
        table.add(MonitorCommand.of("cpu", "index", "set the default CPU", arguments -> {
            session.selectCpu(arguments.number("index"));
            return DONE;
        }, required("index", Parameter.Kind.NUMBER)));
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

    private String quit() {
        session.machine().quit();
        return DONE;
    }
}

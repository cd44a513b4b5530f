package jkvm.control.qmp;

import java.util.Optional;
import jkvm.control.hmp.HumanMonitor;

/** Commands about the protocol itself, and the one that asks the monitor for people. */
final class SelfCommands {
    private static final Argument<String> LINE = Argument.required("command-line", Types.STR);
    private static final Argument<Long> CPU = Argument.optional("cpu-index", Types.INT);
    private static final Struct<Command<?>> COMMAND = Struct.<Command<?>>named("CommandInfo")
            .with("name", Types.STR, Command::name);

    private final CommandTable table;
    private final QmpEvents events;
    private final HumanMonitor monitor;

    SelfCommands(CommandTable table, QmpEvents events, HumanMonitor monitor) {
        this.table = table;
        this.events = events;
        this.monitor = monitor;
    }

    void addTo(CommandTable to) {
        to.query(Declaration.of("query-version").answers(VersionInfo.TYPE), _ -> VersionInfo.CURRENT);
        to.query(Declaration.of("query-commands").answers(Types.listOf(COMMAND)), _ -> table.all());
        to.query(Declaration.of("query-qmp-schema").answers(SchemaWriter.TYPE),
                _ -> SchemaWriter.write(table.all(), events.types()));
        to.query(Declaration.of("human-monitor-command").takes(LINE, CPU).answers(Types.STR), this::execute);
    }

    /** Lines end as on a terminal. Several monitors share this one: a line of theirs is executed after the other. */
    private String execute(Arguments arguments) throws QmpException {
        synchronized (monitor) {
            Optional<Long> cpu = arguments.find(CPU);
            try {
                monitor.selectCpu(Math.toIntExact(cpu.orElse(0L)));
            } catch (IllegalArgumentException | ArithmeticException _) {
                // Where there is no CPU at all, the lines that need one say so.
                if (cpu.isPresent()) {
                    throw new QmpException("Parameter 'cpu-index' expects a CPU number");
                }
            }
            return monitor.execute(arguments.get(LINE)).replace("\n", "\r\n");
        }
    }
}

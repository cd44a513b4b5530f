package jkvm.control.qmp;

/** Commands about the protocol itself. */
final class SelfCommands {
    private static final Struct<Command<?>> COMMAND = Struct.<Command<?>>named("CommandInfo")
            .with("name", Types.STR, Command::name);

    private final CommandTable table;

    SelfCommands(CommandTable table) {
        this.table = table;
    }

    void addTo(CommandTable to) {
        to.query(Declaration.of("query-version").answers(VersionInfo.TYPE), _ -> VersionInfo.CURRENT);
        to.query(Declaration.of("query-commands").answers(Types.listOf(COMMAND)), _ -> table.all());
    }
}

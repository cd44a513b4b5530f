package jkvm.control.hmp;

import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import jkvm.control.job.Jobs;
import jkvm.control.migrate.Migration;
import jkvm.linux.Fd;
import jkvm.machine.Machine;

/**
 * Executes lines of QEMU's human monitor. One monitor has a current vCPU and remembers the last format of a dump; front
 * ends have one each. For one thread at a time, which is not the machine's, a vCPU's or a worker's of the machine: a
 * command waits for the machine.
 */
public final class HumanMonitor {
    /** Characters of a line, as in QEMU; more are not read. */
    public static final int MAX_LINE = 4095;
    private static final String INFO = "info";

    private final MonitorSession session;
    private final Jobs jobs;
    private final Migration migration;
    private final ArgumentReader reader;
    private final CommandTable commands = new CommandTable("");
    private final CommandTable infos = new CommandTable(INFO + " ");
    private Supplier<List<String>> history = List::of;
    private Supplier<Optional<Fd>> descriptors = Optional::empty;

    /** A monitor whose current vCPU is the first. */
    public HumanMonitor(Machine machine, MonitorHost host) {
        session = new MonitorSession(machine);
        jobs = host.jobs();
        migration = host.migration().orElseGet(() -> new Migration(machine));
        reader = new ArgumentReader(session::register);
        new RunCommands(session, host.debugger()).addTo(commands);
        new MemoryCommands(session).addTo(commands);
        new ScreenCommands(session).addTo(commands);
        new DeviceCommands(session, migration).addTo(commands);
        new MediumCommands(session, host.vnc()).addTo(commands);
        new SnapshotCommands(session).addTo(commands, infos);
        new BlockCommands(machine, jobs).addTo(commands, infos);
        new StatusCommands(session, host).addTo(infos);
        new InterruptCommands(session).addTo(infos);
        new MappingCommands(session).addTo(infos);
        new TreeCommands(session).addTo(infos);
        new HostCommands(session).addTo(infos);
        new DisplayCommands(session, host.vnc()).addTo(commands, infos);
        new MigrationCommands(migration, () -> descriptors.get()).addTo(commands, infos);
        addHelp();
    }

    /** The migrations of the machine. */
    public Migration migration() {
        return migration;
    }

    /** The jobs of the machine. */
    public Jobs jobs() {
        return jobs;
    }

    private void addHelp() {
        Parameter about = Parameter.optional("name", Parameter.Kind.REST);
        commands.add(MonitorCommand.of("help|?", "[cmd]", "show the help",
                arguments -> arguments.optionalWord("name").map(this::help).orElseGet(commands::help), about));
        commands.add(MonitorCommand.of(INFO, "[subcommand]", "show various information about the system state",
                _ -> help(INFO), about));
        infos.add(MonitorCommand.of("history", "", "show the command line history", _ -> history()));
    }

    private String help(String about) {
        CommandText text = new CommandText(about);
        String name = text.word();
        if (!name.equals(INFO)) {
            return commands.help(name);
        }
        return text.isAtEnd() ? infos.help() : infos.help(text.word());
    }

    /**
     * Makes a vCPU the current one.
     *
     * @param index its number
     * @throws IllegalArgumentException if there is none
     */
    public void selectCpu(int index) {
        try {
            session.selectCpu(index);
        } catch (MonitorException e) {
            throw new IllegalArgumentException(e.getMessage(), e);
        }
    }

    /** Where {@code info history} finds the lines of the front end. */
    void historyFrom(Supplier<List<String>> lines) {
        history = lines;
    }

    /** Where {@code getfd} finds what the user has passed. */
    void descriptorsFrom(Supplier<Optional<Fd>> passed) {
        descriptors = passed;
    }

    private String history() {
        StringBuilder text = new StringBuilder();
        List<String> lines = history.get();
        for (int i = 0; i < lines.size(); i++) {
            text.append(i).append(": '").append(lines.get(i)).append("'\n");
        }
        return text.toString();
    }

    /** The commands, and words after {@code info}, that the text may go on as; none where arguments begin. */
    List<String> completions(String text) {
        String begun = text.stripLeading();
        boolean isInfo = begun.startsWith(INFO + " ");
        String word = isInfo ? begun.substring(INFO.length()).stripLeading() : begun;
        return word.contains(" ") ? List.of() : (isInfo ? infos : commands).namesFrom(word);
    }

    /**
     * Executes a command and waits until the machine has acted on it.
     *
     * @return the output, or the reason why there is none; each line ends with a newline
     */
    public String execute(String line) {
        CommandText text = new CommandText(line.substring(0, Math.min(line.length(), MAX_LINE)));
        text.skipBlanks();
        String name = commandName(text);
        if (name.isEmpty()) {
            return text.isAtEnd() ? "" : commands.unknown(text.untilBlank()).getMessage() + "\n";
        }
        try {
            MonitorCommand command = commands.find(name);
            String path = name;
            if (name.equals(INFO) && !text.isAtEnd()) {
                String about = text.untilBlank();
                command = infos.find(about);
                path = INFO + " " + about;
            }
            return execute(command, path, text);
        } catch (MonitorException e) {
            return e.getMessage() + "\n";
        }
    }

    private String execute(MonitorCommand command, String path, CommandText text) {
        Arguments arguments;
        try {
            arguments = reader.read(command, text);
        } catch (MonitorException e) {
            return e.getMessage() + "\nTry \"help " + path + "\" for more information\n";
        }
        return command.action().run(arguments);
    }

    /** The name ends at a blank, or at a slash, so that x/8xb is a command too. */
    private static String commandName(CommandText text) {
        StringBuilder name = new StringBuilder();
        for (char letter = text.peek(); letter != 0 && letter != '/' && !CommandText.isBlank(letter);
                letter = text.peek()) {
            name.append(letter);
            text.skip();
        }
        return name.toString();
    }
}

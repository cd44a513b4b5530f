package jkvm.app;

import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.CommandLine;
import jkvm.app.options.CommandWords;
import jkvm.app.options.QemuOptions;
import jkvm.app.options.UsageException;
import jkvm.control.guest.Guest;
import jkvm.control.guest.GuestTemplate;
import jkvm.control.migrate.Migration;
import jkvm.device.board.Properties;
import jkvm.device.board.Property;
import jkvm.host.chardev.ChardevSpec;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.MachineExit;
import jkvm.machine.config.CloneConfig;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.DeviceTypes;
import jkvm.machine.config.MachineConfig;
import jkvm.machine.snapshot.MachineSnapshot;
import jkvm.machine.snapshot.SnapshotFile;
import jkvm.soft.Accelerator;
import jkvm.state.StateException;

/**
 * {@code jkvm clone}: many machines go on from one saved state, in this process. They share its RAM until they write to
 * it, and what they write to their disks is gone at the end.
 */
final class CloneCommand {
    private static final String USAGE = """
            usage: jkvm clone STATE [-n N] [-folder DIR] -- OPTIONS
            Starts N machines that go on from a saved state. OPTIONS are those of the machine that was saved;
            %n in them stands for a clone's number, as in -serial file:console-%n.log. A console that is on
            standard input and output there is the unix socket DIR/clone-N.sock here. Disks are as with
            -snapshot: writes are gone at the end.
              -n N         how many, 1 by default
              -folder DIR  for the sockets, the current folder by default""";
    private static final String NUMBER = "%n";
    private static final int MOST = 10_000;
    private static final Duration FOREVER = Duration.ofDays(36_500);

    private final Path state;
    private final int count;
    private final Path folder;
    private final List<CommandLine> lines = new ArrayList<>();

    private CloneCommand(Path state, int count, Path folder) {
        this.state = state;
        this.count = count;
        this.folder = folder;
    }

    /**
     * Runs the command.
     *
     * @return the exit code: that of the first clone whose code is not zero
     */
    static int run(List<String> arguments, DeviceTypes types, PrintStream out, PrintStream err) {
        int end = arguments.indexOf("--");
        List<String> own = end < 0 ? arguments : arguments.subList(0, end);
        CommandWords words = new CommandWords("clone", "clone: unknown option %s; see jkvm clone --help")
                .valued("-n", "-folder").operands().read(own);
        if (words.asksForHelp()) {
            out.println(USAGE);
            return 0;
        }
        if (words.rest().size() != 1 || end < 0) {
            throw new UsageException("clone: give it the file of a saved state, and after -- the options of its"
                    + " machine; see jkvm clone --help");
        }
        Path folder = Path.of(words.value("-folder").orElse(""));
        if (!Files.isDirectory(folder.toAbsolutePath())) {
            throw new UsageException("clone: -folder " + folder + ": there is no such folder");
        }
        CloneCommand command = new CloneCommand(Path.of(words.rest().getFirst()),
                count(words.value("-n").orElse("1")), folder);
        command.read(arguments.subList(end + 1, arguments.size()), types);
        return command.run(out, err);
    }

    private static int count(String text) {
        if (!text.matches("[0-9]{1,5}") || Integer.parseInt(text) < 1 || Integer.parseInt(text) > MOST) {
            throw new UsageException("clone: -n " + text + ": must be a number from 1 to " + MOST);
        }
        return Integer.parseInt(text);
    }

    private void read(List<String> options, DeviceTypes types) {
        for (int number = 1; number <= count; number++) {
            String text = Integer.toString(number);
            QemuOptions read = QemuOptions.read(options.stream().map(word -> word.replace(NUMBER, text)).toList(),
                    types);
            if (read.information().isPresent()) {
                throw new UsageException("clone: the options after -- ask for help and describe no machine");
            }
            CommandLine line = read.machine();
            if (!line.monitors().isEmpty() || !line.vncs().isEmpty() || line.debugger().isPresent()) {
                throw new UsageException("clone: clones have no -monitor, -qmp, -vnc and -gdb; leave these out");
            }
            lines.add(line);
        }
    }

    private int run(PrintStream out, PrintStream err) {
        Syscalls syscalls = new FfmSyscalls();
        QuitSwitch quit = new QuitSwitch();
        List<Guest> clones = new ArrayList<>();
        try (SignalEnd _ = SignalEnd.install(quit, err)) {
            try (GuestTemplate template = template(syscalls, err)) {
                for (int number = 1; number <= count && !quit.isWanted(); number++) {
                    clones.add(make(template, number, quit, out));
                }
            }
            for (Guest clone : clones) {
                // One that the user has ended meanwhile refuses; nobody has to know.
                var _ = clone.machine().resume();
            }
            out.flush();
            return await(clones, out);
        } catch (StateException e) {
            throw new UsageException("clone: " + state + ": " + e.getMessage());
        } finally {
            clones.forEach(Guest::close);
        }
    }

    private GuestTemplate template(Syscalls syscalls, PrintStream err) {
        MachineConfig config = lines.getFirst().machine();
        try (SnapshotFile file = SnapshotFile.open(syscalls, state, config.platform().memoryBytes())) {
            MachineSnapshot saved = Migration.machineStateOf(file.snapshot());
            if (config.time().counting().isPresent()) {
                return GuestTemplate.of(config, saved);
            }
            Accelerator accelerator = AcceleratorOptions.open(config.host().accelerators(), config.softOptions(null),
                    syscalls, err);
            return GuestTemplate.of(config, saved, accelerator);
        }
    }

    private Guest make(GuestTemplate template, int number, QuitSwitch quit, PrintStream out) {
        Path console = folder.resolve("clone-" + number + ".sock");
        MachineConfig config = withoutTerminal(CloneConfig.of(lines.get(number - 1).machine(), number), console);
        Guest clone = template.make(_ -> config);
        quit.connect(clone.machine(), () -> { });
        String name = config.platform().name();
        out.println("clone " + number + ":" + (name.isEmpty() ? "" : " " + name)
                + " UUID " + config.platform().uuid().map(UUID::toString).orElseThrow()
                + (usesSocket(config, console) ? " console " + console : ""));
        return clone;
    }

    private static boolean usesSocket(MachineConfig config, Path console) {
        return config.devices().stream().anyMatch(device -> device.properties().values().values().stream()
                .anyMatch(value -> value instanceof ChardevSpec spec && isAt(spec, console)));
    }

    private static boolean isAt(ChardevSpec spec, Path console) {
        return spec.backend() instanceof ChardevSpec.UnixServer server && server.path().equals(console);
    }

    /** A process has one terminal: the chardev that would be there listens on a socket. */
    private static MachineConfig withoutTerminal(MachineConfig config, Path console) {
        List<DeviceConfig> devices = config.devices().stream().map(device -> {
            Properties properties = device.properties();
            for (Map.Entry<Property<?>, Object> value : device.properties().values().entrySet()) {
                if (value.getValue() instanceof ChardevSpec spec && spec.backend() instanceof ChardevSpec.Stdio) {
                    properties = properties.withValue(value.getKey(), new ChardevSpec(spec.label(),
                            new ChardevSpec.UnixServer(console, false), false, spec.log()));
                }
            }
            return new DeviceConfig(device.type(), properties);
        }).toList();
        return new MachineConfig(config.platform(), config.boot(), devices, config.time(), config.host(),
                config.end());
    }

    private static int await(List<Guest> clones, PrintStream out) {
        int status = 0;
        for (int i = 0; i < clones.size(); i++) {
            MachineExit exit = clones.get(i).awaitEnd(FOREVER);
            if (!exit.report().isEmpty()) {
                out.println("clone " + (i + 1) + ": " + exit.report());
            }
            status = status == 0 ? exit.status() & 0xFF : status;
        }
        return status;
    }
}

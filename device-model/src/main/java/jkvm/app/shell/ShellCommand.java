package jkvm.app.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import jkvm.app.demo.DemoCommand;
import jkvm.app.options.AcceleratorOptions;
import jkvm.app.options.CommandLine;
import jkvm.app.options.ErrorText;
import jkvm.app.options.QemuOptions;
import jkvm.app.options.UsageException;
import jkvm.control.guest.Guest;
import jkvm.control.trace.LogConfig;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Terminal;
import jkvm.machine.config.BootConfig;
import jkvm.machine.config.DeviceTypes;

/**
 * {@code jkvm shell [SCRIPT ...] [OPTIONS]}: JShell with a machine in scope, not started yet. Words before the first
 * option are scripts, {@code -} is standard input; without any, JShell reads from the terminal or, as a script, from
 * a pipe. A machine that has nothing to boot gets the guest of {@code jkvm demo}.
 */
public final class ShellCommand {
    private static final String USAGE = """
            usage: jkvm shell [SCRIPT ...] [OPTIONS]

            Opens the JDK's JShell with a machine in scope, as "guest". OPTIONS are those of a machine; one
            with nothing to boot gets the guest of jkvm demo. Its console is in memory: guest.output(),
            guest.type(TEXT).
            A SCRIPT, or standard input that is no terminal, is run snippet by snippet until the first error;
            it shows what it prints itself: System.out.println(guest.report()).
            Exit code: 0 at the end of the input, N after /exit N, 1 after an error.
            """;
    private static final String STANDARD_INPUT = "-";
    private static final int STATUS_MASK = 0xFF;

    private ShellCommand() {
    }

    /**
     * Runs the command.
     *
     * @param types what {@code -device} knows
     * @return the exit code
     */
    public static int run(List<String> arguments, DeviceTypes types, PrintStream out, PrintStream err) {
        if (List.of("-h", "-help", "--help").contains(arguments.isEmpty() ? "" : arguments.getFirst())) {
            out.print(USAGE);
            return 0;
        }
        if (ModuleLayer.boot().findModule("jdk.jshell").isEmpty()) {
            throw new UsageException("shell needs the JDK's module jdk.jshell; start java with"
                    + " --add-modules jdk.jshell, as the script jkvm does");
        }
        int scripts = 0;
        while (scripts < arguments.size() && isScript(arguments.get(scripts))) {
            checkReadable(arguments.get(scripts));
            scripts++;
        }
        try (Guest guest = guest(arguments.subList(scripts, arguments.size()), types, err)) {
            Thread hook = new Thread(guest::close, "shell-end");
            Runtime.getRuntime().addShutdownHook(hook);
            int status = run(guest, arguments.subList(0, scripts), out, err);
            Runtime.getRuntime().removeShutdownHook(hook);
            return status & STATUS_MASK;
        }
    }

    private static boolean isScript(String word) {
        return word.equals(STANDARD_INPUT) || !word.startsWith("-");
    }

    private static void checkReadable(String script) {
        if (!script.equals(STANDARD_INPUT) && !Files.isReadable(Path.of(script))) {
            throw new UsageException("shell: cannot read the script " + script);
        }
    }

    private static Guest guest(List<String> options, DeviceTypes types, PrintStream err) {
        CommandLine line = parse(options, types);
        BootConfig boot = line.machine().boot();
        boolean isDemo = boot.kernel().isEmpty() && boot.loaders().isEmpty() && boot.firmware().rom().isEmpty();
        if (isDemo) {
            List<String> more = new ArrayList<>(options);
            more.addAll(List.of("-device", "isa-debug-exit,iobase=0xf4,iosize=4",
                    "-device", "loader,addr=" + DemoCommand.ENTRY + ",cpu-num=0"));
            line = parse(more, types);
        }
        Guest guest = Guest.of(line.machine());
        if (isDemo) {
            guest.write(DemoCommand.ENTRY, DemoCommand.image());
        }
        AcceleratorOptions.tell(guest.accelerator(), err);
        line.warnings().forEach(warning -> err.println("jkvm: warning: " + warning));
        guest.warnings().forEach(warning -> err.println("jkvm: warning: " + ErrorText.of(warning)));
        return guest;
    }

    private static CommandLine parse(List<String> options, DeviceTypes types) {
        CommandLine line = QemuOptions.parse(options, types);
        if (line.debugger().isPresent() || !line.monitors().isEmpty() || line.pidFile().isPresent()
                || !line.log().equals(LogConfig.NONE)) {
            throw new UsageException("shell takes no -gdb, -monitor, -mon, -qmp, -pidfile, -trace, -d or -D:"
                    + " the shell itself looks into the guest");
        }
        return line;
    }

    private static int run(Guest guest, List<String> scripts, PrintStream out, PrintStream err) {
        boolean isInteractive = scripts.isEmpty()
                && Terminal.isTerminal(new Fd(new FfmSyscalls(), 0, "standard input"));
        if (isInteractive) {
            return InteractiveShell.run(guest, null, out, err);
        }
        List<String> all = scripts.isEmpty() ? List.of(STANDARD_INPUT) : scripts;
        return ShellGuest.during(guest, () -> runScripts(all, System.in, err));
    }

    /** @return the exit code */
    static int runScripts(List<String> scripts, InputStream in, PrintStream err) {
        try (ScriptRunner runner = new ScriptRunner(err)) {
            for (String script : scripts) {
                OptionalInt end = run(runner, script, in);
                if (end.isPresent()) {
                    return end.getAsInt();
                }
            }
        }
        return 0;
    }

    private static OptionalInt run(ScriptRunner runner, String script, InputStream in) {
        boolean isInput = script.equals(STANDARD_INPUT);
        try (Reader reader = isInput ? new InputStreamReader(in, StandardCharsets.UTF_8)
                : Files.newBufferedReader(Path.of(script))) {
            return runner.run(isInput ? "standard input" : script, reader);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + script + ": " + e.getMessage(), e);
        }
    }
}

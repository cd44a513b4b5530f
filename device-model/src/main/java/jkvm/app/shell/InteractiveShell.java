package jkvm.app.shell;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import jdk.jshell.tool.JavaShellToolBuilder;
import jkvm.control.guest.Guest;

/** JShell's tool, with its history, completion of names and commands, and a guest in scope. */
final class InteractiveShell {
    private InteractiveShell() {
    }

    /**
     * Runs until the user leaves.
     *
     * @param in null for the terminal
     * @return the exit code, of {@code /exit CODE}
     */
    static int run(Guest guest, InputStream in, PrintStream out, PrintStream err) {
        out.print(greeting(guest));
        out.flush();
        try {
            Path startup = Files.createTempFile("jkvm-startup", ".jsh");
            try {
                Files.write(startup, ShellGuest.STARTUP);
                List<String> arguments = new ArrayList<>(List.of("--execution", "local",
                        "--startup", startup.toString()));
                arguments.addAll(ShellGuest.whereabouts());
                JavaShellToolBuilder tool = JavaShellToolBuilder.builder().out(out).err(err);
                if (in != null) {
                    tool.in(in, null).interactiveTerminal(true);
                }
                return ShellGuest.during(guest, () -> start(tool, arguments));
            } finally {
                Files.delete(startup);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write JShell's start-up file: " + e.getMessage(), e);
        }
    }

    private static int start(JavaShellToolBuilder tool, List<String> arguments) {
        try {
            return tool.start(arguments.toArray(String[]::new));
        } catch (Exception e) {
            throw new IllegalStateException("JShell failed", e);
        }
    }

    static String greeting(Guest guest) {
        return """
                A machine on %s is there as "guest". The first three things to try:
                  guest.start()
                  guest.awaitOutput("\\n")
                  System.out.println(guest.report())
                Tab completes names; /exit ends the guest and the shell.
                """.formatted(guest.accelerator());
    }
}

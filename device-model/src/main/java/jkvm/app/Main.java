package jkvm.app;

import java.io.PrintStream;
import java.util.List;
import jkvm.app.demo.DemoCommand;
import jkvm.app.doctor.DoctorCommand;
import jkvm.app.harness.HarnessCommand;
import jkvm.app.img.ImgCommand;
import jkvm.app.lab.LabCommand;
import jkvm.app.options.ErrorText;
import jkvm.app.shell.ShellCommand;
import jkvm.linux.FfmSyscalls;
import jkvm.machine.config.DeviceTypes;

/** The {@code jkvm} command. */
public final class Main {
    private static final int FAILURE = 1;

    private Main() {
    }

    public static void main(String[] arguments) {
        // Log messages are for the user, one line like every message.
        System.getProperties().putIfAbsent("java.util.logging.SimpleFormatter.format", "jkvm: %5$s%6$s%n");
        linkLibc();
        int status = run(List.of(arguments), System.out, System.err);
        end(status);
    }

    /** Linking libc takes a good part of the start-up: let it run while this thread reads options and files. */
    static void linkLibc() {
        Thread.ofPlatform().daemon().name("libc").start(FfmSyscalls::link);
    }

    /**
     * Ends the process. All that has to be cleaned up has been by now. {@code System.exit} looks up a logger first,
     * which opens every module's jar and costs a tenth of a short guest's time; the launcher asks for the short path,
     * unless the JVM was given options whose shutdown hooks have work to do, such as a flight recording.
     */
    private static void end(int status) {
        System.out.flush();
        System.err.flush();
        if (Boolean.getBoolean("jkvm.halt")) {
            Runtime.getRuntime().halt(status);
        }
        System.exit(status);
    }

    /**
     * Runs one command line.
     *
     * @param arguments the first is a word such as {@code doctor}, or all are QEMU's options
     * @return the exit code
     */
    public static int run(List<String> arguments, PrintStream out, PrintStream err) {
        return run(arguments, DeviceTypes.builtIn(), out, err);
    }

    /**
     * As {@link #run(List, PrintStream, PrintStream)}, with further devices.
     *
     * @param types what {@code -device} knows
     */
    public static int run(List<String> arguments, DeviceTypes types, PrintStream out, PrintStream err) {
        try {
            int status = dispatch(arguments, types, out, err);
            if (status == 0 && out.checkError()) {
                err.println("jkvm: cannot write to standard output; the output is incomplete");
                return FAILURE;
            }
            return status;
        } catch (RuntimeException e) {
            return ErrorText.report(e, err);
        }
    }

    private static int dispatch(List<String> arguments, DeviceTypes types, PrintStream out, PrintStream err) {
        List<String> rest = arguments.isEmpty() ? arguments : arguments.subList(1, arguments.size());
        return switch (arguments.isEmpty() ? "" : arguments.getFirst()) {
            case "clone" -> CloneCommand.run(rest, types, out, err);
            case "doctor" -> DoctorCommand.run(rest, out, err);
            case "demo" -> DemoCommand.run(rest, out, err);
            case "harness" -> HarnessCommand.run(rest);
            case "img" -> ImgCommand.run(rest, out, err);
            case "lab" -> LabCommand.run(rest, out, err);
            case "shell" -> ShellCommand.run(rest, types, out, err);
            default -> RunCommand.run(arguments, types, out, err);
        };
    }
}

package jkvm.cli;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import jkvm.linux.FfmSyscalls;

/** {@code jkvm doctor}: tells what guests can run on here, how fast, and what would help to get {@code /dev/kvm}. */
public final class DoctorCommand {
    private static final int FAILURE = 1;
    private static final String USAGE = """
            usage: jkvm doctor [--json]

            Shows the processor, the kernel, /dev/kvm, KVM's capabilities, the speed of guests on /dev/kvm and on the
            KVM in Java, and the Java runtime.
            --json  the same as one JSON document; problem, fix, capabilities, execution and exit are /dev/kvm's
            Exit code 0 when guests can run, 1 otherwise.
            """;

    private DoctorCommand() {
    }

    /**
     * Examines this host.
     *
     * @param args what follows the word {@code doctor}
     * @return 0 when guests can run, 1 when not or when an option is unknown
     */
    public static int run(List<String> args, PrintStream out, PrintStream err) {
        boolean json = false;
        for (String arg : args) {
            switch (arg) {
                case "--json" -> json = true;
                case "--help", "-help", "-h" -> {
                    out.print(USAGE);
                    return 0;
                }
                default -> {
                    err.println("jkvm: doctor: unknown option '" + arg + "'; it takes --json only");
                    return FAILURE;
                }
            }
        }
        Doctor doctor = new Doctor(new FfmSyscalls(), Path.of("/"), System.getProperty("user.name"));
        return print(doctor.examine(), json, out);
    }

    static int print(DoctorReport report, boolean json, PrintStream out) {
        out.print(json ? DoctorJson.of(report) : DoctorText.of(report));
        out.flush();
        return report.canRunGuests() ? 0 : FAILURE;
    }
}

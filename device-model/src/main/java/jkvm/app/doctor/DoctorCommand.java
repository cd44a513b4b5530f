package jkvm.app.doctor;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import jkvm.app.options.CommandWords;
import jkvm.app.options.ErrorText;
import jkvm.app.options.UsageException;
import jkvm.conformance.ConformanceReport;
import jkvm.conformance.KnownOutcomes;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;

/** {@code jkvm doctor}: tells what guests can run on here, how fast, and what would help to get {@code /dev/kvm}. */
public final class DoctorCommand {
    private static final int FAILURE = 1;
    private static final String CONFORMANCE = "--conformance";
    private static final String USAGE = """
            usage: jkvm doctor [--json | --conformance[=soft|=kvm]]

            Shows the processor, the kernel, /dev/kvm, KVM's capabilities, the speed of guests on /dev/kvm and on the
            KVM in Java, and the Java runtime.
            --json         the same as one JSON document; problem, fix, capabilities, execution and exit are /dev/kvm's
            --conformance  tries the KVM API case by case on the KVM in Java and on /dev/kvm where it is usable, and
                           compares with what real KVM is known to answer; with a name, on that one alone
            Exit code 0 when guests can run (with --conformance: when all answers are as known), 1 otherwise.
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
        CommandWords words;
        try {
            words = new CommandWords("doctor", "doctor: unknown option '%s'; it takes --json or --conformance")
                    .flags("--json", CONFORMANCE, CONFORMANCE + "=soft", CONFORMANCE + "=kvm").read(args);
        } catch (UsageException e) {
            return ErrorText.report(e, err);
        }
        if (words.asksForHelp()) {
            out.print(USAGE);
            return 0;
        }
        boolean onBoth = words.has(CONFORMANCE);
        boolean onSoft = onBoth || words.has(CONFORMANCE + "=soft");
        boolean onKvm = onBoth || words.has(CONFORMANCE + "=kvm");
        if (onSoft || onKvm) {
            return conformance(new FfmSyscalls(), onSoft, onKvm, out, err);
        }
        Doctor doctor = new Doctor(new FfmSyscalls(), Path.of("/"), System.getProperty("user.name"));
        return print(doctor.examine(), words.has("--json"), out);
    }

    private static int conformance(Syscalls host, boolean onSoft, boolean onKvm, PrintStream out,
            PrintStream err) {
        int surprises = 0;
        if (onSoft) {
            surprises += new ConformanceReport(out).print(KnownOutcomes.SOFT,
                    Accelerators.open(KnownOutcomes.SOFT, host).syscalls());
        }
        Accelerator usable = onKvm ? Accelerators.open(Accelerators.KVM_OR_SOFT, host) : null;
        if (usable != null && usable.kind() == Accelerator.Kind.KVM) {
            surprises += new ConformanceReport(out).print(KnownOutcomes.host(Path.of("/")), host);
        } else if (usable != null && onSoft) {
            out.println("/dev/kvm is not usable here: " + usable.reason());
        } else if (usable != null) {
            err.println("jkvm: doctor: /dev/kvm is not usable here: " + usable.reason());
            return FAILURE;
        }
        out.flush();
        return surprises == 0 ? 0 : FAILURE;
    }

    static int print(DoctorReport report, boolean json, PrintStream out) {
        out.print(json ? DoctorJson.of(report) : DoctorText.of(report));
        out.flush();
        return report.canRunGuests() ? 0 : FAILURE;
    }
}

package jkvm.conformance;

import java.io.PrintStream;
import java.util.Objects;
import jkvm.linux.Syscalls;

/** Runs the suite on a KVM and prints its table. */
public final class ConformanceReport {
    private final KnownOutcomes known = KnownOutcomes.load();
    private final PrintStream out;
    private int same;
    private int different;
    private int surprises;

    public ConformanceReport(PrintStream out) {
        this.out = out;
    }

    /**
     * Runs all cases. Prints a line for each: its number, "same" or "differs" as compared with the reference, and what
     * was seen; then the sums.
     *
     * @param kvm the column of the KVM that {@code syscalls} reach: {@link KnownOutcomes#SOFT} or
     *            {@link KnownOutcomes#host}
     * @return how many outcomes are not what the table has for this KVM; cases that it does not have do not count
     */
    public int print(String kvm, Syscalls syscalls) {
        out.printf("KVM API conformance: %s, compared with %s%n", kvm, KnownOutcomes.REFERENCE);
        for (ConformanceCase subject : ConformanceSuite.cases()) {
            print(subject, kvm, ConformanceSuite.run(subject, syscalls).observed());
        }
        out.printf("%d the same, %d different, %d of these not known of %s%n%n", same, different, surprises, kvm);
        return surprises;
    }

    private void print(ConformanceCase subject, String kvm, String observed) {
        String reference = known.expected(subject, KnownOutcomes.REFERENCE).orElse("");
        boolean isSame = Objects.equals(observed, reference);
        out.printf("%3d %-7s %s: %s%n", subject.corner(), isSame ? "same" : "differs", subject.name(), observed);
        if (isSame) {
            same++;
            return;
        }
        different++;
        out.printf("            %s: %s%n", KnownOutcomes.REFERENCE, reference);
        if (!known.note(subject).isEmpty()) {
            out.printf("            %s%n", known.note(subject));
        }
        if (!known.allows(subject, kvm, observed)) {
            surprises++;
        }
    }
}

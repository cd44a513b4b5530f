package jkvm.conformance;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import jkvm.linux.Syscalls;

/** All cases, and their outcomes on a KVM. */
public final class ConformanceSuite {
    private ConformanceSuite() {
    }

    /**
     * The outcome of a case.
     *
     * @param observed what it saw, or "failed: " and why it could not be tried
     */
    public record Outcome(ConformanceCase subject, String observed) {
    }

    /** All cases by number. */
    public static List<ConformanceCase> cases() {
        List<ConformanceCase> cases = new ArrayList<>();
        cases.addAll(DescriptorCases.all());
        cases.addAll(ProcessCases.all());
        cases.addAll(MemoryCases.all());
        cases.addAll(DirtyCases.all());
        cases.addAll(AccessCases.all());
        cases.addAll(RunCases.all());
        cases.addAll(EmulatorCases.all());
        cases.addAll(InterruptCases.all());
        cases.addAll(EventCases.all());
        cases.addAll(ChipCases.all());
        cases.addAll(SplitCases.all());
        cases.addAll(RegisterCases.all());
        cases.addAll(DebugCases.all());
        cases.sort(Comparator.comparingInt(ConformanceCase::corner));
        return cases;
    }

    /**
     * Tries one case on a VM of its own.
     *
     * @throws LinuxException if there is no KVM
     */
    public static Outcome run(ConformanceCase subject, Syscalls syscalls) {
        try (Subject kvm = new Subject(syscalls)) {
            return new Outcome(subject, observe(subject, kvm));
        }
    }

    private static String observe(ConformanceCase subject, Subject kvm) {
        try {
            return subject.body().observe(kvm);
        } catch (Exception e) {
            return "failed: " + e;
        }
    }
}

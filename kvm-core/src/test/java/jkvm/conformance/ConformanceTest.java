package jkvm.conformance;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerators;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ConformanceTest {
    private final KnownOutcomes known = KnownOutcomes.load();

    @TestFactory
    Stream<DynamicTest> shouldAnswerAsTheTableSaysOnSoft() {
        return check(KnownOutcomes.SOFT, Accelerators.open("soft").syscalls());
    }

    @TestFactory
    @RequiresKvm("the KVM in Java has its own column")
    Stream<DynamicTest> shouldAnswerAsTheTableSaysOnTheHost() {
        String host = KnownOutcomes.host(Path.of("/"));
        return known.kvms().contains(host) ? check(host, new FfmSyscalls()) : Stream.empty();
    }

    private Stream<DynamicTest> check(String kvm, Syscalls syscalls) {
        return ConformanceSuite.cases().stream().map(subject -> dynamicTest(subject.corner() + " " + subject.name(),
                () -> {
                    String expected = known.expected(subject, kvm).orElse("not in the table");
                    String observed = ConformanceSuite.run(subject, syscalls).observed();
                    assertTrue(known.allows(subject, kvm, observed), () -> expected + ", not " + observed);
                }));
    }

    @Test
    void shouldAllowBothOrdersWhereTheHostsTimingDecides() {
        ConformanceCase subject = ConformanceSuite.cases().stream()
                .filter(c -> c.name().equals("end of interrupt, split: of a level-triggered route of a reserved pin"))
                .findFirst().orElseThrow();
        assertTrue(known.allows(subject, "kvm_pvm 6.18", "IO IOAPIC_EOI 40 at 200e"));
        assertTrue(known.allows(subject, "kvm_pvm 6.18", "IOAPIC_EOI 40 at 200c IO"));
        assertFalse(known.allows(subject, "kvm_pvm 6.18", "IO EINTR patience"));
        assertFalse(known.allows(subject, KnownOutcomes.SOFT, "IO IOAPIC_EOI 40 at 200e"));
    }

    @Test
    void shouldKnowEachCaseAndNoOther() {
        List<String> cases = ConformanceSuite.cases().stream().map(ConformanceCase::name).sorted().toList();
        assertEquals(cases, known.names().stream().sorted().toList());
    }

    @Test
    void shouldSayWhySoftDiffers() {
        for (ConformanceCase subject : ConformanceSuite.cases()) {
            boolean differs = !known.expected(subject, KnownOutcomes.SOFT)
                    .equals(known.expected(subject, KnownOutcomes.REFERENCE));
            assertFalse(differs && known.note(subject).isEmpty(), subject.name());
        }
    }

    @Test
    void shouldPrintItsTable() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        int surprises = new ConformanceReport(new PrintStream(bytes, true, StandardCharsets.UTF_8))
                .print(KnownOutcomes.SOFT, Accelerators.open("soft").syscalls());
        String text = bytes.toString(StandardCharsets.UTF_8);
        assertEquals(0, surprises, text);
        assertTrue(text.contains(" 55 same    a line without chips: ENXIO\n"), text);
    }
}

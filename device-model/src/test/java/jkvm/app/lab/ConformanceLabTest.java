package jkvm.app.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.List;
import jkvm.conformance.ConformanceSuite;
import jkvm.conformance.KnownOutcomes;
import org.junit.jupiter.api.Test;

/** The conformance suite on a real kvm_amd: the column that the others are compared with is what was seen there. */
@RequiresLab
class ConformanceLabTest {
    private static final Duration LIMIT = Duration.ofMinutes(4);

    @Test
    void shouldSeeOnARealKvmWhatTheTableSays() throws Exception {
        // when
        LabRun.Result result = LabRun.jkvm(List.of("doctor", "--conformance=kvm"), new byte[0], LIMIT);

        // then
        assertEquals(0, result.exit(), result.out() + result.err());
        assertTrue(result.out().startsWith("KVM API conformance: " + KnownOutcomes.REFERENCE), result.out());
        int cases = ConformanceSuite.cases().size();
        assertTrue(result.out().contains("%n%d the same, 0 different".formatted(cases)), result.out());
    }
}

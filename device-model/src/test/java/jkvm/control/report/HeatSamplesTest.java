package jkvm.control.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class HeatSamplesTest {
    private final HeatSamples samples = new HeatSamples();
    private final Map<Long, Long> sums = new TreeMap<>();

    @Test
    void shouldAddUpInstructionsByAddressAndMode() {
        samples.executed(0x1000, 10, false);
        samples.executed(0x2000, 5, true);
        samples.executed(0x1000, 7, false);
        samples.executed(0, 1, false);
        samples.addTo(sums);

        assertEquals(Map.of(0x1000L, 17L, 0x2000L, 5L, 0L, 1L), sums);
        assertEquals(23, samples.total());
        assertEquals(5, samples.user());
    }

    @Test
    void shouldKeepTheHotAndCountAllOfMillionsOfAddresses() {
        for (int i = 0; i < 1_000_000; i++) {
            samples.executed(0x10_0000 + i * 64L, 1, false);
            samples.executed(0xFFFF_FFFF_8100_0000L, 3, false);
        }
        samples.addTo(sums);

        assertTrue(sums.size() <= HeatSamples.MAX_ADDRESSES, "addresses: " + sums.size());
        assertEquals(3_000_000, sums.get(0xFFFF_FFFF_8100_0000L));
        assertEquals(4_000_000, samples.total());
        assertEquals(samples.total(),
                samples.elsewhere() + sums.values().stream().mapToLong(Long::longValue).sum());
    }
}

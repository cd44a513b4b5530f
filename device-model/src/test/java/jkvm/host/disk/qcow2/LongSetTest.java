package jkvm.host.disk.qcow2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

class LongSetTest {
    @Test
    void shouldHoldWhatAHashSetHolds() {
        LongSet set = new LongSet();
        Set<Long> twin = new HashSet<>();
        Random random = new Random(1);
        for (int i = 0; i < 100_000; i++) {
            long value = random.nextInt(500) * 0x100000001L;
            if (random.nextBoolean()) {
                assertEquals(twin.add(value), set.add(value));
            } else {
                twin.remove(value);
                set.remove(value);
            }
            assertEquals(twin.contains(value), set.contains(value));
        }
        assertEquals(twin, LongStream.of(set.toArray()).boxed().collect(Collectors.toSet()));
    }

    @Test
    void shouldNotGrowWithWhatIsRemovedAgain() {
        LongSet set = new LongSet();
        for (long i = 0; i < 1_000_000; i++) {
            set.add(i);
            set.remove(i - 10);
        }
        assertTrue(set.slotCount() < 1000, set.slotCount() + " slots");
    }
}

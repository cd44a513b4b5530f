package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import jkvm.soft.observe.EdgeCoverage;
import jkvm.soft.observe.SoftObserver;
import org.junit.jupiter.api.Test;

class EdgeCoverageTest {
    private static final long CODE = 0x200000;
    /** 1: dec ecx; jnz 1b; hlt. */
    private static final byte[] COUNT_DOWN = {(byte) 0xFF, (byte) 0xC9, 0x75, (byte) 0xFC, (byte) 0xF4};

    private final EdgeCoverage coverage = new EdgeCoverage();
    private final byte[] seen = new byte[EdgeCoverage.SIZE];

    private int sum() {
        return IntStream.range(0, EdgeCoverage.SIZE).map(coverage::count).sum();
    }

    private void countDown(int from) {
        coverage.clear();
        try (SoftMachine machine = new SoftMachine(4)) {
            machine.cpu.observe(new SoftObserver() {
                @Override
                public EdgeCoverage coverage() {
                    return coverage;
                }
            });
            Processor processor = new Processor(machine.cpu);
            processor.compileWith(new VcpuCompiler(machine.cpu, new CompilerThread()));
            machine.long64();
            machine.code(CODE, COUNT_DOWN);
            machine.cpu.r[1] = from;
            while (processor.run() != ExitCause.HALTED) {
                assertTrue(machine.cpu.instructions < 1_000_000);
            }
        }
    }

    @Test
    void shouldCountEachJumpAndEachTimeItIsNotTaken() {
        countDown(5);
        assertEquals(4 + 1, sum());
    }

    @Test
    void shouldStopAtTheHighestCount() {
        countDown(10_000);
        assertEquals(255 + 1, sum());
    }

    @Test
    void shouldTellNewEdgesAndNewSizesOfCounts() {
        countDown(1);
        assertTrue(coverage.addNewTo(seen));
        assertFalse(coverage.addNewTo(seen));
        countDown(2);
        assertTrue(coverage.addNewTo(seen), "the jump back");
        countDown(10);
        assertTrue(coverage.addNewTo(seen), "more often");
        countDown(11);
        assertFalse(coverage.addNewTo(seen), "about as often");
    }
}

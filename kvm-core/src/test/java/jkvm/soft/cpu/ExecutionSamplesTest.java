package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import jkvm.soft.observe.SoftObserver;
import org.junit.jupiter.api.Test;

class ExecutionSamplesTest {
    private static final int MEGABYTES = 32;
    private static final long SHORT_LOOP = 0x200000;
    private static final long LONG_LOOP = SHORT_LOOP + 0x1000;
    private static final long ENOUGH = 10_000_000;
    /** A quarter of the instructions: mov ecx, 1000; 1: dec ecx; jnz 1b; jmp LONG_LOOP. */
    private static final byte[] SHORT_CODE = {(byte) 0xB9, (byte) 0xE8, 3, 0, 0, (byte) 0xFF, (byte) 0xC9, 0x75,
        (byte) 0xFC, (byte) 0xE9, (byte) 0xF2, 0x0F, 0, 0};
    /** The rest: mov ecx, 3000; 1: dec ecx; jnz 1b; jmp SHORT_LOOP. */
    private static final byte[] LONG_CODE = {(byte) 0xB9, (byte) 0xB8, 0x0B, 0, 0, (byte) 0xFF, (byte) 0xC9, 0x75,
        (byte) 0xFC, (byte) 0xE9, (byte) 0xF2, (byte) 0xEF, (byte) 0xFF, (byte) 0xFF};
    private static final double TOLERANCE = 0.03;

    private record Sample(long linear, long instructions) {
    }

    private final List<Sample> samples = new ArrayList<>();

    private Processor processorOf(SoftMachine machine, boolean compiles) {
        machine.cpu.observe(new SoftObserver() {
            @Override
            public void executed(long linear, long instructions, boolean isUser) {
                samples.add(new Sample(linear, instructions));
            }
        });
        Processor processor = new Processor(machine.cpu);
        if (compiles) {
            processor.compileWith(new VcpuCompiler(machine.cpu, new CompilerThread()));
        }
        machine.long64();
        machine.code(LONG_LOOP, LONG_CODE);
        machine.code(SHORT_LOOP, SHORT_CODE);
        return processor;
    }

    private void runEnough(boolean compiles) {
        try (SoftMachine machine = new SoftMachine(MEGABYTES)) {
            Processor processor = processorOf(machine, compiles);
            while (machine.cpu.instructions < ENOUGH) {
                processor.run();
            }
        }
    }

    private void assertProportions() {
        long all = samples.stream().mapToLong(Sample::instructions).sum();
        assertTrue(samples.size() >= ENOUGH / 10_007, "samples: " + samples.size());
        assertEquals(0.25, in(SHORT_LOOP, SHORT_CODE) / (double) all, TOLERANCE);
        assertEquals(all, in(SHORT_LOOP, SHORT_CODE) + in(LONG_LOOP, LONG_CODE));
    }

    private long in(long start, byte[] code) {
        return samples.stream().filter(s -> s.linear >= start && s.linear < start + code.length)
                .mapToLong(Sample::instructions).sum();
    }

    @Test
    void shouldSampleInterpretedCodeInProportionToItsInstructions() {
        runEnough(false);

        assertProportions();
    }

    @Test
    void shouldSampleCompiledCodeToo() {
        runEnough(true);

        assertProportions();
    }

    @Test
    void shouldAccountForAllInstructionsAndSampleAShortRunMoreOften() {
        try (SoftMachine machine = new SoftMachine(MEGABYTES)) {
            Processor processor = processorOf(machine, false);

            processor.run();

            long told = samples.stream().mapToLong(Sample::instructions).sum();
            assertTrue(machine.cpu.instructions - told <= machine.cpu.instructions / 100,
                    told + " of " + machine.cpu.instructions);
            assertTrue(samples.size() > 100, "samples: " + samples.size());
        }
    }
}

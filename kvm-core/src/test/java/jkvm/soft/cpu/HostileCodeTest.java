package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.management.ManagementFactory;
import java.util.Arrays;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Random code pages in each mode: no Java exception reaches the loop, no byte outside RAM is touched, each run ends
 * within its budget of instructions, and nothing is kept of them. A few seconds; a million pages in each mode with
 * {@code -Djkvm.long=true}, or as many as {@code -Djkvm.pages} says, beginning with {@code -Djkvm.seed}.
 */
class HostileCodeTest {
    private static final long PAGES = Long.getLong("jkvm.pages", Boolean.getBoolean("jkvm.long") ? 1_000_000 : 1_000);
    private static final int RUNS = 2, COMPILED_RUNS = 6;
    /** A new processor after so many pages, so that what it remembers of code is filled and dropped. */
    private static final int PAGES_OF_ONE_GUEST = 500;
    private static final long MAX_GROWTH = 64 << 20;
    private static final long MAX_INSTRUCTIONS = 2L * Processor.BUDGET;

    @ParameterizedTest
    @EnumSource(HostileGuest.Mode.class)
    @DisplayName("random code pages in each mode throw no Java exception and write nothing outside RAM")
    void shouldSurviveRandomCode(HostileGuest.Mode mode) {
        int[] causes = survive(mode, PAGES, RUNS, null);
        assertTrue(causes[ExitCause.SHUTDOWN] > 0, () -> "exit causes " + Arrays.toString(causes));
    }

    /** Loops of random code become hot, are compiled while they run, and are overwritten by the next page. */
    @ParameterizedTest
    @EnumSource(names = {"LONG", "LONG_USER"})
    @DisplayName("random code pages that are compiled throw no Java exception and write nothing outside RAM")
    void shouldSurviveRandomCodeThatIsCompiled(HostileGuest.Mode mode) {
        try (CompilerThread thread = new CompilerThread()) {
            int[] causes = survive(mode, PAGES / 2, COMPILED_RUNS, thread);
            assertTrue(causes[ExitCause.SHUTDOWN] > 0, () -> "exit causes " + Arrays.toString(causes));
        }
    }

    /** @return how often each exit cause was seen */
    private static int[] survive(HostileGuest.Mode mode, long pages, int runs, CompilerThread thread) {
        long first = Long.getLong("jkvm.seed", System.nanoTime());
        System.out.println(mode + ", seed " + first);
        int[] causes = new int[16];
        long before = heap();
        for (long seed = first; seed < first + pages; seed += PAGES_OF_ONE_GUEST) {
            try (Arena arena = Arena.ofConfined()) {
                HostileGuest guest = new HostileGuest(arena);
                if (thread != null) {
                    guest.processor.compileWith(new VcpuCompiler(guest.cpu, thread));
                }
                for (int i = 0; i < PAGES_OF_ONE_GUEST; i++) {
                    execute(guest, mode, seed + i, runs, causes);
                }
            }
        }
        long grown = heap() - before;
        assertTrue(grown < MAX_GROWTH, () -> mode + ", the heap grew by " + grown);
        return causes;
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    private static void execute(HostileGuest guest, HostileGuest.Mode mode, long seed, int runs, int[] causes) {
        String what = mode + ", -Djkvm.seed=" + seed;
        guest.prepare(mode, seed);
        Cpu cpu = guest.cpu;
        for (int run = 0; run < runs; run++) {
            long before = cpu.instructions;
            int cause;
            try {
                cause = guest.processor.run();
            } catch (RuntimeException | Error e) {
                throw new AssertionError(what + ", RIP " + Long.toHexString(cpu.rip), e);
            }
            causes[cause]++;
            assertTrue(cpu.instructions - before <= MAX_INSTRUCTIONS, what);
            assertEquals(0, cpu.r[Insn.NO_REGISTER], what);
            assertTrue(guest.isMemoryIntact(), what);
            if (cause == ExitCause.USER_SPACE) {
                guest.answer();
            } else if (cause != ExitCause.ATTENTION && cause != ExitCause.WRITTEN && cause != ExitCause.COMPLETED) {
                return;
            }
            if (run == 0 && (cpu.systemFlags & Cpu.IF) != 0) {
                guest.processor.interrupt((int) seed & 0xFF);
            }
        }
    }
}

package jkvm.soft.oracle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.oracle.Opcode.Group;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The soft CPU does what this host's processor does: random instructions with random operands. Two hundred thousand
 * cases; ten million with {@code -Djkvm.long=true}. {@code -Djkvm.oracle.seed=N} repeats a run, and with
 * {@code -Djkvm.oracle.cases=1} only a case whose number a report tells. Instructions that only the soft CPU has, since
 * the host is older, are printed.
 */
class SiliconOracleTest {
    private static final long CASES = Boolean.getBoolean("jkvm.long") ? 10_000_000
            : Long.getLong("jkvm.oracle.cases", 200_000);
    /** Enough for a loop to be compiled while it runs, and for the compiled code to run. */
    private static final int ITERATIONS = 20_000;
    /** How many of the cases are loops: one takes as long as hundreds of other cases. */
    private static final double LOOPS = 0.0025;
    private OracleRun run;

    @BeforeEach
    void setUp() {
        assumeTrue(System.getProperty("os.arch").equals("amd64"), "the oracle is an x86-64 processor");
        assumeTrue(CpuVendor.isKnown() || Boolean.getBoolean("jkvm.long"),
                () -> "makers choose differently where the manuals"
                + " say nothing; the choices of " + CpuVendor.name() + " were not compared yet: -Djkvm.long=true does");
        run = new OracleRun();
    }

    @AfterEach
    void tearDown() {
        if (run != null) {
            run.close();
        }
    }

    @Test
    void shouldExecuteIntegerInstructionsAsTheSiliconDoes() {
        compare(cases(0.4), EnumSet.of(Group.INTEGER, Group.STRING, Group.STACK, Group.BRANCH, Group.VEX));
    }

    @Test
    void shouldExecuteSequencesAsTheSiliconDoes() {
        long seed = seed();
        SequenceGenerator generator = new SequenceGenerator(run.modes());
        run.run(generator::make, seed, cases(0.2));
        finish(run, "sequences", seed);
    }

    @Test
    void shouldExecuteHotLoopsAsTheSiliconDoes() {
        long seed = seed();
        try (CompilerThread compiler = new CompilerThread(); OracleRun compiled = new OracleRun(compiler)) {
            SequenceGenerator generator = new SequenceGenerator(compiled.modes());
            compiled.run((number, snippet) -> generator.makeLoop(number, ITERATIONS, snippet), seed, cases(LOOPS));
            finish(compiled, "loops", seed);
        }
    }

    @Test
    void shouldExecuteSystemInstructionsOfUserCodeAsTheSiliconDoes() {
        compare(cases(0.1), EnumSet.of(Group.SYSTEM));
    }

    @Test
    void shouldExecuteX87InstructionsAsTheSiliconDoes() {
        compare(cases(0.1), EnumSet.of(Group.X87));
    }

    @Test
    void shouldExecuteVectorInstructionsAsTheSiliconDoes() {
        compare(cases(0.2), EnumSet.of(Group.MMX_SSE));
    }

    private void compare(long cases, Set<Group> groups) {
        long seed = seed();
        List<Opcode> opcodes = Opcode.all().stream().filter(opcode -> groups.contains(opcode.group())).toList();
        SnippetGenerator generator = new SnippetGenerator(opcodes, run.modes());
        run.run(generator::make, seed, cases);
        finish(run, groups.toString(), seed);
    }

    private static long cases(double share) {
        return Math.max(1, Math.round(share * CASES));
    }

    private static long seed() {
        return Long.getLong("jkvm.oracle.seed", System.nanoTime());
    }

    private static void finish(OracleRun run, String what, long seed) {
        System.out.println(what + ", seed " + seed + ": " + run);
        assertEquals(0, run.differences(), () -> "seed " + seed + "\n" + String.join("\n", run.reports()));
        if (!CpuVendor.isAmd()) {
            // The generator makes nothing that the soft CPU should not have; AMD has SSE4A where others have nothing.
            assertEquals(Map.of(), run.onlySilicon());
        }
    }
}

package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Random;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import org.junit.jupiter.api.Test;

/** Compiled code does what the interpreter does: registers, flags, memory, and the place where a fault stops it. */
class CompiledCodeTest {
    private static final long CODE = 0x200000, DATA = 0x300000;
    private static final int DATA_SIZE = 0x1000, MEGABYTES = 32, BUDGET = 500;
    private static final int CASES = Boolean.getBoolean("jkvm.long") ? 200_000 : 1_500;

    @Test
    void shouldDoWhatTheInterpreterDoesForRandomCode() {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.err.println("CompiledCodeTest: seed " + seed + ", " + CASES + " cases");
        int finished = 0;
        try (SoftMachine interpreted = new SoftMachine(MEGABYTES); SoftMachine compiled = new SoftMachine(MEGABYTES)) {
            for (int i = 0; i < CASES; i++) {
                Random random = new Random(seed + i);
                byte[] code = new RandomCode(random).make(12);
                String before = prepare(interpreted, code, new Random(seed + i));
                prepare(compiled, code, new Random(seed + i));

                boolean whole = interpret(interpreted, code.length);
                compile(compiled);

                String what = "seed " + (seed + i) + ", code " + HexFormat.of().formatHex(code) + "\nfrom " + before;
                assertEquals(state(interpreted), state(compiled), what);
                MemorySegment expected = interpreted.ram.asSlice(DATA, DATA_SIZE);
                assertEquals(-1, expected.mismatch(compiled.ram.asSlice(DATA, DATA_SIZE)), what);
                finished += whole ? 1 : 0;
            }
        }
        assertTrue(finished > CASES / 20, "only " + finished + " cases ran to their end");
    }

    private static String prepare(SoftMachine machine, byte[] code, Random random) {
        machine.long64();
        machine.code(CODE, code);
        Cpu cpu = machine.cpu;
        for (int i = 0; i < 16; i++) {
            cpu.r[i] = random.nextInt(3) > 0 ? DATA + random.nextInt(64) * 8 : random.nextLong();
        }
        cpu.r[Cpu.RSP] = DATA + DATA_SIZE / 2;
        Flags.setArithmetic(cpu, random.nextInt());
        for (int i = 0; i < DATA_SIZE; i += 8) {
            machine.ram.set(ValueLayout.JAVA_LONG, DATA + i, random.nextLong());
        }
        return state(machine);
    }

    private static String state(SoftMachine machine) {
        Cpu cpu = machine.cpu;
        StringBuilder text = new StringBuilder("rip %x flags %x".formatted(cpu.rip, Flags.arithmetic(cpu)));
        for (int i = 0; i < 16; i++) {
            text.append(" %x".formatted(cpu.r[i]));
        }
        return text.toString();
    }

    /** @return true if the code's end was reached, where an undefined instruction stops it */
    private static boolean interpret(SoftMachine machine, int length) {
        CodeCache cache = cacheOf(machine);
        Interpreter interpreter = new Interpreter(machine.cpu, cache);
        interpreter.budget = BUDGET;
        while (interpreter.thrown == null && interpreter.budget > 0) {
            interpreter.run(cache.get(machine.cpu.rip));
        }
        return machine.cpu.rip == CODE + length - 2;
    }

    private static CodeCache cacheOf(SoftMachine machine) {
        CodeCache cache = new CodeCache(machine.cpu);
        CpuMode.refresh(machine.cpu);
        cache.newGeneration();
        cache.synchronize();
        return cache;
    }

    private static void compile(SoftMachine machine) {
        CodeCache cache = cacheOf(machine);
        VcpuCompiler compiler = new VcpuCompiler(machine.cpu, new CompilerThread());
        machine.cpu.budget = BUDGET;
        while (machine.cpu.budget > 0) {
            CodeRegion region = new RegionFinder(compiler, 100, 0).find(cache.get(machine.cpu.rip), machine.cpu.mode);
            if (region == null) {
                // The undefined instruction at the end.
                return;
            }
            CompiledCode code = compiler.compile(region);
            assertNotNull(code);
            int status = code.run(machine.cpu);
            if (status == CompiledCode.INTERPRET || status == CompiledCode.MISSED && !interpretOne(machine, cache)) {
                return;
            }
        }
    }

    /** @return false if the instruction faults */
    private static boolean interpretOne(SoftMachine machine, CodeCache cache) {
        Interpreter interpreter = new Interpreter(machine.cpu, cache);
        interpreter.run(cache.get(machine.cpu.rip).first());
        machine.cpu.budget--;
        return interpreter.thrown == null;
    }

    @Test
    void shouldLeaveALoopWhenTheBudgetIsUsedUp() {
        try (SoftMachine machine = new SoftMachine(MEGABYTES)) {
            prepare(machine, new byte[] {(byte) 0xEB, (byte) 0xFE}, new Random(1));
            CodeCache cache = cacheOf(machine);
            VcpuCompiler compiler = new VcpuCompiler(machine.cpu, new CompilerThread());
            CompiledCode code = compiler.compile(new RegionFinder(compiler, 10, 0)
                    .find(cache.get(CODE), machine.cpu.mode));
            machine.cpu.budget = BUDGET;

            int status = code.run(machine.cpu);

            assertEquals(CompiledCode.LEFT, status);
            assertEquals(CODE, machine.cpu.rip);
            assertTrue(machine.cpu.budget <= 0);
        }
    }

    @Test
    void shouldReturnAtOnceWithoutAProcessor() {
        try (SoftMachine machine = new SoftMachine(MEGABYTES)) {
            prepare(machine, new byte[] {(byte) 0xEB, (byte) 0xFE}, new Random(1));
            VcpuCompiler compiler = new VcpuCompiler(machine.cpu, new CompilerThread());
            CompiledCode code = compiler.compile(new RegionFinder(compiler, 10, 0)
                    .find(cacheOf(machine).get(CODE), machine.cpu.mode));
            String before = state(machine);

            int status = code.run(null);

            assertEquals(CompiledCode.LEFT, status);
            assertEquals(before, state(machine));
        }
    }

    @Test
    void shouldCompileARegionInTheBackgroundAndComputeTheSame() {
        // 1: add rax, rbx; xor rax, rcx; dec rdi; jnz 1b; ud2
        int[] loop = {0x48, 0x01, 0xD8, 0x48, 0x31, 0xC8, 0x48, 0xFF, 0xCF, 0x75, 0xF5, 0x0F, 0x0B};
        long[] results = new long[2];
        for (int i = 0; i < 2; i++) {
            try (SoftMachine machine = new SoftMachine(MEGABYTES); CompilerThread thread = new CompilerThread()) {
                machine.long64();
                machine.code(CODE, loop);
                Arrays.fill(machine.cpu.r, 0, 16, 0x123456789ABCDEFL);
                machine.cpu.r[Cpu.RDI] = 5_000_000;
                if (i == 1) {
                    machine.processor.compileWith(new VcpuCompiler(machine.cpu, thread));
                }
                // The undefined instruction after the loop finds no handler.
                assertEquals(ExitCause.SHUTDOWN, machine.runToExit());
                results[i] = machine.cpu.r[Cpu.RAX];
            }
        }
        assertEquals(results[0], results[1]);
    }
}

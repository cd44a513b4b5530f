package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayDeque;
import java.util.HexFormat;
import java.util.Queue;
import java.util.Random;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import org.junit.jupiter.api.Test;

/** Where time is counted in instructions, the count and the state at a count do not depend on how code is executed. */
class CountedExecutionTest {
    private static final int CODE = 0x200000, DATA = 0x300000, DATA_SIZE = 0x2000, MEGABYTES = 4;
    private static final int RESTART_VECTORS = 32, HANDLER_SIZE = 16;
    private static final int CASES = Boolean.getBoolean("jkvm.long") ? 400 : 40;
    private static final int INSTRUCTIONS = 100_000;

    /** Compiles each region at once, so that compiled code is installed at the next entry. */
    private static final class AtOnce implements CodeCompiler {
        private final VcpuCompiler compiler;
        private final Queue<Result> ready = new ArrayDeque<>();
        private int compiled;

        AtOnce(Cpu cpu) {
            compiler = new VcpuCompiler(cpu, new CompilerThread());
        }

        @Override
        public boolean accepts(Insn in) {
            return compiler.accepts(in);
        }

        @Override
        public boolean request(CodeRegion region) {
            compiled++;
            return ready.add(new Result(region, compiler.compile(region)));
        }

        @Override
        public Result poll() {
            return ready.poll();
        }
    }

    @Test
    void shouldStopAtEachCountInTheSameStateInterpretedAndCompiled() {
        long seed = Long.getLong("jkvm.seed", System.nanoTime());
        System.err.println("CountedExecutionTest: seed " + seed + ", " + CASES + " cases");
        int compiled = 0;
        for (int i = 0; i < CASES; i++) {
            Random random = new Random(seed + i);
            byte[] code = loop(random);
            String what = "seed " + (seed + i) + ", code " + HexFormat.of().formatHex(code);
            try (SoftMachine stepped = machine(code); SoftMachine run = machine(code)) {
                AtOnce compiler = new AtOnce(run.cpu);
                run.processor.compileWith(compiler);
                boolean goesOn = true;
                while (goesOn && run.cpu.instructions < INSTRUCTIONS) {
                    long count = run.cpu.instructions + 1 + random.nextInt(random.nextBoolean() ? 5000 : 50);
                    goesOn = execute(run, count, count);
                    assertEquals(goesOn, execute(stepped, count, 1), what);
                    assertEquals(state(stepped), state(run), what);
                    assertEquals(-1, stepped.ram.mismatch(run.ram), what);
                }
                compiled += compiler.compiled;
            }
        }
        assertTrue(compiled > CASES / 4, "only " + compiled + " regions were compiled");
    }

    /**
     * Lets the processor go on to a count.
     *
     * @param most instructions at once
     * @return false if it ended on the way: a fault found no stack, an address no memory
     */
    private static boolean execute(SoftMachine machine, long count, long most) {
        while (machine.cpu.instructions < count) {
            int cause = machine.processor.run(Math.min(most, count - machine.cpu.instructions));
            if (cause == ExitCause.SHUTDOWN || cause == ExitCause.USER_SPACE) {
                return false;
            }
            assertTrue(cause == ExitCause.ATTENTION || cause == ExitCause.WRITTEN || cause == ExitCause.NONE,
                    "cause " + cause);
        }
        assertEquals(count, machine.cpu.instructions);
        return true;
    }

    @Test
    void shouldCountItemsOfARepetitionAndPauseBetweenThem() {
        try (SoftMachine machine = new SoftMachine(MEGABYTES)) {
            machine.long64();
            machine.cpu.counts = true;
            machine.cpu.r[Cpu.RCX] = 10_000;
            machine.cpu.r[Cpu.RDI] = DATA;
            // rep stosb; nop
            machine.code(CODE, 0xF3, 0xAA, 0x90);

            machine.processor.run(4321);

            assertEquals(10_000 - 4321, machine.cpu.r[Cpu.RCX]);
            assertEquals(CODE, machine.cpu.rip);
            assertEquals(4321, machine.cpu.instructions);
            execute(machine, 10_001, 10_001);
            assertEquals(CODE + 3, machine.cpu.rip);
        }
    }

    @Test
    void shouldExecuteAnInstructionThatReadsTheTimeAtItsCount() {
        try (SoftMachine machine = new SoftMachine(MEGABYTES)) {
            machine.long64();
            machine.cpu.counts = true;
            // nop; nop; nop; rdtsc; nop
            machine.code(CODE, 0x90, 0x90, 0x90, 0x0F, 0x31, 0x90);
            machine.time = () -> machine.cpu.instructions;

            machine.processor.run(5);

            assertEquals(3, machine.cpu.r[Cpu.RAX]);
        }
    }

    /** A machine whose exceptions begin the loop anew. */
    private static SoftMachine machine(byte[] code) {
        SoftMachine machine = new SoftMachine(MEGABYTES);
        machine.long64();
        machine.handlers();
        for (int vector = 0; vector < RESTART_VECTORS; vector++) {
            long handler = SoftMachine.handler(vector);
            // mov rsp, DATA + 1000h; jmp CODE
            byte[] restart = HexFormat.of().parseHex("48c7c400103000e900000000");
            machine.ram.asSlice(handler, restart.length).copyFrom(MemorySegment.ofArray(restart));
            machine.ram.set(ValueLayout.JAVA_INT_UNALIGNED, handler + 8, (int) (CODE - handler - 12));
        }
        machine.code(CODE, code);
        machine.cpu.r[Cpu.RSP] = DATA + 0x1000;
        machine.cpu.counts = true;
        return machine;
    }

    /** Random code that may fault, a repetition and a read of the time stamp counter, again and again. */
    private static byte[] loop(Random random) {
        ByteArrayOutputStream code = new ByteArrayOutputStream();
        // inc r8
        code.writeBytes(HexFormat.of().parseHex("49ffc0"));
        byte[] body = new RandomCode(random).make(8);
        code.write(body, 0, body.length - 2);
        if (random.nextBoolean()) {
            // mov ecx, n; mov edi, DATA; mov esi, DATA + 800h
            code.writeBytes(new byte[] {(byte) 0xB9, (byte) random.nextInt(256), 0, 0, 0});
            code.writeBytes(HexFormat.of().parseHex("bf00003000be00083000"));
            // rep movsb, movsq, stosd, lodsb, cmpsb, scasb
            code.writeBytes(HexFormat.of().parseHex(
                    new String[] {"f3a4", "f348a5", "f3ab", "f3ac", "f3a6", "f2ae"}[random.nextInt(6)]));
        }
        if (random.nextBoolean()) {
            code.writeBytes(HexFormat.of().parseHex("0f31"));
        }
        // mov esp, DATA + 1000h; jmp CODE
        code.writeBytes(HexFormat.of().parseHex("bc00103000e9"));
        int back = -(code.size() + 4);
        for (int i = 0; i < 4; i++) {
            code.write(back >> 8 * i);
        }
        return code.toByteArray();
    }

    private static String state(SoftMachine machine) {
        Cpu cpu = machine.cpu;
        StringBuilder text = new StringBuilder();
        text.append("%d rip %x flags %x".formatted(cpu.instructions, cpu.rip, Flags.all(cpu)));
        for (int i = 0; i < 16; i++) {
            text.append(" %x".formatted(cpu.r[i]));
        }
        return text.toString();
    }
}

package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Repeated MOVS and STOS move many items at once where they can: registers and memory are as if they went one by one.
 */
class BulkStringsTest {
    private static final long CODE = 0x200000, DATA = 0x300000;
    private static final int DATA_SIZE = 0x4000, MEGABYTES = 32, CASES = 1_000, MAX_COUNT = 600;
    private static final int MAX_STEPS = 2 * MAX_COUNT;
    /** REP MOVSB, MOVSW, MOVSD, MOVSQ, STOSB, STOSW, STOSD, STOSQ, each before UD2. */
    private static final byte[][] INSTRUCTIONS = {
        {(byte) 0xF3, (byte) 0xA4, 0x0F, 0x0B}, {0x66, (byte) 0xF3, (byte) 0xA5, 0x0F, 0x0B},
        {(byte) 0xF3, (byte) 0xA5, 0x0F, 0x0B}, {(byte) 0xF3, 0x48, (byte) 0xA5, 0x0F, 0x0B},
        {(byte) 0xF3, (byte) 0xAA, 0x0F, 0x0B}, {0x66, (byte) 0xF3, (byte) 0xAB, 0x0F, 0x0B},
        {(byte) 0xF3, (byte) 0xAB, 0x0F, 0x0B}, {(byte) 0xF3, 0x48, (byte) 0xAB, 0x0F, 0x0B},
    };

    @Test
    void shouldDoWhatItemsOneByOneDo() {
        long seed = System.nanoTime();
        try (SoftMachine atOnce = new SoftMachine(MEGABYTES); SoftMachine oneByOne = new SoftMachine(MEGABYTES)) {
            for (int i = 0; i < CASES; i++) {
                prepare(atOnce, new Random(seed + i));
                prepare(oneByOne, new Random(seed + i));

                execute(atOnce, false);
                execute(oneByOne, true);

                String what = "seed " + (seed + i);
                assertEquals(state(oneByOne.cpu), state(atOnce.cpu), what);
                MemorySegment expected = oneByOne.ram.asSlice(DATA, DATA_SIZE);
                assertEquals(-1, expected.mismatch(atOnce.ram.asSlice(DATA, DATA_SIZE)), what);
            }
        }
    }

    /** Source and destination overlap often and begin anywhere in a page. */
    private static void prepare(SoftMachine machine, Random random) {
        machine.long64();
        machine.code(CODE, INSTRUCTIONS[random.nextInt(INSTRUCTIONS.length)]);
        Cpu cpu = machine.cpu;
        long from = DATA + 0x1000 + random.nextInt(0x1800);
        long to = random.nextBoolean() ? from + random.nextInt(80) - 40 : DATA + 0x1000 + random.nextInt(0x1800);
        cpu.r[Cpu.RSI] = from;
        cpu.r[Cpu.RDI] = to;
        cpu.r[Cpu.RCX] = random.nextInt(random.nextBoolean() ? 20 : MAX_COUNT);
        cpu.r[Cpu.RAX] = random.nextInt(3) == 0 ? 0 : random.nextLong();
        cpu.systemFlags = cpu.systemFlags & ~Cpu.DF | (random.nextInt(4) == 0 ? Cpu.DF : 0);
        for (int i = 0; i < DATA_SIZE; i += 8) {
            machine.ram.set(ValueLayout.JAVA_LONG, DATA + i, random.nextLong());
        }
    }

    private static void execute(SoftMachine machine, boolean single) {
        CodeCache cache = new CodeCache(machine.cpu);
        CpuMode.refresh(machine.cpu);
        cache.newGeneration();
        cache.synchronize();
        Interpreter interpreter = new Interpreter(machine.cpu, cache);
        machine.cpu.mmu.single = single;
        for (int i = 0; i < MAX_STEPS && machine.cpu.rip == CODE && interpreter.thrown == null; i++) {
            interpreter.budget = 0;
            interpreter.run(cache.get(CODE).first());
        }
        machine.cpu.mmu.single = false;
    }

    private static String state(Cpu cpu) {
        return "rip %x rsi %x rdi %x rcx %x".formatted(cpu.rip, cpu.r[Cpu.RSI], cpu.r[Cpu.RDI], cpu.r[Cpu.RCX]);
    }
}

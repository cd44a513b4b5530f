package jkvm.soft.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.ValueLayout;
import java.lang.management.ClassLoadingMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.guest.GuestImages;
import jkvm.soft.jit.CompilerThread;
import jkvm.soft.jit.VcpuCompiler;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Code that changes while it is hot, and code of which there is ever more: what is executed is what is in memory, and
 * what is remembered of it stays bounded. Some seconds; more with {@code -Djkvm.long=true}.
 */
@Timeout(300)
class ChangingCodeTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final long CHANGES = LONG ? 2_000_000 : 20_000;
    private static final long REGIONS = LONG ? 50_000 : 6_000;
    private static final long SLED_ENTRIES = LONG ? 400_000 : 60_000;
    private static final int WATCHED_SECONDS = LONG ? 60 : 1;
    private static final int MIN_VERSIONS = 11;
    private static final long MEBIBYTE = 1 << 20;
    private static final int R15 = HostileProgram.R15;
    private static final ClassLoadingMXBean CLASSES = ManagementFactory.getClassLoadingMXBean();

    /** Runs until the program has counted so far. */
    private static void runTo(SoftMachine machine, long count) {
        while (machine.cpu.r[R15] < count) {
            int cause = machine.processor.run();
            assertTrue(cause == ExitCause.ATTENTION || cause == ExitCause.WRITTEN,
                    () -> cause + " at " + Long.toHexString(machine.cpu.rip));
        }
    }

    @ParameterizedTest
    @CsvSource({"STORM, false", "STORM, true", "ACROSS, false", "ACROSS, true", "ALIAS, false", "ALIAS, true"})
    @DisplayName("code that rewrites itself, in mid-instruction on the next page or by another mapping, executes"
            + " what was written last")
    void shouldExecuteWhatWasWrittenLast(HostileProgram program, boolean compiles) {
        try (SoftMachine machine = program.machine(); CompilerThread thread = new CompilerThread()) {
            if (compiles) {
                machine.processor.compileWith(new VcpuCompiler(machine.cpu, thread));
            }

            runTo(machine, CHANGES);

            assertEquals(0, machine.cpu.r[Cpu.RBX], "answers of old code");
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    @DisplayName("code that changes its own page table entry executes what is mapped then")
    void shouldExecuteWhatIsMapped(boolean compiles) {
        try (SoftMachine machine = HostileProgram.REMAP.machine(); CompilerThread thread = new CompilerThread()) {
            if (compiles) {
                machine.processor.compileWith(new VcpuCompiler(machine.cpu, thread));
            }

            runTo(machine, 150 * CHANGES / 4);

            long ahead = machine.cpu.r[Cpu.RBX] - machine.cpu.r[R15];
            assertTrue(ahead >= 0 && ahead <= 150, "50 times 1 and 50 times 2 in each round: " + ahead);
        }
    }

    @ParameterizedTest
    @CsvSource({"false", "true"})
    @DisplayName("hot code that a device overwrites executes each new version")
    void shouldExecuteWhatADeviceHasWrittenWithinABudget(boolean compiles) throws InterruptedException {
        try (SoftMachine machine = new SoftMachine(4); CompilerThread thread = new CompilerThread()) {
            machine.long64();
            // 1: mov eax, 0; add ebx, eax; mov [200000h], eax; jmp 1b
            machine.code(0x10_0000, 0xB8, 0, 0, 0, 0, 0x01, 0xC3, 0x89, 0x04, 0x25, 0, 0, 0x20, 0, 0xEB, 0xF0);
            if (compiles) {
                machine.processor.compileWith(new VcpuCompiler(machine.cpu, thread));
            }
            long[] last = {0};
            Thread device = Thread.ofPlatform().start(() -> last[0] = writeCode(machine));

            while (device.isAlive()) {
                machine.processor.run();
            }

            device.join();
            machine.processor.run();
            machine.processor.run();
            assertTrue(last[0] >= MIN_VERSIONS, "each of these was seen: " + last[0]);
            assertEquals(last[0], machine.ram.get(ValueLayout.JAVA_INT, 0x20_0000));
        }
    }

    /**
     * Writes a number into the code and waits until the guest has written it back, again and again. On a busy host a
     * version takes as long as the host leaves the other thread out.
     */
    private static long writeCode(SoftMachine machine) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(WATCHED_SECONDS);
        int number = 0;
        while (System.nanoTime() < end || number < MIN_VERSIONS) {
            machine.ram.set(ValueLayout.JAVA_INT_UNALIGNED, 0x10_0001, ++number);
            while (machine.ram.get(ValueLayout.JAVA_INT, 0x20_0000) != number) {
                Thread.onSpinWait();
            }
        }
        return number;
    }

    @Test
    @DisplayName("compiled regions, classes and metaspace stay bounded while a guest makes hot code without end")
    void shouldForgetCompiledCodeThatIsNoLongerThere() {
        try (SoftMachine machine = HostileProgram.EVER_NEW.machine(); CompilerThread thread = new CompilerThread()) {
            machine.processor.compileWith(new VcpuCompiler(machine.cpu, thread));
            runTo(machine, 50);
            System.gc();
            long metaspace = metaspace();
            int classes = CLASSES.getLoadedClassCount();
            long total = CLASSES.getTotalLoadedClassCount();
            long most = 0;
            for (long done = 0; done < REGIONS; done += 100) {
                runTo(machine, done);
                most = Math.max(most, metaspace());
            }
            System.gc();

            long compiled = CLASSES.getTotalLoadedClassCount() - total;
            int kept = CLASSES.getLoadedClassCount() - classes;
            long grown = metaspace() - metaspace;
            System.out.printf("%d regions compiled: %d classes left, metaspace grew by %d KiB, by %d KiB at most%n",
                    compiled, kept, grown >> 10, most - metaspace >> 10);
            assertTrue(compiled > 500, "compiled " + compiled);
            // One class for each page of the guest's 8 MiB.
            assertTrue(kept < 2_100, "classes left " + kept);
            assertTrue(grown < 24 * MEBIBYTE, "metaspace grew by " + grown);
            assertTrue(most - metaspace < 64 * MEBIBYTE, "metaspace grew by up to " + (most - metaspace));
        }
    }

    private static long metaspace() {
        return ManagementFactory.getMemoryPoolMXBeans().stream().filter(pool -> pool.getName().equals("Metaspace"))
                .mapToLong(pool -> pool.getUsage().getUsed()).sum();
    }

    @Test
    @DisplayName("code that is invalidated again and again is not compiled each time")
    void shouldStopCompilingWhatChangesAgainAndAgain() {
        try (SoftMachine machine = HostileProgram.STORM.machine(); CompilerThread thread = new CompilerThread()) {
            machine.processor.compileWith(new VcpuCompiler(machine.cpu, thread));
            long total = CLASSES.getTotalLoadedClassCount();

            runTo(machine, CHANGES);

            long compiled = CLASSES.getTotalLoadedClassCount() - total;
            assertTrue(compiled < 500, compiled + " classes for " + CHANGES + " changes");
        }
    }

    @Test
    @DisplayName("decoded code stays bounded while a guest makes blocks without end")
    void shouldForgetDecodedCodeWhereThereIsTooMuch() {
        try (SoftMachine machine = HostileProgram.SLEDS.machine()) {
            runTo(machine, 10);
            long before = heap();

            runTo(machine, SLED_ENTRIES);

            long grown = heap() - before;
            assertTrue(grown < 192 * MEBIBYTE, "the heap grew by " + (grown >> 20) + " MiB");
        }
    }

    private static long heap() {
        System.gc();
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    @TestFactory
    Stream<DynamicTest> shouldMatchItsSource() {
        return GuestImages.check("kvm-core", "src/test/guest/hostile", "src/test/resources/jkvm/soft/hostile");
    }
}

package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.host.chardev.FakeChardev;
import jkvm.linux.Syscalls;
import jkvm.machine.config.MachineConfig;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Many machines in one process, at once and one after the other. */
@OnEachKvm
@Timeout(60)
class MachineCrowdTest {
    private static final String SPIN = "eb fe";
    /** Writes 5 to the exit port. */
    private static final String EXIT = "b0 05 e6 f4 eb fe";
    private static final int EXIT_STATUS = 5 << 1 | 1;
    private static final int CROWD = 20;
    /** Enough to tell a leak from noise; the kernel takes 20 ms to take a VM apart. */
    private static final int CYCLES = 80;

    @TempDir
    private Path folder;

    private final Syscalls kvm;

    MachineCrowdTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private Machine machine(String code) throws IOException {
        Path image = folder.resolve(code.replace(" ", ""));
        if (!Files.exists(image)) {
            Files.write(image, HexFormat.of().parseHex(code.replace(" ", "")));
        }
        MachineConfig config = TestConfigs.machine(2).cpus(2).loader(TestConfigs.start(image, 0x1000)).build();
        return new MachineBuilder(config, kvm, _ -> new FakeChardev()).build();
    }

    private int run(String code) throws IOException {
        try (Machine machine = machine(code)) {
            return machine.run().status();
        }
    }

    private static <T> List<T> together(int count, Callable<T> task) throws Exception {
        List<T> results = new ArrayList<>();
        try (ExecutorService pool = Executors.newFixedThreadPool(count)) {
            for (Future<T> future : pool.invokeAll(Collections.nCopies(count, task))) {
                results.add(future.get(30, TimeUnit.SECONDS));
            }
        }
        return results;
    }

    @Test
    void shouldRunManyMachinesAtOnce() throws Exception {
        machine(EXIT).close();
        assertEquals(Collections.nCopies(CROWD, EXIT_STATUS), together(CROWD, () -> run(EXIT)));
    }

    @Test
    void shouldQuitManySpinningMachinesAtOnce() throws Exception {
        machine(SPIN).close();
        List<Integer> statuses = together(CROWD, () -> {
            try (Machine machine = machine(SPIN)) {
                Thread quitter = Thread.ofPlatform().start(machine::quit);
                int status = machine.run().status();
                quitter.join();
                return status;
            }
        });
        assertEquals(Collections.nCopies(CROWD, 0), statuses);
    }

    /** Resources of a process: descriptors, mappings that it made itself, and threads. */
    private record Holdings(long descriptors, long mappings, long threads) {
        static Holdings now() throws IOException {
            try (Stream<Path> descriptors = Files.list(Path.of("/proc/self/fd"));
                    Stream<Path> threads = Files.list(Path.of("/proc/self/task"));
                    Stream<String> mappings = Files.lines(Path.of("/proc/self/maps"))) {
                return new Holdings(descriptors.count(), mappings.count(), threads.count());
            }
        }
    }

    @Test
    void shouldGiveEverythingBackWhenClosed() throws Exception {
        for (int i = 0; i < 20; i++) {
            run(EXIT);
        }
        Holdings before = Holdings.now();
        for (int i = 0; i < CYCLES; i++) {
            if (i % 2 == 0) {
                run(EXIT);
            } else {
                machine(SPIN).close();
            }
        }
        Holdings after = Holdings.now();
        String what = before + " became " + after;
        // The JVM's own threads, descriptors and mappings come and go; what leaks with each machine would be CYCLES.
        assertTrue(after.descriptors() - before.descriptors() < 20, what);
        assertTrue(after.threads() - before.threads() < 20, what);
        assertTrue(after.mappings() - before.mappings() < 60, what);
    }
}

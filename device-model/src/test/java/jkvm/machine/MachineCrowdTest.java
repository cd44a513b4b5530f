package jkvm.machine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import jkvm.control.guest.Guest;
import jkvm.junit.GuestTest;
import jkvm.junit.Guests;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many machines in one process, at once and one after the other. */
@GuestTest
@Timeout(60)
class MachineCrowdTest {
    private static final String SPIN = "eb fe";
    /** Writes 5 to the exit port. */
    private static final String EXIT = "b0 05 e6 f4 eb fe";
    private static final int EXIT_STATUS = 5 << 1 | 1;
    private static final int CROWD = 20;
    /** Enough to tell a leak from noise; the kernel takes 20 ms to take a VM apart. */
    private static final int CYCLES = 80;

    private final Guests guests;

    MachineCrowdTest(Guests guests) {
        this.guests = guests;
    }

    private Guest guest(String code) {
        return guests.code(code, config -> config.cpus(2));
    }

    private int run(String code) {
        try (Guest guest = guest(code)) {
            return guest.start().awaitEnd().status();
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
        guest(EXIT).close();
        assertEquals(Collections.nCopies(CROWD, EXIT_STATUS), together(CROWD, () -> run(EXIT)));
    }

    @Test
    void shouldQuitManySpinningMachinesAtOnce() throws Exception {
        guest(SPIN).close();
        List<Integer> statuses = together(CROWD, () -> {
            try (Guest guest = guest(SPIN)) {
                return guest.start().quit().status();
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
                guest(SPIN).close();
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

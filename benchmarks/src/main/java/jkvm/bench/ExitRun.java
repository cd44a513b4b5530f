package jkvm.bench;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.Locale;
import jkvm.soft.Accelerators;

/** A port write of a guest on the KVM in Java: from KVM_RUN to the device and back, its time and what it allocates. */
final class ExitRun {
    private static final int EXITS = 200_000;
    private static final int WARM_UP_ROUNDS = 10;
    private final int rounds;

    ExitRun(int rounds) {
        this.rounds = rounds;
    }

    List<PairedComparison> measure() {
        double[] times = new double[rounds];
        double[] bytes = new double[rounds];
        ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        try (PioGuest guest = new PioGuest(Accelerators.open("soft").syscalls())) {
            for (int i = -WARM_UP_ROUNDS; i < rounds; i++) {
                long allocated = threads.getCurrentThreadAllocatedBytes();
                long start = System.nanoTime();
                for (int exit = 0; exit < EXITS; exit++) {
                    guest.exit();
                }
                int round = Math.max(i, 0);
                times[round] = (double) (System.nanoTime() - start) / EXITS;
                bytes[round] = (double) (threads.getCurrentThreadAllocatedBytes() - allocated) / EXITS;
            }
        }
        return List.of(new PairedComparison("port write exit", "ns", times, new double[0], String.format(Locale.ROOT,
                "<= 150 ns, 0 B; allocated %.3f B", Medians.median(bytes))));
    }
}

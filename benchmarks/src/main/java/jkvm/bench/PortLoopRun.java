package jkvm.bench;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Port writes of a guest to a serial port's scratch register, jkvm beside QEMU: from the guest's sign that its loop
 * begins to the sign that it has ended, each with its whole machine. The register is user space's in both.
 */
final class PortLoopRun {
    private static final int EXIT_CODE = 1;
    private final Path image;
    private final Hypervisor jkvm;
    private final Optional<Hypervisor> other;
    private final int rounds;

    PortLoopRun(Path image, Hypervisor jkvm, Optional<Hypervisor> other, int rounds) {
        this.image = image;
        this.jkvm = jkvm;
        this.other = other;
        this.rounds = rounds;
    }

    /** @param exits of a round */
    List<PairedComparison> measure(String what, int exits) throws InterruptedException {
        double[] own = new double[rounds];
        double[] beside = new double[other.isPresent() ? rounds : 0];
        for (int i = 0; i < rounds; i++) {
            own[i] = nanoseconds(jkvm, exits);
            if (other.isPresent()) {
                beside[i] = nanoseconds(other.get(), exits);
            }
        }
        return List.of(new PairedComparison(what, "ns", own, beside, "<= 0.90"));
    }

    private double nanoseconds(Hypervisor hypervisor, int exits) throws InterruptedException {
        try (WatchedProcess guest = hypervisor.start("64M", "-device", "isa-debug-exit,iobase=0xf4,iosize=0x4",
                "-kernel", image.toString(), "-append", Integer.toString(exits))) {
            double begin = guest.await("S");
            double end = guest.await("E");
            guest.awaitEnd(EXIT_CODE, "");
            return (end - begin) * 1e6 / exits;
        }
    }
}

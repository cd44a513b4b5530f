package jkvm.bench;

import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.chardev.Chardevs;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.machine.Experiments;
import jkvm.machine.Machine;
import jkvm.machine.MachineBuilder;
import jkvm.machine.config.CountingConfig;
import jkvm.machine.config.MachineConfig;
import jkvm.soft.Accelerator;
import jkvm.soft.Accelerators;
import jkvm.work.InstructionClock;
import jkvm.work.Workers;

/**
 * Resets of a guest of 64 MiB that changes 16 pages, a serial port, PIC, PIT and local APIC between two of them: a PC
 * without firmware, one vCPU. Counts whole experiments, guest included, once the JVM is warm. No QEMU: it has nothing
 * alike.
 */
final class ResetRun implements Experiments.Experiment {
    private static final int PORT = 0xf4;
    private static final long MEMORY = 64L << 20;
    private static final long WARM_UP_NANOS = TimeUnit.SECONDS.toNanos(6);
    private static final long MEASURED_NANOS = TimeUnit.SECONDS.toNanos(4);
    /** Between two looks at the time. */
    private static final int BATCH = 50;

    private final long start = System.nanoTime();
    private long measuredFrom;
    private long firstNumber;
    private double rate;

    private ResetRun() {
    }

    /** Prints a line for each accelerator and kind of time. */
    static void print(PrintStream out) throws IOException {
        Path image = Files.createTempFile("reset", ".bin");
        try {
            try (InputStream in = ResetRun.class.getResourceAsStream("reset.bin")) {
                Files.write(image, in.readAllBytes());
            }
            measure(out, "counted instructions", image, Accelerator.Kind.SOFT, true);
            measure(out, "time of the host", image, Accelerator.Kind.SOFT, false);
            if (Files.isWritable(Path.of("/dev/kvm"))) {
                measure(out, "/dev/kvm" + (Hypervisor.isNativeKvm() ? "" : ", which emulates"), image,
                        Accelerator.Kind.KVM, false);
            } else {
                out.println("reset, /dev/kvm: not run: no /dev/kvm");
            }
        } finally {
            Files.delete(image);
        }
    }

    private static void measure(PrintStream out, String what, Path image, Accelerator.Kind kind, boolean counted) {
        MachineConfig.Builder asked = MachineConfig.builder().memory(MEMORY).kernel(image)
                .serial(ChardevSpec.unconnected("serial0")).accelerators(List.of(kind));
        MachineConfig config = (counted ? asked.counting(new CountingConfig(0, false, false)) : asked).build();
        InstructionClock clock = config.time().newClock().orElse(null);
        ResetRun run = new ResetRun();
        Experiments experiments = new Experiments(PORT, run);
        Syscalls host = new FfmSyscalls();
        Syscalls kvm = Accelerators.open(config.host().accelerators(), host, config.softOptions(clock)).syscalls();
        try (Workers workers = clock == null ? Workers.onThreads() : Workers.counted(clock);
                Chardevs chardevs = new Chardevs(host, out, out, () -> { }, workers);
                Machine machine = new MachineBuilder(config, kvm, chardevs::open).clock(clock)
                        .workers(clock == null ? workers : null).observer(experiments).build()) {
            experiments.run(machine);
        }
        out.printf(Locale.ROOT, "reset, %-36s %.0f a second%n", what, run.rate);
    }

    @Override
    public boolean begin(Machine machine, long number) {
        if (number % BATCH != 0) {
            return true;
        }
        long now = System.nanoTime();
        if (measuredFrom == 0 && now - start > WARM_UP_NANOS) {
            measuredFrom = now;
            firstNumber = number;
        }
        if (measuredFrom == 0 || now - measuredFrom < MEASURED_NANOS) {
            return true;
        }
        rate = (number - firstNumber) * 1e9 / (now - measuredFrom);
        return false;
    }

    @Override
    public void ended(Machine machine, Experiments.End end, int value) {
        if (end != Experiments.End.PORT) {
            throw new IllegalStateException("an experiment ended by " + end);
        }
    }

    public static void main(String[] args) throws IOException {
        print(System.out);
    }
}

package jkvm.bench;

import java.util.concurrent.TimeUnit;
import jkvm.linux.Syscalls;
import jkvm.soft.Accelerators;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** A VM of one vCPU from its making to its close, of which the kernel has the larger part on {@code /dev/kvm}. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class LifeBenchmark {
    @Param({"soft", "kvm"})
    public String accelerator;

    private Syscalls kvm;

    @Setup(Level.Trial)
    public void open() {
        kvm = Accelerators.open(accelerator).syscalls();
    }

    /** The VM, its memory, its vCPU and their registers. */
    @Benchmark
    public void makeAndClose() {
        new PioGuest(kvm).close();
    }

    /** The same, and the guest runs to its first exit. */
    @Benchmark
    public void firstExit() {
        try (PioGuest guest = new PioGuest(kvm)) {
            guest.exit();
        }
    }
}

package jkvm.bench;

import java.util.concurrent.TimeUnit;
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
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * One port write of a guest, from KVM_RUN to the device and back. {@code -prof gc} shows that it allocates nothing;
 * {@link PairedExitRun} sets it beside C.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class PioExitBenchmark {
    @Param({"kvm", "soft"})
    public String accelerator;
    private PioGuest guest;

    @Setup(Level.Trial)
    public void start() {
        guest = new PioGuest(Accelerators.open(accelerator).syscalls());
    }

    @TearDown(Level.Trial)
    public void stop() {
        guest.close();
    }

    @Benchmark
    public void pioExit() {
        guest.exit();
    }
}

package jkvm.bench;

import java.util.concurrent.TimeUnit;
import jkvm.soft.Accelerators;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** What KVM does for a guest without its user space; with each 80 of it one exit is counted. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class KernelExitBenchmark {
    @Param({"cpuid", "vmcall", "inl_from_kernel", "outl_to_kernel", "portio-wildcard-eventfd", "mmio-wildcard-eventfd",
            "portio-coalesced"})
    public String kind;

    @Param({"soft", "kvm"})
    public String accelerator;

    private ExitGuest guest;

    @Setup(Level.Trial)
    public void start() {
        guest = new ExitGuest(Accelerators.open(accelerator).syscalls(), ExitKind.named(kind));
    }

    @TearDown(Level.Trial)
    public void stop() {
        guest.close();
    }

    @Benchmark
    @OperationsPerInvocation(ExitKind.LAPS)
    public void step() {
        guest.step();
    }
}

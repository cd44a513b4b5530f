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
 * User space's own share of an exit: from what KVM has written to the page that it shares, to the device. No KVM_RUN:
 * it is the same exit again and again.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DispatchBenchmark {
    @Param({"portio-no-eventfd", "inl_from_qemu", "rep_outsb", "mmio-no-eventfd", "mmio_read"})
    public String kind;

    @Param({"soft", "kvm"})
    public String accelerator;

    private ExitGuest guest;

    @Setup(Level.Trial)
    public void start() {
        guest = new ExitGuest(Accelerators.open(accelerator).syscalls(), ExitKind.named(kind));
        guest.step();
    }

    @TearDown(Level.Trial)
    public void stop() {
        guest.close();
    }

    @Benchmark
    public void dispatch() {
        guest.dispatch();
    }
}

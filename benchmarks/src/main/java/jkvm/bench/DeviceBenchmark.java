package jkvm.bench;

import java.util.concurrent.TimeUnit;
import jkvm.bus.AddressSpace;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** The path from a port's number to its device, without KVM. {@code -prof gc} shows that it allocates nothing. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DeviceBenchmark {
    private static final int OFFSET = 5;
    private final AddressSpace ports = PcPorts.with(new CountingDevice());
    private int port = PcPorts.DEVICE_PORT + OFFSET;

    @Benchmark
    public long portRead() {
        return ports.dispatchRead(port, 1);
    }

    @Benchmark
    public void portWrite() {
        ports.dispatchWrite(port, 1, 0);
    }
}

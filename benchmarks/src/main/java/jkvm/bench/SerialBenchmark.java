package jkvm.bench;

import java.util.concurrent.TimeUnit;
import jkvm.bus.AddressSpace;
import jkvm.device.serial.Serial16550;
import jkvm.host.chardev.CharDevice;
import jkvm.host.chardev.Chardev;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a driver does for each byte that it writes to a serial port: it polls the line's status and writes. No KVM. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SerialBenchmark {
    private static final int DATA = PcPorts.DEVICE_PORT;
    private static final int LINE_STATUS = PcPorts.DEVICE_PORT + 5;
    private static final int EMPTY_BIT = 1 << 5;
    private final Sink sink = new Sink();
    private final AddressSpace ports = PcPorts.with(new Serial16550("serial", _ -> { }, new StillClock(), sink));

    /** Counts the bytes. */
    private static final class Sink implements Chardev {
        private long bytes;

        @Override
        public boolean transmit(byte value) {
            bytes++;
            return true;
        }

        @Override
        public void connect(CharDevice device) {
            device.connected(true);
        }

        @Override
        public void inputWanted() {
            // Nothing comes.
        }

        @Override
        public void close() {
            // Nothing is open.
        }
    }

    @Benchmark
    public long transmit() {
        if ((ports.dispatchRead(LINE_STATUS, 1) & EMPTY_BIT) == 0) {
            throw new IllegalStateException("not ready");
        }
        ports.dispatchWrite(DATA, 1, 'A');
        return sink.bytes;
    }
}

package jkvm.bench;

import java.util.concurrent.TimeUnit;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Fd;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.vm.Kvm;
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

/** The cheapest ioctl, KVM_GET_API_VERSION, through the JDK's foreign functions and through jnr-ffi. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DowncallBenchmark {
    private static final long GET_API_VERSION = KvmIoctl.GET_API_VERSION.number();

    /** Which library makes the call. */
    public enum Library {
        FFM, JNR;

        Syscalls open() {
            return this == FFM ? new FfmSyscalls() : new JnrSyscalls();
        }
    }

    @Param
    public Library library;

    private Syscalls syscalls;
    private Fd kvm;
    private int number;

    @Setup(Level.Trial)
    public void open() {
        syscalls = library.open();
        kvm = Fd.open(syscalls, Kvm.DEVICE, Fd.O_RDWR);
        number = kvm.number();
    }

    @TearDown(Level.Trial)
    public void close() {
        kvm.close();
    }

    @Benchmark
    public long ioctl() {
        return syscalls.ioctl(number, GET_API_VERSION, 0);
    }
}

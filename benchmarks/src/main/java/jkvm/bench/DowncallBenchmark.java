package jkvm.bench;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
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

/** The same system calls through the JDK's foreign functions and through jnr-ffi. All are the kernel's cheapest. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(2)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class DowncallBenchmark {
    /** Sets close-on-exec; any descriptor takes it. */
    private static final long FIOCLEX = 0x5451;
    private static final long UNKNOWN_REQUEST = 0x7FFF;
    private static final long EFD_SEMAPHORE = 1;
    /** Each read takes one. */
    private static final long MOST_READS = 0xFFFF_FFFEL;
    private static final long PAGE = 4096;
    private static final long PROT_READ_WRITE = 3;
    private static final long MAP_PRIVATE_ANONYMOUS = 0x22;

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
    private int event;
    private final MemorySegment buffer = Arena.ofAuto().allocate(Long.BYTES, Long.BYTES);

    @Setup(Level.Trial)
    public void open() {
        syscalls = library.open();
        event = (int) checked(syscalls.call(SyscallNumber.EVENTFD2, MOST_READS, EFD_SEMAPHORE, 0, 0, 0, 0));
    }

    @TearDown(Level.Trial)
    public void close() {
        syscalls.call(SyscallNumber.CLOSE, event, 0, 0, 0, 0, 0);
    }

    private static long checked(long result) {
        if (Syscalls.isError(result)) {
            throw new IllegalStateException("errno " + -result);
        }
        return result;
    }

    @Benchmark
    public long ioctl() {
        return checked(syscalls.ioctl(event, FIOCLEX, 0));
    }

    /** Fails, and the errno is asked for. */
    @Benchmark
    public long ioctlWithErrno() {
        return syscalls.ioctl(event, UNKNOWN_REQUEST, 0);
    }

    /** A page that nobody touches, mapped and unmapped: two calls. */
    @Benchmark
    public long mmapAndMunmap() {
        long address = checked(syscalls.call(SyscallNumber.MMAP, 0, PAGE, PROT_READ_WRITE, MAP_PRIVATE_ANONYMOUS, -1,
                0));
        return checked(syscalls.call(SyscallNumber.MUNMAP, address, PAGE, 0, 0, 0, 0));
    }

    @Benchmark
    public long eventfdRead() {
        return checked(syscalls.call(SyscallNumber.READ, event, buffer.address(), Long.BYTES, 0, 0, 0));
    }
}

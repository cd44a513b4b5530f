package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;

/**
 * System calls through the JDK's Foreign Function &amp; Memory API. Needs
 * {@code --enable-native-access=jkvm.core}.
 *
 * <p>There is one downcall shape, {@code long f(long, ...)} with errno captured, and every native function is called
 * through it: each further shape costs tens of milliseconds at start-up. No call is {@code critical}: a critical
 * KVM_RUN would keep the whole JVM from reaching a safepoint.
 */
@SuppressWarnings("restricted")
public final class FfmSyscalls implements Syscalls {
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG;
    private static final int SA_SIZE = 152;

    /** Linked by the first call, not by making an object or passing it on. */
    private static final class Libc {
        static final MethodHandle CALL;
        static final MemorySegment SYSCALL;
        static final MemorySegment SIGACTION;
        static final MemorySegment HARMLESS_HANDLER;
        static final StructLayout CAPTURE = Linker.Option.captureStateLayout();
        static final long ERRNO_OFFSET = offset(CAPTURE, "errno");

        static {
            Linker linker = Linker.nativeLinker();
            SymbolLookup libc = linker.defaultLookup();
            SYSCALL = libc.findOrThrow("syscall");
            SIGACTION = libc.findOrThrow("sigaction");
            HARMLESS_HANDLER = libc.findOrThrow("labs");
            // syscall(2) is variadic, which on x86-64 only means that AL holds the number of vector registers in use.
            // It may be anything up to 8 for a function that reads none. Saying so would cost milliseconds of linking.
            CALL = linker.downcallHandle(FunctionDescriptor.of(LONG, LONG, LONG, LONG, LONG, LONG, LONG, LONG),
                    Linker.Option.captureCallState("errno"));
        }

        private Libc() {
        }

        /** Where a member of a struct begins, without the layout paths of the JDK: they take long to set up. */
        private static long offset(StructLayout struct, String member) {
            long offset = 0;
            for (MemoryLayout layout : struct.memberLayouts()) {
                if (layout.name().filter(member::equals).isPresent()) {
                    return offset;
                }
                offset += layout.byteSize();
            }
            throw new IllegalArgumentException(struct + " has no " + member);
        }
    }

    /** Each thread captures errno into a segment of its own, so that a call allocates nothing. */
    private final ThreadLocal<MemorySegment> capture =
            ThreadLocal.withInitial(() -> Arena.ofAuto().allocate(Libc.CAPTURE));

    /** Needs the permission for native access, and does nothing yet: the first call in a process links libc. */
    public FfmSyscalls() {
    }

    /**
     * Links libc now, for tens of milliseconds. Calls of other threads wait for it meanwhile: a program that has other
     * things to do at its start runs this on a thread of its own.
     */
    public static void link() {
        new FfmSyscalls().call(SyscallNumber.GETPID, 0, 0, 0, 0, 0, 0);
    }

    @Override
    public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        // Inlined by hand: with one call level less the JVM's compiler keeps the JDK's objects off the heap.
        MemorySegment errno = capture.get();
        long result;
        try {
            result = (long) Libc.CALL.invokeExact(Libc.SYSCALL, errno, number, a0, a1, a2, a3, a4, a5);
        } catch (Throwable e) {
            throw new AssertionError("native call failed", e);
        }
        return result == -1 ? -errno.get(ValueLayout.JAVA_INT, Libc.ERRNO_OFFSET) : result;
    }

    @Override
    public long installInterruptingSignal(int signal) {
        try (Arena arena = Arena.ofConfined()) {
            // struct sigaction: handler, 128 bytes of mask, flags, restorer. No SA_RESTART in flags.
            MemorySegment action = arena.allocate(SA_SIZE, 8);
            action.set(LONG, 0, Libc.HARMLESS_HANDLER.address());
            return invoke(Libc.SIGACTION, signal, action.address(), 0, 0, 0, 0, 0);
        }
    }

    /** Calls a function of a host library that takes and returns integers and pointers; more arguments do no harm. */
    static long callFunction(MemorySegment errno, MemorySegment function, long a, long b, long c, long d, long e) {
        try {
            return (long) Libc.CALL.invokeExact(function, errno, a, b, c, d, e, 0L, 0L);
        } catch (Throwable cause) {
            throw new AssertionError("native call failed", cause);
        }
    }

    /** What {@link #callFunction} keeps the function's errno in. */
    static MemorySegment newCapture(Arena arena) {
        return arena.allocate(Libc.CAPTURE);
    }

    private long invoke(MemorySegment function, long a, long b, long c, long d, long e, long f, long g) {
        MemorySegment errno = capture.get();
        long result;
        try {
            result = (long) Libc.CALL.invokeExact(function, errno, a, b, c, d, e, f, g);
        } catch (Throwable cause) {
            throw new AssertionError("native call failed", cause);
        }
        return result == -1 ? -errno.get(ValueLayout.JAVA_INT, Libc.ERRNO_OFFSET) : result;
    }
}

package jkvm.bench;

import jkvm.linux.Syscalls;
import jnr.ffi.LastError;
import jnr.ffi.LibraryLoader;
import jnr.ffi.Memory;
import jnr.ffi.Pointer;
import jnr.ffi.Runtime;

/** The system calls through jnr-ffi: the same interface as {@link jkvm.linux.FfmSyscalls}, for comparison only. */
public final class JnrSyscalls implements Syscalls {
    private static final int SA_SIZE = 152;

    /** libc as jnr-ffi binds it; errno is saved after each call. */
    public interface LibC {
        long syscall(long number, long a0, long a1, long a2, long a3, long a4, long a5);

        int sigaction(int signal, long action, long oldAction);

        /** A null handle searches what the process has loaded. */
        long dlsym(long handle, String name);
    }

    private final LibC libc = LibraryLoader.create(LibC.class).load("c");
    private final Runtime runtime = Runtime.getRuntime(libc);

    @Override
    public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
        return result(libc.syscall(number, a0, a1, a2, a3, a4, a5));
    }

    @Override
    public long installInterruptingSignal(int signal) {
        // struct sigaction: handler, 128 bytes of mask, flags, restorer. No SA_RESTART in flags.
        Pointer action = Memory.allocateDirect(runtime, SA_SIZE, true);
        action.putLong(0, libc.dlsym(0, "labs"));
        return result(libc.sigaction(signal, action.address(), 0));
    }

    private long result(long result) {
        return result == -1 ? -LastError.getLastError(runtime) : result;
    }
}

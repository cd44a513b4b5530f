package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** Calls on a socket that another program has opened and handed over as a descriptor. */
public final class SocketFd {
    private static final int SOL_SOCKET = 1;
    private static final int SO_ACCEPTCONN = 30;
    private static final int SOCK_CLOEXEC = 0x80000;

    private SocketFd() {
    }

    /**
     * Whether a socket listens, rather than being connected.
     *
     * @throws LinuxException ENOTSOCK for another kind of descriptor, EBADF for none
     */
    public static boolean isListening(Fd fd) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment value = arena.allocate(ValueLayout.JAVA_INT);
            MemorySegment length = arena.allocate(ValueLayout.JAVA_INT);
            length.set(ValueLayout.JAVA_INT, 0, Integer.BYTES);
            long result = fd.syscalls().call(SyscallNumber.GETSOCKOPT, fd.number(), SOL_SOCKET, SO_ACCEPTCONN,
                    value.address(), length.address(), 0);
            if (Syscalls.isError(result)) {
                throw new LinuxException("getsockopt " + fd.name(), (int) -result);
            }
            return value.get(ValueLayout.JAVA_INT, 0) != 0;
        }
    }

    /**
     * Takes the next connection, waiting for one.
     *
     * @throws LinuxException if the kernel refuses
     */
    public static Fd accept(Fd listener) {
        while (true) {
            long result = listener.syscalls().call(SyscallNumber.ACCEPT4, listener.number(), 0, 0, SOCK_CLOEXEC, 0, 0);
            if (!Syscalls.isError(result)) {
                return new Fd(listener.syscalls(), (int) result, "connection of " + listener.name());
            }
            if (result != -Errno.EINTR.code()) {
                throw new LinuxException("accept " + listener.name(), (int) -result);
            }
        }
    }
}

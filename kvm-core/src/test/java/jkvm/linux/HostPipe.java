package jkvm.linux;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/** A {@code pipe2(2)}, for tests that need a host that reads slowly, not at all, or has gone. */
public record HostPipe(Fd readEnd, Fd writeEnd) implements AutoCloseable {
    private static final long PIPE2 = 293;

    public static HostPipe open(Syscalls syscalls) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment fds = arena.allocate(8, 4);
            long result = syscalls.call(PIPE2, fds.address(), 0x80000, 0, 0, 0, 0);
            if (Syscalls.isError(result)) {
                throw new LinuxException("pipe2", (int) -result);
            }
            return new HostPipe(new Fd(syscalls, fds.get(ValueLayout.JAVA_INT, 0), "read end"),
                    new Fd(syscalls, fds.get(ValueLayout.JAVA_INT, 4), "write end"));
        }
    }

    @Override
    public void close() {
        readEnd.close();
        writeEnd.close();
    }
}

package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import org.junit.jupiter.api.Test;

class SignalFdTest {
    private static final long SIGPROCMASK = 14;
    private static final int BLOCK = 0, SET_MASK = 2;

    private final Syscalls syscalls = new FfmSyscalls();

    @Test
    void shouldTakeABlockedSignalOnce() {
        try (Arena arena = Arena.ofConfined(); SignalFd signals = new SignalFd(syscalls, SignalFd.SIGUSR1)) {
            // given
            MemorySegment set = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L << SignalFd.SIGUSR1 - 1);
            MemorySegment before = arena.allocate(ValueLayout.JAVA_LONG);
            assertEquals(0, syscalls.call(SIGPROCMASK, BLOCK, set.address(), before.address(), Long.BYTES, 0, 0));
            try {
                assertFalse(signals.take());

                // when
                assertEquals(0, syscalls.call(SyscallNumber.TGKILL, ProcessHandle.current().pid(),
                        syscalls.call(SyscallNumber.GETTID, 0, 0, 0, 0, 0, 0), SignalFd.SIGUSR1, 0, 0, 0));

                // then
                assertTrue(signals.take());
                assertFalse(signals.take());
            } finally {
                syscalls.call(SIGPROCMASK, SET_MASK, before.address(), 0, Long.BYTES, 0, 0);
            }
        }
    }
}

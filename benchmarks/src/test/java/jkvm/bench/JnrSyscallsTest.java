package jkvm.bench;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jkvm.abi.KvmIoctl;
import jkvm.linux.Errno;
import jkvm.linux.Fd;
import jkvm.linux.InterruptSignal;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import org.junit.jupiter.api.Test;

class JnrSyscallsTest {
    private final JnrSyscalls syscalls = new JnrSyscalls();

    @Test
    void shouldReturnTheKernelsResult() {
        assertEquals(ProcessHandle.current().pid(), syscalls.call(SyscallNumber.GETPID, 0, 0, 0, 0, 0, 0));
    }

    @Test
    void shouldReturnNegatedErrnoOfAFailedIoctl() {
        try (Fd nothing = Fd.open(syscalls, "/dev/null", Fd.O_RDWR)) {
            assertEquals(-Errno.ENOTTY.code(), nothing.tryIoctl(KvmIoctl.GET_API_VERSION.number(), 0));
        }
    }

    @Test
    void shouldNameTheErrnoOfAnAbsentFile() {
        LinuxException e = assertThrows(LinuxException.class, () -> Fd.open(syscalls, "/no/such/file", Fd.O_RDONLY));
        assertEquals(Errno.ENOENT, e.errno());
    }

    @Test
    void shouldInstallTheInterruptingSignal() {
        assertEquals(0, syscalls.installInterruptingSignal(InterruptSignal.NUMBER));
    }
}

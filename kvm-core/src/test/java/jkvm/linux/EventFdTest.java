package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Set;
import org.junit.jupiter.api.Test;

class EventFdTest {

    @Test
    void shouldCountSignalsUntilTheyAreTaken() {
        try (EventFd event = EventFd.nonBlocking(new FfmSyscalls())) {
            assertEquals(0, event.await());
            event.signal();
            event.signal();
            assertEquals(2, event.await());
            assertEquals(0, event.await());
        }
    }

    @Test
    void shouldSignalThoughTheWriteIsInterrupted() {
        FaultySyscalls kernel = FaultySyscalls.over(new FfmSyscalls());
        try (EventFd event = EventFd.nonBlocking(kernel)) {
            kernel.failNext(SyscallNumber.WRITE, Errno.EINTR).failNext(SyscallNumber.WRITE, Errno.EINTR);
            event.signal();
            kernel.failNext(SyscallNumber.READ, Errno.EINTR);
            assertEquals(0, event.await());
            assertEquals(1, event.await());
        }
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    @Test
    void shouldSayThatNoDescriptorIsLeft() {
        FaultySyscalls kernel = FaultySyscalls.pretending().failNext(SyscallNumber.EVENTFD2, Errno.EMFILE);

        LinuxException e = assertThrows(LinuxException.class, () -> EventFd.blocking(kernel));

        assertEquals("eventfd2: EMFILE (too many open files)", e.getMessage());
    }

    @Test
    void shouldRefuseUseAfterClose() {
        EventFd event = EventFd.blocking(new FfmSyscalls());
        event.close();
        event.close();

        assertThrows(IllegalStateException.class, event::signal);
        assertThrows(IllegalStateException.class, event::number);
    }
}

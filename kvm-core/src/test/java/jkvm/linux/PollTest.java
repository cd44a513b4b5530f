package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PollTest {
    private final Syscalls syscalls = new FfmSyscalls();

    @Test
    void shouldReportOnlyWantedEvents() {
        try (EventFd wake = EventFd.nonBlocking(syscalls); Fd zero = Fd.open(syscalls, "/dev/zero", Fd.O_RDWR)) {
            Poll poll = new Poll(zero, wake);
            assertEquals(Poll.IN, poll.await(Poll.IN, Poll.FOREVER));
            assertEquals(Poll.IN | Poll.OUT, poll.await(Poll.IN | Poll.OUT, Poll.FOREVER));
            assertEquals(0, poll.await(0, 0));
        }
    }

    @Test
    void shouldEndTheWaitWhenWokenUntilTheEventIsTaken() {
        try (EventFd wake = EventFd.nonBlocking(syscalls); Fd zero = Fd.open(syscalls, "/dev/zero", Fd.O_RDWR)) {
            Poll poll = new Poll(zero, wake);
            wake.signal();
            assertEquals(0, poll.await(0, Poll.FOREVER));
            assertEquals(0, poll.await(0, Poll.FOREVER));
            assertEquals(1, wake.await());
            assertEquals(0, poll.await(0, 1));
        }
    }

    @Test
    void shouldTellWhetherAnEventIsReadable() {
        try (EventFd event = EventFd.nonBlocking(syscalls)) {
            assertFalse(Poll.isReadable(syscalls, event.number()));
            event.signal();
            assertTrue(Poll.isReadable(syscalls, event.number()));
        }
    }

    @Test
    void shouldReportADescriptorOncePerSignalWhenEdgeTriggered() {
        try (Epoll epoll = Epoll.create(syscalls); EventFd edge = EventFd.nonBlocking(syscalls);
                EventFd level = EventFd.nonBlocking(syscalls)) {
            assertEquals(0, epoll.addEdgeTriggered(edge.number()));
            edge.signal();
            assertEquals(edge.number(), epoll.await());
            assertEquals(0, epoll.add(level.number()));
            level.signal();
            assertEquals(level.number(), epoll.await());
            assertEquals(level.number(), epoll.await());
            assertEquals(0, epoll.remove(level.number()));
            edge.signal();
            assertEquals(edge.number(), epoll.await());
        }
    }

    @Test
    void shouldAnswerANegatedErrnoForADescriptorThatIsNotThere() {
        try (Epoll epoll = Epoll.create(syscalls)) {
            assertEquals(-Errno.EBADF.code(), epoll.add(-1));
        }
    }
}

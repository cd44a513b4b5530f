package jkvm.linux;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FdTest {
    private static final long REQUEST = 0x1234;
    private final FaultySyscalls kernel = FaultySyscalls.pretending();

    @Test
    void shouldCloseTheNumberOnceHoweverOftenItIsClosed() {
        Fd fd = Fd.open(kernel, "/dev/x", Fd.O_RDWR);

        fd.close();
        fd.close();

        assertEquals(1, kernel.calls(SyscallNumber.CLOSE));
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    @Test
    void shouldRefuseUseAfterCloseByName() {
        Fd fd = Fd.open(kernel, "/dev/x", Fd.O_RDWR);
        fd.close();

        assertEquals("/dev/x is closed", assertThrows(IllegalStateException.class, fd::number).getMessage());
        assertThrows(IllegalStateException.class, () -> fd.tryIoctl(REQUEST, 0));
        assertThrows(IllegalStateException.class, () -> fd.read(0, 1));
        assertThrows(IllegalStateException.class, () -> fd.write(0, 1));
        assertEquals(1, kernel.calls(SyscallNumber.CLOSE));
    }

    @Test
    void shouldKeepTheNumberUntilTheLastCallHasReturned() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        CountDownLatch leave = new CountDownLatch(1);
        kernel.onIoctl(REQUEST, (fd, argument) -> {
            entered.countDown();
            await(leave);
            return 7;
        });
        Fd fd = Fd.open(kernel, "/dev/x", Fd.O_RDWR);
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<Long> call = executor.submit(() -> fd.tryIoctl(REQUEST, 0));
            entered.await();

            fd.close();
            assertEquals(0, kernel.calls(SyscallNumber.CLOSE));
            leave.countDown();

            assertEquals(7, call.get());
        }
        assertEquals(1, kernel.calls(SyscallNumber.CLOSE));
        assertEquals(List.of(), kernel.wrongCloses());
    }

    @Test
    void shouldCloseOnceWhenManyThreadsUseAndCloseAtOnce() throws Exception {
        for (int round = 0; round < 200; round++) {
            Fd fd = Fd.open(kernel, "/dev/x", Fd.O_RDWR);
            CountDownLatch start = new CountDownLatch(1);
            try (var executor = Executors.newFixedThreadPool(4)) {
                List<Future<?>> users = IntStream.range(0, 4).<Future<?>>mapToObj(i -> executor.submit(() -> {
                    await(start);
                    try {
                        fd.tryIoctl(REQUEST, 0);
                    } catch (IllegalStateException e) {
                        assertTrue(fd.isClosed());
                    }
                    fd.close();
                })).toList();
                start.countDown();
                for (Future<?> user : users) {
                    user.get();
                }
            }
        }
        assertEquals(200, kernel.calls(SyscallNumber.CLOSE));
        assertEquals(List.of(), kernel.wrongCloses());
        assertEquals(Set.of(), kernel.openDescriptors());
    }

    @Test
    void shouldNameTheCallAndItsErrno() {
        kernel.failNext(SyscallNumber.OPEN, Errno.EACCES);

        LinuxException e = assertThrows(LinuxException.class, () -> Fd.open(kernel, "/dev/x", Fd.O_RDWR));

        assertEquals("open /dev/x: EACCES (permission denied)", e.getMessage());
        assertEquals(Errno.EACCES, e.errno());
    }

    private static void await(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

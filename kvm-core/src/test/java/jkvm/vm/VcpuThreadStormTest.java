package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Many threads that control one vCPU at the same time. */
@OnEachKvm
@Timeout(20)
class VcpuThreadStormTest {
    /** 1: inc ax; jmp 1b. */
    private static final String SPIN = "40 eb fd";
    /** 1: inc ax; out 0x99, al; jmp 1b. */
    private static final String EXITS = "40 e6 99 eb fb";
    private static final int THREADS = 6;
    private static final int REQUESTS = 200;

    private final RecordingHandler handler = new RecordingHandler(reason -> true);

    private final Syscalls kvm;

    VcpuThreadStormTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    private static void together(int threads, Runnable task) throws Exception {
        try (ExecutorService pool = Executors.newFixedThreadPool(threads)) {
            List<Future<?>> all = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                all.add(pool.submit(task));
            }
            for (Future<?> one : all) {
                one.get(15, TimeUnit.SECONDS);
            }
        }
    }

    private void storm(String code) throws Exception {
        try (TinyGuest guest = new TinyGuest(kvm, code)) {
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            together(THREADS, () -> {
                Random random = new Random();
                for (int i = 0; i < REQUESTS; i++) {
                    switch (random.nextInt(4)) {
                        case 0 -> thread.pause();
                        case 1 -> thread.requestPause();
                        case 2 -> thread.start();
                        default -> thread.resume();
                    }
                }
            });

            thread.resume();
            thread.pause();
            long before = guest.vcpu.regs().rax();
            assertTrue(thread.isAlive());
            thread.resume();
            Thread.sleep(20);
            thread.pause();
            assertFalse(before == guest.vcpu.regs().rax(), "the guest goes on");

            together(THREADS, thread::stop);
            assertFalse(thread.isAlive());
        }
        assertEquals(List.of(), handler.failures);
    }

    @Test
    @DisplayName("pauses and resumes from many threads while the guest spins lose none of them")
    void shouldSurviveAStormWhileTheGuestSpins() throws Exception {
        storm(SPIN);
    }

    @Test
    @DisplayName("pauses and resumes from many threads while the guest exits lose none of them")
    void shouldSurviveAStormWhileTheGuestExits() throws Exception {
        storm(EXITS);
    }

    @RepeatedTest(10)
    @DisplayName("the thread ends when stop, pause, start and close come at the same time")
    void shouldEndWhenStoppedPausedStartedAndClosedAtOnce() throws Exception {
        TinyGuest guest = new TinyGuest(kvm, SPIN);
        VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
        List<Runnable> requests = List.of(thread::start, thread::pause, thread::stop, thread::requestPause,
                guest::close, thread::stop, thread::resume, thread::close);
        try (ExecutorService pool = Executors.newFixedThreadPool(requests.size())) {
            List<Future<?>> all = new ArrayList<>();
            requests.forEach(request -> all.add(pool.submit(request)));
            for (Future<?> one : all) {
                one.get(10, TimeUnit.SECONDS);
            }
        }
        assertFalse(thread.isAlive());
        guest.close();
    }
}

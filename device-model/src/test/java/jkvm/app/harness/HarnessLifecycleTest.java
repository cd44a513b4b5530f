package jkvm.app.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import jkvm.app.harness.HarnessResult.End;
import jkvm.linux.Syscalls;
import jkvm.vm.OnEachKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@OnEachKvm
class HarnessLifecycleTest {
    private final Syscalls kvm;

    HarnessLifecycleTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldRunAgainAfterAHalt() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Harness harness = Harness.create(kvm, new SerialConsole(out))) {
            harness.loadPayload(HarnessGuest.image("payload"));
            for (int i = 0; i < 2; i++) {
                harness.enterProtectedMode();
                assertTrue(harness.run().isHalted());
            }
        }
        assertEquals("3232", out.toString(US_ASCII));
    }

    @Test
    void shouldStopFromInsideACallbackOnceTheAccessIsComplete() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        Harness[] running = new Harness[1];
        SerialConsole console = new SerialConsole(out) {
            @Override
            public void outb(int port, int value) {
                super.outb(port, value);
                running[0].stop();
            }
        };
        try (Harness harness = Harness.create(kvm, console)) {
            running[0] = harness;
            harness.loadPayload(HarnessGuest.image("payload"));
            harness.enterProtectedMode();
            assertEquals(End.STOPPED, harness.run().end());
            assertEquals("3", out.toString(US_ASCII));
            assertEquals(End.STOPPED, harness.run().end());
            assertEquals(End.HALTED, harness.run().end());
        }
        assertEquals("32", out.toString(US_ASCII));
    }

    @Test
    @DisplayName("close ends a spinning guest; use after close is refused; closing twice is harmless")
    void shouldEndASpinningGuestOnClose() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public void tryPushInterrupts(Harness harness) {
                entered.countDown();
            }
        };
        Harness harness = Harness.create(kvm, callbacks);
        harness.loadBoot(HarnessGuest.image("spin"));
        harness.enterResetVector();
        try (var executor = Executors.newSingleThreadExecutor()) {
            Future<HarnessResult> run = executor.submit(harness::run);
            assertTrue(entered.await(5, TimeUnit.SECONDS));
            assertThrows(IllegalStateException.class, harness::run);
            long start = System.nanoTime();
            harness.close();
            assertTrue(System.nanoTime() - start < 1_000_000_000L);
            assertEquals(End.STOPPED, run.get(5, TimeUnit.SECONDS).end());
        }
        harness.close();
        harness.stop();
        assertThrows(IllegalStateException.class, harness::run);
    }

    @Test
    @DisplayName("a string output with an enormous count can be stopped in its middle")
    void shouldStopInTheMiddleOfAStringOutput() {
        Harness[] running = new Harness[1];
        int[] bytes = new int[1];
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public void outb(int port, int value) {
                if (++bytes[0] == 10_000) {
                    running[0].stop();
                }
            }
        };
        try (Harness harness = Harness.create(kvm, callbacks)) {
            running[0] = harness;
            harness.loadPayload(HarnessGuest.image("flood"));
            harness.enterProtectedMode();
            assertEquals(End.STOPPED, assertTimeoutPreemptively(Duration.ofSeconds(5), harness::run).end());
            assertTrue(bytes[0] < 20_000, "bytes until the stop: " + bytes[0]);
            assertEquals(0x7FFFFFFF, harness.vcpu().regs().rcx() + bytes[0]);
        }
    }

    @Test
    void shouldFreeTheVmWhenACallbackCloses() {
        Harness[] running = new Harness[1];
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public void outb(int port, int value) {
                running[0].close();
            }
        };
        Harness harness = Harness.create(kvm, callbacks);
        running[0] = harness;
        harness.loadPayload(HarnessGuest.image("payload"));
        harness.enterProtectedMode();
        assertEquals(End.STOPPED, harness.run().end());
        assertThrows(IllegalStateException.class, harness::registers);
    }

    @Test
    void shouldPassOnWhatACallbackThrows() {
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public void outb(int port, int value) {
                throw new UnsupportedOperationException("port " + port);
            }
        };
        assertThrows(UnsupportedOperationException.class, () -> HarnessGuest.runProtected(kvm, callbacks, "payload"));
    }
}

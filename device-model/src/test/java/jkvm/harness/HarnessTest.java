package jkvm.harness;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.function.LongSupplier;
import jkvm.abi.KvmCpuidEntry2;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIoctl;
import jkvm.abi.KvmRun;
import jkvm.harness.HarnessResult.End;
import jkvm.linux.Errno;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.vm.RequiresKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@RequiresKvm
class HarnessTest {

    private static HarnessResult runReal(HarnessCallbacks callbacks, String guest) {
        try (Harness harness = Harness.create(callbacks)) {
            harness.loadBoot(HarnessGuest.image(guest));
            harness.enterResetVector();
            return harness.run();
        }
    }

    private static HarnessResult runProtected(HarnessCallbacks callbacks, String guest) {
        try (Harness harness = Harness.create(callbacks)) {
            harness.loadPayload(HarnessGuest.image(guest));
            harness.enterProtectedMode();
            return harness.run();
        }
    }

    /** Answers reads by a number that the address decides and notes what is written. */
    private static class Recorder implements HarnessCallbacks {
        final List<String> events = new ArrayList<>();
        private int next = 0x11;

        @Override
        public int inb(int port) {
            return port == 0x108 ? next++ : 0xA1;
        }

        @Override
        public int inw(int port) {
            return port == 0x10A ? 0x2200 + next++ : 0xB1B2;
        }

        @Override
        public int inl(int port) {
            return port == 0x10C ? 0x33000000 + next++ : 0xC1C2C3C4;
        }

        @Override
        public void outb(int port, int value) {
            events.add("b %x %x".formatted(port, value));
        }

        @Override
        public void outw(int port, int value) {
            events.add("w %x %x".formatted(port, value));
        }

        @Override
        public void outl(int port, int value) {
            events.add("l %x %x".formatted(port, value));
        }

        @Override
        public long mmioRead(long address, int size) {
            events.add("read %x %d".formatted(address, size));
            return 0x8877665544332211L;
        }

        @Override
        public void mmioWrite(long address, int size, long value) {
            events.add("write %x %d %x".formatted(address, size, value));
        }
    }

    @Test
    void shouldHandlePortsOfEveryWidthAndStringsWithCounts() {
        Recorder recorder = new Recorder();
        assertEquals(End.HALTED, runReal(recorder, "ports").end());
        assertEquals(List.of("b 200 a1", "w 202 b1b2", "l 204 c1c2c3c4",
                "b 208 11", "b 208 12", "b 208 13", "b 208 14", "b 208 15",
                "w 20a 2216", "w 20a 2217", "w 20a 2218",
                "l 20c 33000019", "l 20c 3300001a", "l 20c 3300001b"), recorder.events);
    }

    @Test
    void shouldHandleMemoryAccessesOfOneTwoFourAndEightBytes() {
        Recorder recorder = new Recorder();
        HarnessResult result = runProtected(recorder, "mmio");
        assertEquals(End.HALTED, result.end(), result.report());
        assertEquals(List.of("read d0000000 1", "write d0000008 1 11", "read d0000010 2", "write d0000018 2 2211",
                "read d0000020 4", "write d0000028 4 44332211", "read d0000030 8", "write d0000038 8 8877665544332211"),
                recorder.events);
    }

    @Test
    void shouldEnterAWholeRomAtItsResetVectorAndShowThePayloadAbove() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Harness harness = Harness.create(new SerialConsole(out))) {
            harness.loadBoot(HarnessGuest.image("vector"));
            harness.loadPayload("P".getBytes(US_ASCII));
            harness.enterResetVector();
            assertTrue(harness.registers().contains("CS =f000 000f0000 0000ffff 00009b00"), harness.registers());
            assertTrue(harness.run().isHalted());
        }
        assertEquals("RP", out.toString(US_ASCII));
    }

    @Test
    void shouldRunAgainAfterAHalt() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        try (Harness harness = Harness.create(new SerialConsole(out))) {
            harness.loadPayload(HarnessGuest.image("payload"));
            for (int i = 0; i < 2; i++) {
                harness.enterProtectedMode();
                assertTrue(harness.run().isHalted());
            }
        }
        assertEquals("3232", out.toString(US_ASCII));
    }

    @Test
    void shouldGoOnBehindAHaltThatTheCallbackAccepts() {
        List<String> events = new ArrayList<>();
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean halt(Harness harness) {
                events.add("halt at %x".formatted(harness.vcpu().regs().rip()));
                // Behind the program lies zeroed memory, which is no place to go on: back to its start, once.
                harness.enterProtectedMode();
                return events.size() < 2;
            }
        };
        assertEquals(End.HALTED, runProtected(callbacks, "payload").end());
        assertEquals(List.of("halt at 10000c", "halt at 10000c"), events);
    }

    @Test
    @DisplayName("threat 59: a triple fault ends in a report with registers, the bytes at RIP and advice")
    void shouldReportAShutdown() {
        HarnessResult result = runProtected(new HarnessCallbacks() { }, "shutdown");
        assertEquals(End.SHUTDOWN, result.end());
        assertTrue(result.report().contains("triple fault"), result.report());
        assertTrue(result.report().contains("EFER="), result.report());
        assertTrue(result.report().contains("Code="), result.report());
        assertTrue(result.report().contains("try: "), result.report());
    }

    @Test
    @DisplayName("threat 59: a KVM internal error ends in a report that names the suberror")
    void shouldReportAnInternalError() {
        HarnessResult result = runProtected(new HarnessCallbacks() { }, "wild");
        assertEquals(End.FAILED, result.end());
        assertTrue(result.report().startsWith("vCPU 0: KVM internal error, suberror 1 (emulation failure)"),
                result.report());
        assertTrue(result.report().contains("EIP=d0000000"), result.report());
        assertTrue(result.report().contains("RIP points where there is no memory"), result.report());
    }

    /** A kernel whose first KVM_RUNs return what the test wants. */
    private static final class FaultyRun implements Syscalls {
        private final Syscalls kernel = new FfmSyscalls();
        private final Deque<LongSupplier> results = new ArrayDeque<>();

        @Override
        public long call(long number, long a0, long a1, long a2, long a3, long a4, long a5) {
            boolean isRun = number == SyscallNumber.IOCTL && a1 == KvmIoctl.RUN.number();
            if (isRun && !results.isEmpty()) {
                return results.remove().getAsLong();
            }
            return kernel.call(number, a0, a1, a2, a3, a4, a5);
        }

        @Override
        public long installInterruptingSignal(int signal) {
            return kernel.installInterruptingSignal(signal);
        }
    }

    private static HarnessResult runAfter(Function<Harness, List<LongSupplier>> faults) {
        FaultyRun kernel = new FaultyRun();
        try (Harness harness = Harness.create(kernel, new HarnessCallbacks() { })) {
            harness.loadPayload(HarnessGuest.image("payload"));
            harness.enterProtectedMode();
            kernel.results.addAll(faults.apply(harness));
            return harness.run();
        }
    }

    @Test
    @DisplayName("threat 59: a failed entry ends in a report that explains the hardware's reason")
    void shouldReportAFailedEntry() {
        HarnessResult result = runAfter(harness -> List.of(() -> {
            KvmRun run = harness.vcpu().kvmRun();
            run.data(KvmRun.EXIT_REASON_OFFSET, 4, KvmExit.FAIL_ENTRY);
            run.data(KvmRun.EXIT_OFFSET, 8, 0x80000021L);
            return 0;
        }));
        assertEquals(End.FAILED, result.end());
        assertTrue(result.report().contains("Intel: the guest's state is invalid"), result.report());
        assertTrue(result.report().contains("EIP=00100000"), result.report());
    }

    @Test
    @DisplayName("threat 56: EINTR and EAGAIN from KVM_RUN are no failures")
    void shouldGoOnAfterInterruptedRuns() {
        HarnessResult result = runAfter(harness -> List.of(() -> -Errno.EINTR.code(), () -> -Errno.EAGAIN.code(),
                () -> -Errno.EINTR.code()));
        assertEquals(End.HALTED, result.end());
    }

    @Test
    @DisplayName("threat 59: an errno of KVM_RUN ends in a report")
    void shouldReportAFailedCall() {
        HarnessResult result = runAfter(harness -> List.of(() -> -Errno.EFAULT.code()));
        assertEquals(End.FAILED, result.end());
        assertTrue(result.report().startsWith("vCPU 0: KVM_RUN: EFAULT (bad address)\n"), result.report());
        assertTrue(result.report().contains("EIP=00100000"), result.report());
    }

    @Test
    void shouldCallBackForAShutdownThatTheCallbackMends() {
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean shutdown(Harness harness) {
                harness.loadPayload(HarnessGuest.image("payload"));
                harness.enterProtectedMode();
                return true;
            }
        };
        assertEquals(End.HALTED, runProtected(callbacks, "shutdown").end());
    }

    @Test
    void shouldDeliverAnInterruptWhenTheWindowOpens() {
        List<String> events = new ArrayList<>();
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            private Harness running;

            @Override
            public void tryPushInterrupts(Harness harness) {
                running = harness;
            }

            @Override
            public void outb(int port, int value) {
                events.add("out " + value);
                if (value == 1) {
                    assertFalse(running.isReadyForInterrupt());
                    running.requestInterruptWindow(true);
                }
            }

            @Override
            public void interruptWindow(Harness harness) {
                events.add("window");
                assertTrue(harness.isReadyForInterrupt());
                harness.requestInterruptWindow(false);
                harness.injectInterrupt(0x20);
            }
        };
        HarnessResult result = assertTimeoutPreemptively(Duration.ofSeconds(5), () -> runReal(callbacks, "window"));
        assertEquals(End.HALTED, result.end());
        assertEquals(List.of("out 1", "out 2", "window", "out 3", "out 4"), events);
    }

    @Test
    void shouldCallBackForEachInstructionWhileSingleStepping() {
        List<Long> addresses = new ArrayList<>();
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean debug(Harness harness) {
                long address = harness.vcpu().regs().rip();
                addresses.add(address);
                // The next instruction is HLT, which KVM reports as a step only.
                harness.singleStep(address != 5);
                return addresses.size() < 10;
            }
        };
        try (Harness harness = Harness.create(callbacks)) {
            harness.loadBoot(HarnessGuest.image("step"));
            harness.enterResetVector();
            harness.singleStep(true);
            assertTrue(harness.run().isHalted());
        }
        // The far jump at the vector, then each instruction of the program.
        assertEquals(List.of(0L, 3L, 4L, 5L), addresses);
    }

    @Test
    void shouldEndWhenTheDebugCallbackSaysSo() {
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public boolean debug(Harness harness) {
                return false;
            }
        };
        try (Harness harness = Harness.create(callbacks)) {
            harness.loadBoot(HarnessGuest.image("step"));
            harness.enterResetVector();
            harness.singleStep(true);
            assertEquals(End.DEBUG, harness.run().end());
            harness.singleStep(false);
            assertEquals(End.HALTED, harness.run().end());
        }
    }

    @Test
    void shouldShowTheGuestTheCpuidThatTheCallbackMakes() {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        SerialConsole console = new SerialConsole(out) {
            @Override
            public boolean cpuid(KvmCpuidEntry2 leaf) {
                if (leaf.function() == 0) {
                    leaf.ebx(0x6D766B6A);
                    leaf.edx(0x6D766B6A);
                    leaf.ecx(0x6D766B6A);
                }
                return true;
            }
        };
        assertEquals(End.HALTED, runReal(console, "cpuid").end());
        assertEquals("jkvmjkvmjkvm", out.toString(US_ASCII));
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
        try (Harness harness = Harness.create(console)) {
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
    @DisplayName("threat 60: close ends a spinning guest; use after close is refused; closing twice is harmless")
    void shouldEndASpinningGuestOnClose() throws Exception {
        CountDownLatch entered = new CountDownLatch(1);
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public void tryPushInterrupts(Harness harness) {
                entered.countDown();
            }
        };
        Harness harness = Harness.create(callbacks);
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
    void shouldFreeTheVmWhenACallbackCloses() {
        Harness[] running = new Harness[1];
        HarnessCallbacks callbacks = new HarnessCallbacks() {
            @Override
            public void outb(int port, int value) {
                running[0].close();
            }
        };
        Harness harness = Harness.create(callbacks);
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
        assertThrows(UnsupportedOperationException.class, () -> runProtected(callbacks, "payload"));
    }
}

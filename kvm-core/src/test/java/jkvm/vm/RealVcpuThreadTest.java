package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIoctl;
import jkvm.linux.Errno;
import jkvm.linux.FaultySyscalls;
import jkvm.linux.Syscalls;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@OnEachKvm
@Timeout(20)
class RealVcpuThreadTest {
    /** 1: inc ax; jmp 1b. */
    private static final String SPIN = "40 eb fd";
    /** sti; 1: hlt; jmp 1b. */
    private static final String SLEEP = "fb f4 eb fd";
    /** mov cx, 0xffff; mov dx, 0x99; rep outsb; hlt. */
    private static final String LONG_STRING = "b9 ff ff ba 99 00 f3 6e f4";
    private final RecordingHandler handler = new RecordingHandler(reason -> reason != KvmExit.HLT);

    private final Syscalls kvm;

    RealVcpuThreadTest(Syscalls kvm) {
        this.kvm = kvm;
    }

    @Test
    void shouldStopASpinningGuestWithin100Milliseconds() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(kvm, SPIN)) {
            assertStopsInTime(guest);
            assertNotEquals(0, guest.vcpu.regs().rax());
        }
    }

    @Test
    void shouldStopAGuestThatSleepsInTheKernelWithin100Milliseconds() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(kvm, SLEEP, Vm::createIrqchip)) {
            assertStopsInTime(guest);
        }
    }

    @Test
    void shouldStopALongStringInstructionWithin100Milliseconds() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(kvm, LONG_STRING)) {
            assertStopsInTime(guest);
        }
    }

    @Test
    void shouldStopASecondaryVcpuThatWaitsForItsInitWithin100Milliseconds() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(kvm, SLEEP, Vm::createIrqchip)) {
            assertStopsInTime(guest.vm.createVcpu(1));
        }
    }

    private void assertStopsInTime(TinyGuest guest) throws InterruptedException {
        assertStopsInTime(guest.vcpu);
    }

    private void assertStopsInTime(Vcpu vcpu) throws InterruptedException {
        VcpuThread thread = new VcpuThread(vcpu, handler, "vcpu");
        thread.start();
        Thread.sleep(50);
        long start = System.nanoTime();

        thread.stop();

        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 100, millis + " ms");
        assertFalse(thread.isAlive());
        assertEquals(List.of(), handler.failures);
    }

    @Test
    void shouldKeepRegistersStillWhilePausedAndGoOnAfterwards() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(kvm, SPIN)) {
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            thread.pause();
            long rax = guest.vcpu.regs().rax();
            Thread.sleep(10);
            assertEquals(rax, guest.vcpu.regs().rax());

            thread.resume();
            Thread.sleep(30);
            thread.pause();

            assertNotEquals(rax, guest.vcpu.regs().rax());
            thread.stop();
        }
    }

    @Test
    @DisplayName("closing the VM takes a vCPU out of KVM_RUN before it frees guest memory")
    void shouldTakeTheVcpuOutBeforeMemoryIsFreed() throws InterruptedException {
        TinyGuest guest = new TinyGuest(kvm, SPIN);
        VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
        thread.start();
        Thread.sleep(20);

        guest.close();
        thread.join();

        assertEquals("vCPU 0 is closed", handler.failures.getFirst().getMessage());
        assertThrows(IllegalStateException.class, () -> guest.memory.readByte(0));
        assertThrows(IllegalStateException.class, () -> guest.vcpu.regs());
        assertThrows(IllegalStateException.class, () -> guest.vm.createVcpu(1));
        guest.vcpu.interrupt();
        guest.close();
    }

    @Test
    void shouldRunGarbageCollectionsWhileTheGuestSpins() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(kvm, SPIN)) {
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            Thread.sleep(20);

            System.gc();

            thread.stop();
            assertEquals(List.of(), handler.failures);
        }
    }

    @Test
    void shouldCompleteAPortReadBeforeItIsPaused() {
        // in al, 0x10; hlt
        try (TinyGuest guest = new TinyGuest(kvm, "e4 10 f4")) {
            VcpuThread[] self = new VcpuThread[1];
            self[0] = new VcpuThread(guest.vcpu, new ExitHandler() {
                @Override
                public boolean handle(Vcpu vcpu, int reason) {
                    if (reason == KvmExit.IO) {
                        vcpu.kvmRun().data(vcpu.kvmRun().ioDataOffset(), 1, 0x5a);
                        self[0].requestPause();
                    }
                    return handler.handle(vcpu, reason);
                }

                @Override
                public void failed(Vcpu vcpu, RuntimeException cause) {
                    handler.failed(vcpu, cause);
                }
            }, "vcpu");
            self[0].start();
            VcpuThreadTest.await(() -> !handler.reasons.isEmpty());
            self[0].pause();

            assertEquals(0x5a, guest.vcpu.regs().rax());
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.regs().rip());
            self[0].resume();
            self[0].join();
            assertEquals(List.of(KvmExit.IO, KvmExit.HLT), handler.reasons);
        }
    }

    @Test
    @DisplayName("EINTR and EAGAIN between a real guest's exits lose no exit")
    void shouldLoseNoExitToInterruptions() {
        FaultySyscalls kernel = FaultySyscalls.over(kvm);
        long run = KvmIoctl.RUN.number();
        // out 0x10, al; out 0x11, al; hlt
        try (TinyGuest guest = new TinyGuest(kernel, "e6 10 e6 11 f4", vm -> { })) {
            kernel.failNextIoctl(run, Errno.EINTR).failNextIoctl(run, Errno.EAGAIN).failNextIoctl(run, Errno.EINTR);
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            thread.join();

            assertEquals(List.of(KvmExit.IO, KvmExit.IO, KvmExit.HLT), handler.reasons);
        }
        assertEquals(Set.of(), kernel.openDescriptors());
    }
}

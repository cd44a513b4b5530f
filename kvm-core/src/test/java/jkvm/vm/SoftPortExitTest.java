package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.concurrent.atomic.AtomicBoolean;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmRun;
import jkvm.linux.FfmSyscalls;
import jkvm.soft.kvm.SoftKvm;
import jkvm.work.Threads;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Port exits of the KVM in Java. */
@Timeout(30)
class SoftPortExitTest {
    private static final int ROUNDS = 20;
    private static final int EXITS = 50_000;
    private static final int GSI = 5;

    @Test
    void shouldExitOncePerPortWriteWithItsValue() {
        // mov al, 0x5a; out 0x10, al; inc ax; out 0x11, ax
        try (TinyGuest guest = new TinyGuest(new SoftKvm(new FfmSyscalls()), "b0 5a e6 10 40 e7 11")) {
            guest.runTo(KvmExit.IO);
            assertPortWrite(guest, 0x10, 1, 0x5a);
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.regs().rip(), "still at the instruction");

            guest.runTo(KvmExit.IO);

            assertPortWrite(guest, 0x11, 2, 0x5b);
        }
    }

    @Test
    void shouldExitOncePerPortWriteHoweverManyInterruptsCome() {
        // sti; 1: inc bx; mov ax, bx; out 0x10, ax; jmp 1b
        try (TinyGuest guest = new TinyGuest(new SoftKvm(new FfmSyscalls()), "fb 43 89 d8 e7 10 eb f9", vm -> {
            vm.createIrqchip();
            KvmIrqchip pic = vm.interrupts().irqchip(KvmIrqchip.PIC_MASTER);
            pic.pic().irqBase(0x20);
            pic.pic().autoEoi(1);
            pic.pic().imr(0);
            vm.interrupts().irqchip(pic);
        })) {
            // iret
            guest.handle(0x20 + GSI, "cf");
            AtomicBoolean ended = new AtomicBoolean();
            Thread device = Thread.ofPlatform().start(() -> {
                while (!ended.get()) {
                    guest.vm.irqLine(GSI, true);
                    guest.vm.irqLine(GSI, false);
                }
            });
            try {
                for (int i = 1; i <= EXITS; i++) {
                    runOut(guest, 1);
                    assertPortWrite(guest, 0x10, 2, i & 0xFFFF);
                }
            } finally {
                ended.set(true);
                Threads.join(device);
            }
        }
    }

    @Test
    void shouldAllocateNothingForAPortExit() {
        // 1: out 0x10, al; jmp 1b
        try (TinyGuest guest = new TinyGuest(new SoftKvm(new FfmSyscalls()), "e6 10 eb fc")) {
            ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
            long least = Long.MAX_VALUE;
            for (int round = 0; round < ROUNDS && least != 0; round++) {
                long before = threads.getCurrentThreadAllocatedBytes();
                runOut(guest, EXITS);
                least = Math.min(least, threads.getCurrentThreadAllocatedBytes() - before);
            }

            assertEquals(0, least, "bytes for " + EXITS + " exits, in the best round");
        }
    }

    private static void runOut(TinyGuest guest, int count) {
        for (int i = 0; i < count; i++) {
            if (guest.vcpu.run() != KvmExit.IO) {
                throw new AssertionError(guest.vcpu.kvmRun().exitReason());
            }
        }
    }

    private static void assertPortWrite(TinyGuest guest, int port, int size, long value) {
        KvmRun run = guest.vcpu.kvmRun();
        assertTrue(run.isIoOut());
        assertEquals(port, run.ioPort());
        assertEquals(size, run.ioSize());
        assertEquals(1, run.ioCount());
        assertEquals(value, run.data(run.ioDataOffset(), size));
    }
}

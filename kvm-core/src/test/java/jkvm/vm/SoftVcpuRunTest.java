package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmGuestDebug;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.Errno;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.LinuxException;
import jkvm.linux.SyscallNumber;
import jkvm.linux.Syscalls;
import jkvm.soft.kvm.SoftKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** KVM_RUN of the KVM in Java: what a kernel's KVM does at the corners of the protocol. */
@Timeout(30)
class SoftVcpuRunTest {
    private static final int EINTR = -Errno.EINTR.code();
    /** Above the guest's memory, by segment FFFF in DS. */
    private static final String DS_FFFF = "b8 ff ff 8e d8 ";
    private static final long ABOVE = 0xFFFF0;

    private final Syscalls soft = new SoftKvm(new FfmSyscalls());

    private static void keepFirstMegabyte(TinyGuest guest) {
        guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
        guest.vm.setMemoryRegion(0, 0, 0, 0x10_0000, guest.memory.regions().getFirst().hostAddress());
    }

    /** The exits up to HLT, each in a few words; what is read is the number of the exit. */
    private static List<String> exits(TinyGuest guest) {
        List<String> exits = new ArrayList<>();
        KvmRun run = guest.vcpu.kvmRun();
        while (exits.size() < 50) {
            int reason = guest.vcpu.run();
            if (reason == KvmExit.IO) {
                exits.add("%s %x %dx%d".formatted(run.isIoOut() ? "out" : "in", run.ioPort(), run.ioSize(),
                        run.ioCount()));
                for (int i = 0; !run.isIoOut() && i < run.ioCount(); i++) {
                    run.data(run.ioDataOffset() + (long) i * run.ioSize(), run.ioSize(), i + 1);
                }
            } else if (reason == KvmExit.MMIO) {
                exits.add("%s %x/%d %x".formatted(run.isMmioWrite() ? "write" : "read", run.mmioAddress(),
                        run.mmioSize(), run.isMmioWrite() ? run.data(KvmRun.MMIO_DATA_OFFSET, run.mmioSize()) : 0));
                if (!run.isMmioWrite()) {
                    run.data(KvmRun.MMIO_DATA_OFFSET, run.mmioSize(), 0x40 + exits.size());
                }
            } else {
                exits.add(KvmExit.name(reason));
                return exits;
            }
        }
        return exits;
    }

    @Test
    void shouldCompleteAReadBeforeItLooksAtImmediateExit() {
        // in al, 0x10; hlt
        try (TinyGuest guest = new TinyGuest(soft, "e4 10 f4")) {
            guest.runTo(KvmExit.IO);
            guest.vcpu.kvmRun().data(guest.vcpu.kvmRun().ioDataOffset(), 1, 0x77);
            guest.vcpu.interrupt();

            assertEquals(EINTR, guest.vcpu.run());

            assertEquals(0x77, guest.vcpu.regs().rax());
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.regs().rip());
            assertEquals(KvmExit.IO, guest.vcpu.kvmRun().exitReason(), "untouched");
        }
    }

    @Test
    void shouldDropTheAnswerWhereUserSpaceHasMovedRip() {
        // in al, 0x10; hlt; at +3: mov al, 1; hlt
        try (TinyGuest guest = new TinyGuest(soft, "e4 10 f4 b0 01 f4")) {
            guest.runTo(KvmExit.IO);
            guest.vcpu.kvmRun().data(guest.vcpu.kvmRun().ioDataOffset(), 1, 0x77);
            KvmRegs regs = guest.vcpu.regs();
            regs.rip(TinyGuest.CODE + 3);
            guest.vcpu.regs(regs);

            guest.runTo(KvmExit.HLT);

            assertEquals(1, guest.vcpu.regs().rax());
        }
    }

    @Test
    void shouldLoseAReadOfMmioWhereUserSpaceHasSetTheRegisters() {
        // mov al, [0x1000] above the memory; hlt
        try (TinyGuest guest = new TinyGuest(soft, DS_FFFF + "a0 10 00 f4")) {
            keepFirstMegabyte(guest);
            guest.runTo(KvmExit.MMIO);
            KvmRegs regs = guest.vcpu.regs();
            guest.vcpu.regs(regs);
            guest.vcpu.kvmRun().data(KvmRun.MMIO_DATA_OFFSET, 1, 0x77);

            guest.runTo(KvmExit.HLT);

            assertEquals(0xFFFF, guest.vcpu.regs().rax(), "as it was before the read");
            assertEquals(TinyGuest.CODE + 9, guest.vcpu.regs().rip());
        }
    }

    @Test
    void shouldExitOncePerItemOfOutsWithTheRegistersMoved() {
        // mov si, 0x3000; mov cx, 3; mov dx, 0x99; rep outsb; hlt
        try (TinyGuest guest = new TinyGuest(soft, "be 00 30 b9 03 00 ba 99 00 f3 6e f4")) {
            guest.runTo(KvmExit.IO);
            assertEquals(2, guest.vcpu.regs().rcx());
            assertEquals(0x3001, guest.vcpu.regs().rsi());
            assertEquals(List.of("out 99 1x1", "out 99 1x1", "HLT"), exits(guest));
        }
    }

    @Test
    void shouldBatchInsUpToTheEndOfThePageAndMoveTheRegistersAtCompletion() {
        // mov di, 0x3f00; mov cx, 3000; mov dx, 0x99; rep insb; hlt
        try (TinyGuest guest = new TinyGuest(soft, "bf 00 3f b9 b8 0b ba 99 00 f3 6c f4")) {
            assertEquals(List.of("in 99 1x256", "in 99 1x1024", "in 99 1x1024", "in 99 1x696", "HLT"), exits(guest));
            assertEquals(0, guest.vcpu.regs().rcx());
            assertEquals(0x3f00 + 3000, guest.vcpu.regs().rdi());
            assertEquals(2, guest.memory.readByte(0x3f01));
        }
        // The same with words and with DF=1: std; rep insw
        try (TinyGuest guest = new TinyGuest(soft, "bf 00 3f b9 90 01 ba 99 00 f3 6d f4")) {
            assertEquals(List.of("in 99 2x256", "in 99 2x144", "HLT"), exits(guest));
        }
        try (TinyGuest guest = new TinyGuest(soft, "fd bf 10 40 b9 20 00 ba 99 00 f3 6c f4")) {
            assertEquals(List.of("in 99 1x16", "in 99 1x1", "in 99 1x15", "HLT"), exits(guest));
        }
    }

    @Test
    void shouldNotExitForAnEmptyString() {
        try (TinyGuest guest = new TinyGuest(soft, "b9 00 00 ba 99 00 f3 6e f3 6c f4")) {
            assertEquals(List.of("HLT"), exits(guest));
        }
    }

    @Test
    void shouldPackWhatInsStoresIntoMmio() {
        // mov ax, 0xffff; mov es, ax; mov di, 0x20; mov cx, 20; mov dx, 0x99; rep insb; hlt
        try (TinyGuest guest = new TinyGuest(soft, "b8 ff ff 8e c0 bf 20 00 b9 14 00 ba 99 00 f3 6c f4")) {
            keepFirstMegabyte(guest);
            assertEquals(List.of("in 99 1x20", "write 100010/8 807060504030201", "write 100018/8 100f0e0d0c0b0a09",
                    "write 100020/4 14131211", "HLT"), exits(guest));
        }
    }

    @Test
    void shouldReadThenWriteWhatAnInstructionChangesInMmio() {
        // add byte [0x10], 1; xchg [0x20], al; push word [0x30]; hlt
        try (TinyGuest guest = new TinyGuest(soft, DS_FFFF + "80 06 10 00 01 86 06 20 00 ff 36 30 00 f4")) {
            keepFirstMegabyte(guest);
            assertEquals(List.of("read 100000/1 0", "write 100000/1 42", "read 100010/1 0", "write 100010/1 ff",
                    "read 100020/2 0", "HLT"), exits(guest));
            assertEquals(0xFF43, guest.vcpu.regs().rax());
            assertEquals(0x45, guest.memory.readByte(TinyGuest.STACK - 2));
        }
    }

    @Test
    void shouldHaveRipPastAWriteToMmioAndAtARead() {
        // mov [0x10], al; mov al, [0x10]; hlt
        try (TinyGuest guest = new TinyGuest(soft, DS_FFFF + "a2 10 00 a0 10 00 f4")) {
            keepFirstMegabyte(guest);
            guest.runTo(KvmExit.MMIO);
            assertEquals(TinyGuest.CODE + 8, guest.vcpu.regs().rip());
            guest.runTo(KvmExit.MMIO);
            assertEquals(TinyGuest.CODE + 8, guest.vcpu.regs().rip());
        }
    }

    @Test
    void shouldSplitAnAccessAtTheEndOfAPage() {
        // mov eax, [0x100e] and mov [0x100e], eax: the page ends two bytes later
        try (TinyGuest guest = new TinyGuest(soft, DS_FFFF + "66 a1 0e 10 66 a3 0e 10 f4")) {
            keepFirstMegabyte(guest);
            assertEquals(List.of("read 100ffe/2 0", "read 101000/2 0", "write 100ffe/2 41", "write 101000/2 42", "HLT"),
                    exits(guest));
            assertEquals(0x0042_0041, guest.vcpu.regs().rax());
        }
    }

    @Test
    void shouldRefuseToRunWithoutMemoryAndWithABadCr8() {
        try (Kvm kvm = Kvm.open(soft); Vm vm = kvm.createVm()) {
            assertEquals(-Errno.ENOSPC.code(), vm.createVcpu(0).run());
        }
        try (TinyGuest guest = new TinyGuest(soft, "f4")) {
            guest.vcpu.kvmRun().cr8(16);
            assertEquals(-Errno.EINVAL.code(), guest.vcpu.run());
            guest.vcpu.kvmRun().cr8(5);
            guest.runTo(KvmExit.HLT);
            assertEquals(5, guest.vcpu.sregs().cr8());
            assertEquals(0xFEE0_0900L, guest.vcpu.kvmRun().apicBase());
        }
    }

    @Test
    void shouldReportAnInternalErrorForCodeFromNowhere() {
        try (TinyGuest guest = new TinyGuest(soft, "f4")) {
            KvmRegs regs = guest.vcpu.regs();
            regs.rip(0xFFF0);
            KvmSregs sregs = guest.vcpu.sregs();
            sregs.cs().base(0xFFFF_0000L);
            guest.vcpu.sregs(sregs);
            guest.vcpu.regs(regs);

            guest.runTo(KvmExit.INTERNAL_ERROR);

            assertEquals(1, guest.vcpu.kvmRun().internalSuberror());
            assertEquals(6, guest.vcpu.kvmRun().internalNdata());
            assertEquals(0, guest.vcpu.kvmRun().emulationFlags());
            assertEquals(0x400, guest.vcpu.kvmRun().internalData(1));
            assertEquals(0xFFF0, guest.vcpu.regs().rip());
            assertEquals(6, guest.vcpu.events().exceptionNr());
        }
    }

    @Test
    void shouldResetTheVcpuAtATripleFault() {
        // lidt [limit 0]; int 3
        try (TinyGuest guest = new TinyGuest(soft, "0f 01 1e 00 30 cc")) {
            guest.runTo(KvmExit.SHUTDOWN);

            KvmRegs regs = guest.vcpu.regs();
            assertEquals(0xFFF0, regs.rip());
            assertEquals(0, regs.rax());
            assertEquals(0, guest.vcpu.sregs().cr4());
            assertEquals(0x6000_0010, guest.vcpu.sregs().cr0());
        }
    }

    @Test
    void shouldOpenTheInterruptWindowOneInstructionAfterStiButHaltFirst() {
        // sti; inc ax; inc ax; hlt
        try (TinyGuest guest = new TinyGuest(soft, "fb 40 40 f4")) {
            guest.vcpu.kvmRun().requestInterruptWindow(true);
            guest.runTo(KvmExit.IRQ_WINDOW_OPEN);
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.regs().rip());
            guest.runTo(KvmExit.IRQ_WINDOW_OPEN);
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.regs().rip(), "each time");
        }
        // sti; hlt
        try (TinyGuest guest = new TinyGuest(soft, "fb f4")) {
            guest.vcpu.kvmRun().requestInterruptWindow(true);
            guest.runTo(KvmExit.HLT);
            assertTrue(guest.vcpu.kvmRun().isReadyForInterruptInjection());
            assertTrue(guest.vcpu.kvmRun().isInterruptFlagSet());
        }
    }

    @Test
    void shouldInjectAnInterruptThoughTheGuestHasThemOff() {
        try (TinyGuest guest = new TinyGuest(soft, "90 f4")) {
            guest.handle(0x33, "e6 10");
            guest.vcpu.injectInterrupt(0x44);
            guest.vcpu.injectInterrupt(0x33);
            assertEquals(0x33, guest.vcpu.events().interruptNr());
            guest.runTo(KvmExit.IO);
        }
    }

    @Test
    @DisplayName("KVM_RUN fails with EFAULT while the host has no memory for a slot, and the guest goes on afterwards")
    void shouldFailWithEfaultWhereTheHostHasNoMemoryAndGoOnWhenItHas() {
        // mov [0x3000], al; mov al, [0x3000]; hlt
        try (TinyGuest guest = new TinyGuest(soft, "b0 5a a2 00 30 a0 00 30 f4")) {
            long page = guest.memory.regions().getFirst().hostAddress() + 0x3000;
            soft.call(SyscallNumber.MPROTECT, page, 4096, 1, 0, 0, 0);

            assertEquals(-Errno.EFAULT.code(), guest.vcpu.run());
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.regs().rip());

            soft.call(SyscallNumber.MPROTECT, page, 4096, 3, 0, 0, 0);
            guest.runTo(KvmExit.HLT);
            assertEquals(0x5a, guest.vcpu.regs().rax());
        }
    }

    @Test
    void shouldExitBeforeTheDirtyRingIsFullAndAgainUntilItIsReset() {
        // mov bx, 0; 1: mov [bx], al with DS going up by a page each time
        String code = "31 db 8e db 88 07 81 c3 00 01 eb f6";
        try (TinyGuest guest = new TinyGuest(soft, code, vm -> vm.dirtyLog().enableRings(256))) {
            DirtyRing ring = guest.vm.dirtyLog().ring(guest.vcpu);
            guest.vm.setMemoryRegion(0, KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES, 0, TinyGuest.MEMORY_SIZE,
                    guest.memory.regions().getFirst().hostAddress());

            guest.runTo(KvmExit.DIRTY_RING_FULL);
            guest.runTo(KvmExit.DIRTY_RING_FULL);

            int collected = ring.collect((slot, page) -> { });
            assertTrue(collected >= 192 && collected <= 256, collected + " entries");
            assertEquals(collected, guest.vm.dirtyLog().resetRings());
            guest.vcpu.interrupt();
            assertEquals(EINTR, guest.vcpu.run());
        }
    }

    @Test
    void shouldRefuseUnknownSharedRegisters() {
        try (TinyGuest guest = new TinyGuest(soft, "f4")) {
            guest.vcpu.kvmRun().validRegs(8);
            assertEquals(-Errno.EINVAL.code(), guest.vcpu.run());
            guest.vcpu.kvmRun().validRegs(1);
            guest.vcpu.kvmRun().syncRegs().rax(0x1234);
            guest.vcpu.kvmRun().syncRegs().rip(TinyGuest.CODE);
            guest.vcpu.kvmRun().dirtyRegs(1);
            guest.runTo(KvmExit.HLT);
            assertEquals(0x1234, guest.vcpu.regs().rax());
            assertEquals(0, guest.vcpu.kvmRun().dirtyRegs());
        }
    }

    @Test
    void shouldStepWithTheShadowOfStiAsOneAndTellItsDebugRegisters() {
        // sti; inc ax; inc ax
        try (TinyGuest guest = new TinyGuest(soft, "fb 40 40")) {
            KvmGuestDebug debug = new KvmGuestDebug();
            debug.control(3);
            guest.vcpu.guestDebug(debug);
            guest.runTo(KvmExit.DEBUG);
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.kvmRun().debugPc());
            assertEquals(0xFFFF_4FF0L, guest.vcpu.kvmRun().debugDr6());
            assertEquals(0x400, guest.vcpu.kvmRun().debugDr7());
            assertFalse((guest.vcpu.regs().rflags() & 0x100) != 0);
        }
    }

    @Test
    void shouldFinishTheStepOfAPortWriteAtItsCompletion() {
        try (TinyGuest guest = new TinyGuest(soft, "e6 10 40")) {
            KvmGuestDebug debug = new KvmGuestDebug();
            debug.control(3);
            guest.vcpu.guestDebug(debug);
            guest.runTo(KvmExit.IO);
            guest.runTo(KvmExit.DEBUG);
            assertEquals(TinyGuest.CODE + 2, guest.vcpu.kvmRun().debugPc());
        }
    }

    @Test
    void shouldRefuseASecondBreakpointToInject() {
        try (TinyGuest guest = new TinyGuest(soft, "f4")) {
            KvmGuestDebug debug = new KvmGuestDebug();
            debug.control(1 | KvmGuestDebug.INJECT_BP);
            guest.vcpu.guestDebug(debug);
            LinuxException refused = assertThrows(LinuxException.class,
                    () -> guest.vcpu.guestDebug(debug));
            assertEquals(Errno.EBUSY, refused.errno());
        }
    }
}

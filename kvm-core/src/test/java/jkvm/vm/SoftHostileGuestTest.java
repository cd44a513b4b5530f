package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmMpState;
import jkvm.abi.KvmRegs;
import jkvm.abi.KvmRun;
import jkvm.abi.KvmSregs;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Mapping;
import jkvm.linux.Syscalls;
import jkvm.soft.kvm.SoftKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Guests and user space that pull memory from under each other's feet, on the KVM in Java. */
@Timeout(60)
class SoftHostileGuestTest {
    private static final long PAGE = 4096;
    private static final int ROUNDS = 200;
    /** 1: mov [0x3000], al; inc ax; mov bx, [0x3000]; jmp 1b. */
    private static final String TOUCHES = "a2 00 30 40 8b 1e 00 30 eb f6";

    private final Syscalls soft = new SoftKvm(new FfmSyscalls());
    private final AtomicInteger mmioExits = new AtomicInteger();
    /** Memory that is not there is MMIO: its exits are counted, and the guest goes on. */
    private final RecordingHandler handler = new RecordingHandler(reason -> {
        mmioExits.incrementAndGet();
        return reason == KvmExit.MMIO;
    });

    private static void stopInTime(VcpuThread thread) {
        long start = System.nanoTime();
        thread.stop();
        long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        assertTrue(millis < 1_000, millis + " ms");
    }

    @Test
    @DisplayName("a running vCPU writes nothing to a memory slot that is deleted, moved or made read-only")
    void shouldSurviveSlotsThatComeAndGoUnderARunningGuest() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(soft, TOUCHES)) {
            long host = guest.memory.regions().getFirst().hostAddress();
            guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
            guest.vm.setMemoryRegion(0, 0, 0, 0x3000, host);
            guest.vm.setMemoryRegion(1, 0, 0x3000, PAGE, host + 0x3000);
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            for (int round = 0; round < ROUNDS; round++) {
                guest.vm.setMemoryRegion(1, 0, 0x3000, 0, 0);
                int before = mmioExits.get();
                guest.memory.writeInt(0x3000, 0x5555);
                if (round % 20 == 0) {
                    VcpuThreadTest.await(() -> mmioExits.get() > before);
                }
                assertEquals(0x5555, guest.memory.readInt(0x3000), "nobody writes what the guest has lost");
                guest.vm.setMemoryRegion(1, KvmUserspaceMemoryRegion.READONLY, 0x3000, PAGE, host + 0x3000);
                assertEquals(0x5555, guest.memory.readInt(0x3000), "nor what it may only read");
                guest.vm.setMemoryRegion(1, 0, 0x3000, 0, 0);
                guest.vm.setMemoryRegion(1, 0, 0x3000, PAGE, host + 0x3000);
                guest.vm.setMemoryRegion(1, 0, 0x8000, PAGE, host + 0x3000);
                guest.vm.setMemoryRegion(1, 0, 0x3000, PAGE, host + 0x3000);
                Thread.sleep(0, 100_000);
            }
            stopInTime(thread);
            assertEquals(List.of(), handler.failures);
        }
    }

    @Test
    @DisplayName("revoking a slot's memory under a running vCPU ends KVM_RUN with EFAULT at worst")
    void shouldSurviveMemoryThatIsRevokedAndRestoredUnderARunningGuest() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(soft, TOUCHES)) {
            var page = guest.memory.regions().getFirst().segment().asSlice(0x3000, PAGE);
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            for (int round = 0; round < ROUNDS; round++) {
                // Between the two calls the guest may fail with EFAULT: then the thread has ended, and that is right.
                Mapping.revokeAndRestore(soft, page);
            }
            Thread.sleep(20);
            thread.stop();
            assertTrue(handler.failures.stream().allMatch(e -> e.getMessage().startsWith("KVM_RUN: EFAULT")),
                    handler.failures::toString);
        }
    }

    @Test
    void shouldLogEveryPageThatARunningGuestWritesWhileTheLogIsRead() throws InterruptedException {
        // 1: inc word [0x3000]; jmp 1b
        try (TinyGuest guest = new TinyGuest(soft, "ff 06 00 30 eb fa")) {
            guest.vm.setMemoryRegion(0, KvmUserspaceMemoryRegion.LOG_DIRTY_PAGES, 0, TinyGuest.MEMORY_SIZE,
                    guest.memory.regions().getFirst().hostAddress());
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            Thread.sleep(20);
            int copy = 0;
            for (int round = 0; round < ROUNDS; round++) {
                boolean dirty = (guest.vm.dirtyLog().get(0, 512)[0] & 1L << 3) != 0;
                copy = dirty ? guest.memory.readInt(0x3000) : copy;
            }
            thread.stop();
            boolean dirty = (guest.vm.dirtyLog().get(0, 512)[0] & 1L << 3) != 0;
            assertTrue(dirty || copy == guest.memory.readInt(0x3000), "what was written last is marked or copied");
        }
    }

    @Test
    @DisplayName("every instruction that can touch memory may touch MMIO, and the guest stays usable")
    void shouldExitOrGoOnForMmioByEveryOpcode() {
        try (TinyGuest guest = new TinyGuest(soft, "f4")) {
            guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
            guest.vm.setMemoryRegion(0, 0, 0, 0x10_0000, guest.memory.regions().getFirst().hostAddress());
            for (int map = 0; map < 2; map++) {
                for (int opcode = 0; opcode < 256; opcode++) {
                    for (int reg = 0; reg < 8; reg++) {
                        execute(guest, map, opcode, reg);
                    }
                }
            }
            // The guest still runs.
            guest.load(TinyGuest.CODE, "f4");
            restart(guest);
            guest.runTo(KvmExit.HLT);
        }
    }

    /** One instruction with DS:[0ffe] as its operand, across the end of a page of MMIO. */
    private static void execute(TinyGuest guest, int map, int opcode, int reg) {
        String code = "%s%02x %02x fe 0f f4 f4 f4 f4 f4 f4".formatted(map == 1 ? "0f " : "", opcode, 0x06 | reg << 3);
        guest.load(TinyGuest.CODE, code);
        restart(guest);
        for (int exits = 0; exits < 12; exits++) {
            // A guest whose instruction jumps elsewhere does not end by itself.
            Thread watchdog = exits < 11 ? null : Thread.ofVirtual().start(guest.vcpu::interrupt);
            int reason = guest.vcpu.run();
            if (watchdog != null || reason != KvmExit.MMIO && reason != KvmExit.IO) {
                break;
            }
            KvmRun run = guest.vcpu.kvmRun();
            if (reason == KvmExit.MMIO) {
                assertTrue(run.mmioSize() >= 1 && run.mmioSize() <= 8, () -> code + ": " + run.mmioSize());
            }
        }
        guest.vcpu.interrupt();
        guest.vcpu.run();
        guest.vcpu.clearInterrupt();
    }

    private static void restart(TinyGuest guest) {
        for (int vector = 0; vector < 256; vector++) {
            guest.memory.writeInt(vector * 4L, TinyGuest.HANDLER);
        }
        guest.load(TinyGuest.HANDLER, "f4");
        KvmSregs sregs = guest.vcpu.sregs();
        sregs.cr0(0x10);
        sregs.cr4(0);
        sregs.cs().base(0);
        sregs.cs().selector(0);
        sregs.ss().base(0);
        sregs.ds().base(0x10_0000);
        sregs.es().base(0);
        sregs.idt().base(0);
        sregs.idt().limit(0x3ff);
        guest.vcpu.sregs(sregs);
        KvmRegs regs = new KvmRegs();
        regs.rip(TinyGuest.CODE);
        regs.rsp(TinyGuest.STACK);
        regs.rcx(2);
        regs.rdi(0x4000);
        regs.rsi(0xffe);
        regs.rflags(2);
        guest.vcpu.regs(regs);
    }

    @Test
    void shouldStartASecondVcpuByInitAndStartUpInterrupt() throws InterruptedException {
        try (TinyGuest guest = new TinyGuest(soft, "f4", Vm::createIrqchip)) {
            Vcpu second = guest.vm.createVcpu(1);
            assertEquals(KvmMpState.UNINITIALIZED, second.mpState().mpState());
            // The second one: out 0x77, al
            guest.load(0x5000, "e6 77");
            VcpuThread thread = new VcpuThread(second, handler, "second");
            thread.start();
            // The first one enables its APIC and sends INIT and a start-up interrupt to all others.
            String apic = "66 67 c7 05 f0 00 e0 fe ff 01 00 00 66 67 c7 05 00 03 e0 fe 00 45 0c 00 "
                    + "66 67 c7 05 00 03 e0 fe 05 46 0c 00 e6 10";
            guest.load(TinyGuest.CODE, apic);
            KvmSregs sregs = guest.vcpu.sregs();
            sregs.ds().limit(-1);
            guest.vcpu.sregs(sregs);
            guest.runTo(KvmExit.IO);
            assertEquals(0x10, guest.vcpu.kvmRun().ioPort());

            VcpuThreadTest.await(() -> !handler.reasons.isEmpty());

            thread.join();
            assertEquals(List.of(KvmExit.IO), handler.reasons);
            assertEquals(0x500, second.sregs().cs().selector());
        }
    }
}

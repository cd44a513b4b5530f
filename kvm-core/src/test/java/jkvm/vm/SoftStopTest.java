package jkvm.vm;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Stream;
import jkvm.abi.KvmExit;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmUserspaceMemoryRegion;
import jkvm.linux.FfmSyscalls;
import jkvm.linux.Syscalls;
import jkvm.soft.kvm.SoftKvm;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A guest that does not want to stop, on the KVM in Java: whatever it does, a kick ends KVM_RUN within 100 ms, and a
 * change of memory slots does not wait longer for it. The guest is interpreted and compiled.
 */
@Timeout(60)
class SoftStopTest {
    private static final long PROMISE_MILLIS = 100;
    private static final int KICKS = 9, CHANGES = 5, ROUNDS = 20;
    /** Long enough for a guest's code to become hot and to be compiled. */
    private static final int WARM_UP_MILLIS = 150, PAUSE_MILLIS = 4;
    private static final long HOT = 10_000_000;
    private static final int PIC_LINE = 5, PIC_BASE = 0x20;
    private static final String COMPILER = "soft-compiler";
    private static final String SPIN = "48 ff c0 eb fb";

    /** @param prepare gives the guest what it needs beside its code, until its VM is closed */
    private record Stubborn(String name, String code, Consumer<Vm> beforeVcpu, Consumer<LongModeGuest> prepare) {
        private Stubborn(String name, String code) {
            this(name, code, vm -> { }, guest -> { });
        }
    }

    private static Stream<Stubborn> stubborn() {
        return Stream.of(
                // 1: inc rax; jmp 1b
                new Stubborn("spins", SPIN),
                // 1: mov rsi, 0x140200000; mov rdi, 0xc0200000; mov ecx, 0x80000000; rep movsb; jmp 1b
                new Stubborn("copies 2 GiB by REP MOVSB", "48 be 00 00 20 40 01 00 00 00 48 bf 00 00 20 c0 00 00 00 00 "
                        + "b9 00 00 00 80 f3 a4 eb e3"),
                // 1: mov edi, 0x200000; mov ecx, 0x80000000; mov al, 1; repne scasb; jmp 1b
                new Stubborn("searches 2 GiB by REPNE SCASB", "bf 00 00 20 00 b9 00 00 00 80 b0 01 f2 ae eb f0"),
                // ud2, with a handler that is ud2
                new Stubborn("faults in the handlers of its faults", "0f 0b", vm -> { }, guest -> {
                    guest.gate(6, LongModeGuest.HANDLER);
                    guest.load(LongModeGuest.HANDLER, "0f 0b");
                }),
                // ud2, with a handler where no page is, and a handler of page faults there too
                new Stubborn("has handlers where nothing is", "0f 0b", vm -> { }, guest -> {
                    guest.gate(6, LongModeGuest.NOTHING);
                    guest.gate(14, LongModeGuest.NOTHING);
                }),
                // 1: mov [0x3fc00000], eax; jmp 1b
                new Stubborn("writes MMIO to an ioeventfd", "89 04 25 00 00 c0 3f eb f7", vm -> { }, guest ->
                        guest.vm.ioEvents().add(guest.event(), Doorbell.memory(LongModeGuest.MMIO_PHYSICAL, 4))),
                // 1: in al, 0x21; jmp 1b
                new Stubborn("polls a port of the PIC", "e4 21 eb fc", Vm::createIrqchip, guest -> { }),
                // 1: hlt; jmp 1b
                new Stubborn("halts without interrupts", "f4 eb fd", Vm::createIrqchip, guest -> { }),
                // sti; 1: inc rax; jmp 1b; handler: iretq, of a line that stays up
                new Stubborn("is stormed by interrupts", "fb " + SPIN, Vm::createIrqchip, SoftStopTest::storm),
                // 1: mov byte [rip], 0x90 (the nop that follows); nop; jmp 1b
                new Stubborn("rewrites its code", "c6 05 00 00 00 00 90 90 eb f6"),
                // 1: mov rax, cr3; mov cr3, rax; jmp 1b
                new Stubborn("flushes its TLB", "0f 20 d8 0f 22 d8 eb f8"));
    }

    private static void storm(LongModeGuest guest) {
        KvmIrqchip pic = guest.vm.interrupts().irqchip(KvmIrqchip.PIC_MASTER);
        pic.pic().irqBase(PIC_BASE);
        pic.pic().elcr(1 << PIC_LINE);
        pic.pic().autoEoi(1);
        guest.vm.interrupts().irqchip(pic);
        guest.gate(PIC_BASE + PIC_LINE, LongModeGuest.HANDLER);
        guest.load(LongModeGuest.HANDLER, "48 cf");
        guest.vm.irqLine(PIC_LINE, true);
    }

    private static Stream<Arguments> guests() {
        return stubborn().flatMap(one -> Stream.of(Arguments.of(one.name, true, one),
                Arguments.of(one.name, false, one)));
    }

    private static long millis(Runnable action) {
        long start = System.nanoTime();
        action.run();
        return (System.nanoTime() - start) / 1_000_000;
    }

    private static void assertPrompt(TestReporter reporter, String what, long[] millis) {
        Arrays.sort(millis);
        reporter.publishEntry(what, "median %d ms, worst %d ms".formatted(millis[KICKS / 2], millis[KICKS - 1]));
        assertTrue(millis[KICKS / 2] <= PROMISE_MILLIS, () -> what + ", ms: " + Arrays.toString(millis));
    }

    @ParameterizedTest(name = "{0}, compiled: {1}")
    @DisplayName("a guest stops within 100 ms whatever it does, in a storm of interrupts too")
    @MethodSource("guests")
    void shouldStopAndLetSlotsChangeWithinTheTimePromised(String name, boolean compiles, Stubborn stubborn,
            TestReporter reporter) throws InterruptedException {
        RecordingHandler handler = new RecordingHandler(reason -> false);
        Syscalls soft = new SoftKvm(new FfmSyscalls(), compiles);
        try (LongModeGuest guest = new LongModeGuest(soft, stubborn.code, stubborn.beforeVcpu)) {
            // given
            stubborn.prepare.accept(guest);
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            Thread.sleep(WARM_UP_MILLIS);
            long[] kicks = new long[KICKS];
            long[] changes = new long[KICKS];

            // when
            for (int i = 0; i < KICKS; i++) {
                kicks[i] = millis(thread::pause);
                thread.resume();
                Thread.sleep(PAUSE_MILLIS);
                changes[i] = millis(() -> changeSlots(guest)) / CHANGES;
            }
            boolean alive = thread.isAlive();
            thread.stop();

            // then
            assertTrue(alive, () -> "it has exited: " + handler.reasons);
            assertEquals(List.of(), handler.failures);
            assertPrompt(reporter, "pauses", kicks);
            assertPrompt(reporter, "changes of a slot", changes);
        }
    }

    /** Adds, moves and deletes one, and makes one read-only, all of them beside what the guest uses. */
    private static void changeSlots(LongModeGuest guest) {
        long host = guest.memory.regions().getFirst().hostAddress();
        guest.vm.setMemoryRegion(7, 0, 0x1000_0000, 0x1000, host);
        guest.vm.setMemoryRegion(7, 0, 0x2000_0000, 0x1000, host);
        guest.vm.setMemoryRegion(7, 0, 0x2000_0000, 0, host);
        guest.vm.setMemoryRegion(8, KvmUserspaceMemoryRegion.READONLY, 0x3000_0000, 0x1000, host);
        guest.vm.setMemoryRegion(8, KvmUserspaceMemoryRegion.READONLY, 0x3000_0000, 0, host);
    }

    @ParameterizedTest(name = "compiled: {0}")
    @ValueSource(booleans = {true, false})
    @DisplayName("hot code writes nothing to a memory slot that is deleted, moved or made read-only")
    void shouldNotTouchWhatASlotHasLostThoughItsCodeIsHot(boolean compiles) throws InterruptedException {
        AtomicInteger exits = new AtomicInteger();
        RecordingHandler handler = new RecordingHandler(reason -> exits.incrementAndGet() > 0
                && reason == KvmExit.MMIO);
        // 1: mov [0x200000], eax; inc eax; mov ebx, [0x200000]; jmp 1b
        String touches = "89 04 25 00 00 20 00 ff c0 8b 1c 25 00 00 20 00 eb ee";
        try (LongModeGuest guest = new LongModeGuest(new SoftKvm(new FfmSyscalls(), compiles), touches, vm -> { })) {
            // given a guest that writes to a slot of its own
            long host = guest.memory.regions().getFirst().hostAddress();
            int data = LongModeGuest.DATA;
            guest.vm.setMemoryRegion(0, 0, 0, 0, 0);
            guest.vm.setMemoryRegion(0, 0, 0, data, host);
            guest.vm.setMemoryRegion(1, 0, data, data, host + data);
            VcpuThread thread = new VcpuThread(guest.vcpu, handler, "vcpu");
            thread.start();
            Thread.sleep(WARM_UP_MILLIS);
            for (int round = 0; round < ROUNDS; round++) {
                // when it is deleted, when it comes back to be read only, and when it is moved
                guest.vm.setMemoryRegion(1, 0, data, 0, 0);
                assertLost(guest, exits, round);
                guest.vm.setMemoryRegion(1, KvmUserspaceMemoryRegion.READONLY, data, data, host + data);
                assertLost(guest, exits, round);
                guest.vm.setMemoryRegion(1, 0, data, 0, 0);
                guest.vm.setMemoryRegion(1, 0, data, data, host + data);
                Thread.sleep(1);
                guest.vm.setMemoryRegion(1, 0, 4L * data, data, host + data);
                assertLost(guest, exits, round);
                guest.vm.setMemoryRegion(1, 0, data, data, host + data);
                Thread.sleep(1);
            }
            thread.stop();
            assertEquals(List.of(), handler.failures);
        }
    }

    /** Nobody writes what the guest has lost: its accesses are exits. */
    private static void assertLost(LongModeGuest guest, AtomicInteger exits, int value) {
        guest.memory.writeInt(LongModeGuest.DATA, value);
        int before = exits.get();
        VcpuThreadTest.await(() -> exits.get() > before);
        assertEquals(value, guest.memory.readInt(LongModeGuest.DATA));
    }

    private static long compilers() {
        return Thread.getAllStackTraces().keySet().stream().filter(thread -> thread.getName().equals(COMPILER)).count();
    }

    /** How often the guest has gone round; each look stops it. */
    private static long rounds(VcpuThread thread) {
        thread.pause();
        long rounds = thread.vcpu().regs().rax();
        thread.resume();
        return rounds;
    }

    /**
     * Runs hot code.
     *
     * @return how many compilers that has started
     */
    private static long compilersOfHotCode(boolean compiles) {
        long before = compilers();
        try (LongModeGuest guest = new LongModeGuest(new SoftKvm(new FfmSyscalls(), compiles), SPIN, vm -> { })) {
            VcpuThread thread = new VcpuThread(guest.vcpu, new RecordingHandler(reason -> false), "vcpu");
            thread.start();
            VcpuThreadTest.await(() -> rounds(thread) > HOT);
            thread.stop();
            return compilers() - before;
        }
    }

    @Test
    void shouldCompileNothingWhereItInterpretsOnly() {
        assertEquals(0, compilersOfHotCode(false));
        assertEquals(1, compilersOfHotCode(true), "where it compiles");
    }
}

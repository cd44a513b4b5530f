package jkvm.soft.litmus;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import jkvm.abi.KvmRegs;
import jkvm.vm.Vcpu;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Locked instructions of several vCPUs on one operand are atomic, wherever it lies: aligned, inside an aligned word of
 * 8 bytes, across the end of one, of a cache line and of a page.
 */
@Timeout(300)
class LockedCountersTest {
    private static final boolean LONG = Boolean.getBoolean("jkvm.long");
    private static final int STEPS = LONG ? 2_000_000 : 10_000, VCPUS = LONG ? 4 : 2;
    private static final long MEETING = 0x20_0000, PAGE = 0x30_0000;
    private static final int[] PLACES = {0x100, 0x102, 0x106, 0x13E, 0xFFE};
    /** From a guard to what it guards. */
    private static final int GUARDED = 256;
    private static final int FREE = 0x8000_0000;

    @ParameterizedTest
    @EnumSource
    void shouldLoseNoStepOfInterpretedCode(LockedInstruction kind) throws Exception {
        count(kind, false);
    }

    @ParameterizedTest
    @EnumSource
    void shouldLoseNoStepOfCompiledCode(LockedInstruction kind) throws Exception {
        count(kind, true);
    }

    private static void count(LockedInstruction kind, boolean compiles) throws Exception {
        try (SmpGuest guest = new SmpGuest("counters.bin", compiles);
                var threads = Executors.newFixedThreadPool(VCPUS)) {
            List<Vcpu> vcpus = new ArrayList<>();
            for (int i = 0; i < VCPUS; i++) {
                vcpus.add(guest.vm.createVcpu(i));
            }
            for (int place : PLACES) {
                boolean possible = kind.size < 16 || (place & 15) == 0;
                if (possible) {
                    count(guest, vcpus, threads::submit, kind, PAGE + place);
                }
            }
        }
    }

    private interface Pool {
        Future<?> submit(Runnable work);
    }

    private static void count(SmpGuest guest, List<Vcpu> vcpus, Pool threads, LockedInstruction kind, long counter)
            throws Exception {
        guest.memory.fill(PAGE, 0x2000, (byte) 0);
        guest.memory.writeInt(MEETING, 0);
        if (kind == LockedInstruction.BTR) {
            guest.memory.writeInt(counter, FREE);
        }
        List<Future<?>> running = new ArrayList<>();
        for (Vcpu vcpu : vcpus) {
            running.add(threads.submit(() -> run(guest, vcpu, kind, counter)));
        }
        for (Future<?> vcpu : running) {
            vcpu.get();
        }

        long mask = kind.size < 8 ? (1L << 8 * kind.size) - 1 : -1;
        long steps = (long) STEPS * VCPUS & mask;
        long value = guest.memory.readLong(kind.isGuard() ? counter + GUARDED : counter);
        String what = kind + " at " + Long.toHexString(counter);
        assertEquals(steps, value, what);
        if (kind == LockedInstruction.CMPXCHG16B) {
            assertEquals(steps, guest.memory.readLong(counter + 8), what);
        }
    }

    private static void run(SmpGuest guest, Vcpu vcpu, LockedInstruction kind, long counter) {
        SmpGuest.enter(vcpu, true);
        KvmRegs regs = new KvmRegs();
        regs.rip(guest.entry(kind.ordinal()));
        regs.rdi(counter);
        regs.rsi(STEPS);
        regs.r8(MEETING);
        regs.r9(VCPUS);
        SmpGuest.runToEnd(vcpu, regs);
    }
}

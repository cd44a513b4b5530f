package jkvm.soft.cpu;

import static jkvm.soft.cpu.DescriptorFixture.*;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Random;
import jkvm.soft.mmu.GuestException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class FarTransfersTest {
    private final DescriptorFixture f = new DescriptorFixture();
    private final Cpu cpu = f.cpu;

    @AfterEach
    void close() {
        f.close();
    }

    private void callGate(int selector, long offset, int access, int parameters) {
        f.put64(GDT + GATE, gateValue(selector, offset, access) | (long) parameters << 32);
        f.put64(GDT + GATE + 8, 0);
    }

    @Test
    void shouldJumpToASixteenBitSegment() {
        f.kernel();

        FarTransfers.jump(cpu, CODE_16, 0x1234, 0);

        assertEquals(0x1234, cpu.rip);
        assertEquals(0x10000, cpu.segments[Segment.CS].base);
        assertEquals(0x9B, f.get64(GDT + CODE_16) >>> 40 & 0xFF);
        expect(13, 0, () -> FarTransfers.jump(cpu, CODE_16, 0x10000, 0));
    }

    @Test
    @DisplayName("far jumps to what they may not reach fault with the selector")
    void shouldRefuseWrongTargets() {
        f.user();

        expect(13, 0, () -> FarTransfers.jump(cpu, 3, 0, 0));
        expect(13, CODE_0, () -> FarTransfers.jump(cpu, CODE_0, 0, 0));
        expect(13, DATA_3 & ~3, () -> FarTransfers.jump(cpu, DATA_3, 0, 0));
        expect(13, 0xA0, () -> FarTransfers.jump(cpu, 0xA0, 0, 0));
        expect(13, 0x0C, () -> FarTransfers.jump(cpu, 0x0F, 0, 0));
        expect(13, LOCAL, () -> FarTransfers.jump(cpu, LOCAL, 0, 0));
        expect(13, TASK, () -> FarTransfers.jump(cpu, TASK, 0, 0));
        f.kernel();
        expect(11, ABSENT, () -> FarTransfers.jump(cpu, ABSENT, 0, 0));
        expect(13, CODE_3 & ~3, () -> FarTransfers.jump(cpu, CODE_3, 0, 0));
        assertEquals(START, cpu.rip);
    }

    @Test
    void shouldKeepThePrivilegeInAConformingSegment() {
        f.user();

        FarTransfers.jump(cpu, CONFORMING, HANDLER, 0);

        assertEquals(CONFORMING | 3, f.selector(Segment.CS));
        assertEquals(3, cpu.cpl);
    }

    @Test
    void shouldCopyParametersThroughACallGate() {
        f.user();
        callGate(CODE_0, HANDLER, CALL_GATE | 0x60, 2);
        f.put32(STACK_3, 0x11);
        f.put32(STACK_3 + 4, 0x22);

        FarTransfers.call(cpu, GATE | 3, 0xDEAD, 4, START + 7);

        long stack = cpu.r[Cpu.RSP];
        assertEquals(STACK_0 - 24, stack);
        assertEquals(HANDLER, cpu.rip);
        assertEquals(0, cpu.cpl);
        assertEquals(START + 7, f.get32(stack));
        assertEquals(CODE_3, f.get32(stack + 4));
        assertEquals(0x11, f.get32(stack + 8));
        assertEquals(0x22, f.get32(stack + 12));
        assertEquals(STACK_3, f.get32(stack + 16));
        assertEquals(DATA_3, f.get32(stack + 20));
        CpuMode.refresh(cpu);
        Segments.load(cpu, Segment.DS, DATA_0);
        FarTransfers.ret(cpu, 4, 8);
        assertEquals(3, cpu.cpl);
        assertEquals(STACK_3 + 8, cpu.r[Cpu.RSP]);
        assertEquals(START + 7, cpu.rip);
        assertTrue(cpu.segments[Segment.DS].unusable);
        assertFalse(cpu.segments[Segment.ES].unusable);
    }

    @Test
    @DisplayName("call gates of each wrong kind fault and change nothing")
    void shouldRefuseWrongCallGates() {
        f.user();
        callGate(CODE_0, HANDLER, CALL_GATE, 0);
        expect(13, GATE, () -> FarTransfers.call(cpu, GATE | 3, 0, 4, 0));
        callGate(CODE_0, HANDLER, 0x6C, 0);
        expect(11, GATE, () -> FarTransfers.call(cpu, GATE | 3, 0, 4, 0));
        callGate(0, HANDLER, 0xEC, 0);
        expect(13, 0, () -> FarTransfers.call(cpu, GATE | 3, 0, 4, 0));
        callGate(DATA_0, HANDLER, 0xEC, 0);
        expect(13, DATA_0, () -> FarTransfers.call(cpu, GATE | 3, 0, 4, 0));
        callGate(ABSENT, HANDLER, 0xEC, 0);
        expect(11, ABSENT, () -> FarTransfers.call(cpu, GATE | 3, 0, 4, 0));
        callGate(CODE_0, HANDLER, 0xEC, 0);
        expect(13, CODE_0, () -> FarTransfers.jump(cpu, GATE | 3, 0, 0));
        f.put32(TSS + 8, 0);
        expect(10, 0, () -> FarTransfers.call(cpu, GATE | 3, 0, 4, 0));
        assertEquals(3, cpu.cpl);
        assertEquals(STACK_3, cpu.r[Cpu.RSP]);
        assertEquals(START, cpu.rip);
    }

    @Test
    void shouldReturnToVirtual8086Mode() {
        f.kernel();
        int[] frame = {0x77, 0x1000, 0x202 | Cpu.VM, 0x88, 0x2000, 0x3000, 0x4000, 0x5000, 0x6000};
        cpu.r[Cpu.RSP] = STACK_0 - 36;
        for (int i = 0; i < frame.length; i++) {
            f.put32(STACK_0 - 36 + 4 * i, frame[i]);
        }

        InterruptReturn.execute(cpu, 4, 0);

        assertEquals(0x77, cpu.rip);
        assertEquals(0x10000, cpu.segments[Segment.CS].base);
        assertEquals(0x20000, cpu.segments[Segment.SS].base);
        assertEquals(0x60000, cpu.segments[Segment.GS].base);
        assertEquals(0x88, cpu.r[Cpu.RSP]);
        assertEquals(3, cpu.cpl);
        assertEquals(0xFFFF, cpu.segments[Segment.DS].limit);
    }

    @Test
    void shouldNotLetTheUserChangePrivilegedFlagsByReturning() {
        f.user();
        cpu.r[Cpu.RSP] = STACK_3 - 12;
        f.put32(STACK_3 - 12, START + 1);
        f.put32(STACK_3 - 8, CODE_3);
        f.put32(STACK_3 - 4, Cpu.IOPL | Cpu.VM | Cpu.CF | Cpu.AC);

        InterruptReturn.execute(cpu, 4, 0);

        assertEquals(0x202 | Cpu.CF | Cpu.AC, Flags.all(cpu));
    }

    @Test
    @DisplayName("returns to an inner level and with wrong stacks fault")
    void shouldRefuseWrongReturns() {
        f.user();
        f.put32(STACK_3, START);
        f.put32(STACK_3 + 4, CODE_0);
        expect(13, CODE_0, () -> FarTransfers.ret(cpu, 4, 0));
        expect(13, CODE_0, () -> InterruptReturn.execute(cpu, 4, 0));
        f.kernel();
        long stack = cpu.r[Cpu.RSP];
        f.put32(stack, START);
        f.put32(stack + 4, CODE_3);
        f.put32(stack + 12, DATA_0);
        expect(13, DATA_0, () -> FarTransfers.ret(cpu, 4, 0));
        f.put32(stack + 12, 0);
        expect(13, 0, () -> FarTransfers.ret(cpu, 4, 0));
        cpu.segments[Segment.SS].limit = stack + 5;
        expect(12, 0, () -> FarTransfers.ret(cpu, 4, 0));
        assertEquals(0, cpu.cpl);
        assertEquals(stack, cpu.r[Cpu.RSP]);
    }

    @Test
    void shouldGoBetweenCompatibilityAndLongMode() {
        f.longMode();
        cpu.r[Cpu.RSP] = STACK_0 - 0x200;
        FarTransfers.jump(cpu, CODE_0, HANDLER, 0);
        CpuMode.refresh(cpu);
        assertFalse(CpuMode.is64(cpu));

        callGate(CODE_64, HANDLER + 4, CALL_GATE, 0);
        FarTransfers.call(cpu, GATE, 0, 4, START);
        CpuMode.refresh(cpu);

        assertTrue(CpuMode.is64(cpu));
        assertEquals(STACK_0 - 0x210, cpu.r[Cpu.RSP]);
        assertEquals(START, f.get64(STACK_0 - 0x210));
        callGate(CODE_0, HANDLER, CALL_GATE, 0);
        expect(13, CODE_0, () -> FarTransfers.call(cpu, GATE, 0, 8, START));
        f.put64(GDT + GATE + 8, 1L << 40);
        expect(13, GATE, () -> FarTransfers.call(cpu, GATE, 0, 8, START));
        expect(13, OTHER_TASK, () -> FarTransfers.jump(cpu, OTHER_TASK, 0, 0));
    }

    @Test
    void shouldSwitchTasksThereAndBack() {
        f.kernel();
        newTask();
        cpu.r[Cpu.RBX] = 0x1234;

        FarTransfers.call(cpu, OTHER_TASK, 0, 4, START + 7);

        assertEquals(HANDLER, cpu.rip);
        assertEquals(0xB0B, cpu.r[Cpu.RBX]);
        assertEquals(OTHER_TASK, f.selector(Segment.TR));
        assertEquals(TASK, f.get16(OTHER_TSS));
        assertEquals(START + 7, f.get32(TSS + 0x20));
        assertEquals(0x1234, f.get32(TSS + 0x34));
        assertTrue((cpu.systemFlags & Cpu.NT) != 0);
        assertTrue((cpu.cr0 & Cpu.CR0_TS) != 0);
        assertEquals(0x8B, f.get64(GDT + OTHER_TASK) >>> 40 & 0xFF);
        f.descriptor(TASK, TSS, 0x67, 0x8B);
        InterruptReturn.execute(cpu, 4, HANDLER + 1);
        assertEquals(START + 7, cpu.rip);
        assertEquals(0x1234, cpu.r[Cpu.RBX]);
        assertEquals(0x89, f.get64(GDT + OTHER_TASK) >>> 40 & 0xFF);
        assertEquals(0, f.get32(OTHER_TSS + 0x24) & Cpu.NT);
    }

    private void newTask() {
        f.put32(OTHER_TSS + 0x20, HANDLER);
        f.put32(OTHER_TSS + 0x24, 2);
        f.put32(OTHER_TSS + 0x34, 0xB0B);
        f.put32(OTHER_TSS + 0x38, STACK_0);
        for (int i = 0; i < 6; i++) {
            f.put32(OTHER_TSS + 0x48 + 4 * i, i == 1 ? CODE_0 : DATA_0);
        }
    }

    @Test
    @DisplayName("task switches of each wrong kind fault, in the old task or in the new one")
    void shouldRefuseWrongTasks() {
        f.kernel();
        newTask();
        f.descriptor(OTHER_TASK, OTHER_TSS, 0x67, 0x8B);
        expect(13, OTHER_TASK, () -> FarTransfers.jump(cpu, OTHER_TASK, 0, 0));
        f.descriptor(OTHER_TASK, OTHER_TSS, 0x67, 0x09);
        expect(11, OTHER_TASK, () -> FarTransfers.jump(cpu, OTHER_TASK, 0, 0));
        f.descriptor(OTHER_TASK, OTHER_TSS, 0x66, 0x89);
        expect(10, OTHER_TASK, () -> FarTransfers.jump(cpu, OTHER_TASK, 0, 0));
        cpu.systemFlags |= Cpu.NT;
        f.put16(TSS, OTHER_TASK);
        expect(10, OTHER_TASK, () -> InterruptReturn.execute(cpu, 4, 0));
        assertEquals(TASK, f.selector(Segment.TR));
        cpu.systemFlags &= ~Cpu.NT;
        f.descriptor(OTHER_TASK, OTHER_TSS, 0x67, 0x89);
        f.put32(OTHER_TSS + 0x50, DATA_3);
        f.gate(10, CODE_0, HANDLER + 0xA, INTERRUPT_GATE);
        FarTransfers.jump(cpu, OTHER_TASK, 0, 0);
        // SS of the new task is wrong, so that its #TS has no stack: double fault without a gate, shutdown.
        assertEquals(ExitCause.SHUTDOWN, cpu.exit);
        assertEquals(OTHER_TASK, f.selector(Segment.TR));
    }

    @Test
    @DisplayName("random descriptors give a transfer, a fault or shutdown, never another exception")
    void shouldSurviveRandomDescriptors() {
        Random random = new Random(64);
        int faults = 0;
        for (int round = 0; round < 20_000; round++) {
            scramble(random);
            try {
                int selector = random.nextInt(0xA0);
                switch (random.nextInt(6)) {
                    case 0 -> FarTransfers.jump(cpu, selector, random.nextInt() & 0xFFFFFFFFL, START);
                    case 1 -> FarTransfers.call(cpu, selector, random.nextInt() & 0xFFFFFFFFL, 4, START);
                    case 2 -> FarTransfers.ret(cpu, 4, random.nextInt(64));
                    case 3 -> InterruptReturn.execute(cpu, 2 << random.nextInt(2), START);
                    case 4 -> Segments.load(cpu, random.nextInt(6), selector);
                    default -> faults += Delivery.interrupt(cpu, random.nextInt(256)) == ExitCause.SHUTDOWN ? 1 : 0;
                }
            } catch (GuestException | jkvm.soft.mmu.Interruption e) {
                faults++;
            }
        }
        assertTrue(faults > 1000 && faults < 20_000, "faults: " + faults);
    }

    private void scramble(Random random) {
        f.machine.flat32();
        cpu.gdtLimit = 0x9F;
        for (int i = 0; i < 20; i++) {
            int base = random.nextInt(0x300000);
            f.descriptor(8 * random.nextInt(20), base, random.nextInt(0x100000), random.nextInt(0x10000) | 0x80);
        }
        for (int i = 0; i < 256; i++) {
            f.gate(i, random.nextInt(0xA0), random.nextInt(), random.nextInt(256) | 0x80);
        }
        for (int i = 0; i < 64; i++) {
            f.put32(TSS + 4 * i, random.nextInt(0xA0));
            f.put32(STACK_3 + 4 * i, random.nextInt(0xA0));
            f.put32(STACK_0 - 0x100 + 4 * i, random.nextInt(0xA0));
        }
        cpu.segments[Segment.TR].set(TASK, TSS, 0x67, random.nextBoolean() ? 0x8B : 0x83);
        if (random.nextBoolean()) {
            f.user();
        } else {
            f.kernel();
        }
        if (random.nextInt(4) == 0) {
            f.vm86();
        }
        cpu.systemFlags |= random.nextInt() & (Cpu.NT | Cpu.IOPL);
    }
}

package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmLapicState;
import org.junit.jupiter.api.Test;

class LapicTest {
    private static final int BASE = 0xFEE00000;
    private static final int ENABLED = 0x1FF;
    private static final long X2APIC_BASE = 0xFEE00D00L;
    private final JavaChips chips = new JavaChips();
    private final Lapic boot = chips.lapics[0];
    private final Lapic other = chips.lapics[1];
    private final long[] result = new long[1];

    private void enable(Lapic lapic) {
        lapic.writeMmio(0xFEE000F0L, 4, ENABLED);
    }

    private void enableX2Apic(Lapic lapic) {
        lapic.setFeatures(true, true, 40);
        assertTrue(lapic.setApicBase(lapic.apicBase() | 0x400, true));
        assertTrue(lapic.writeMsr(0x80F, ENABLED));
    }

    private long readMsr(Lapic lapic, int index) {
        assertTrue(lapic.readMsr(index, result));
        return result[0];
    }

    @Test
    void shouldResetAsKvmDoes() {
        KvmLapicState state = new KvmLapicState();
        other.read(state);
        assertEquals(1 << 24, state.register(0x20));
        assertEquals(0x50014, state.register(0x30));
        assertEquals(-1, state.register(0xE0));
        assertEquals(0xFF, state.register(0xF0));
        assertEquals(0x10000, state.register(0x350));
        boot.read(state);
        assertEquals(0x700, state.register(0x350));
        assertEquals(0xFEE00900L, boot.apicBase());
        assertEquals(0xFEE00800L, other.apicBase());
    }

    @Test
    void shouldAnswerOnlyAccessesInsideOneRegister() {
        assertEquals(0x50014, boot.readMmio(0xFEE00030L, 4));
        assertEquals(5, boot.readMmio(0xFEE00032L, 1));
        assertEquals(0, boot.readMmio(0xFEE00030L, 8));
        assertEquals(0, boot.readMmio(0xFEE00032L, 4));
        assertEquals(0, boot.readMmio(0xFEE00034L, 4));
        assertEquals(0, boot.readMmio(0xFEE00400L, 4));
        boot.writeMmio(0xFEE00080L, 1, 0xFF);
        assertEquals(0, boot.readMmio(0xFEE00080L, 4));
        boot.writeMmio(0xFEE00080L, 4, -1);
        assertEquals(0xF0, boot.readMmio(0xFEE00080L, 4));
        boot.writeMmio(0xFEE000E0L, 4, 0);
        assertEquals(0x0FFFFFFF, boot.readMmio(0xFEE000E0L, 4));
    }

    @Test
    void shouldMoveItsPageAndReadAllOnesWhileSwitchedOff() {
        assertTrue(boot.setApicBase(0xFEF00900L, true));
        assertFalse(boot.handlesMmio(0xFEE00030L));
        assertEquals(0x50014, boot.readMmio(0xFEF00030L, 4));
        assertTrue(boot.setApicBase(0xFEF00100L, true));
        assertTrue(boot.handlesMmio(0xFEF00030L));
        assertEquals(0xFFFFFFFFL, boot.readMmio(0xFEF00030L, 4));
        assertEquals(-1, boot.readMmio(0xFEF00030L, 8));
    }

    @Test
    void shouldChangeModesOnlyAsTheManualPermits() {
        assertFalse(boot.setApicBase(X2APIC_BASE, true), "CPUID does not offer it");
        boot.setFeatures(true, true, 40);
        assertFalse(boot.setApicBase(0xFEE00500L, true), "x2APIC without enable");
        assertFalse(boot.setApicBase(1L << 40 | 0x900, true), "no such physical address");
        assertTrue(boot.setApicBase(X2APIC_BASE, true));
        assertFalse(boot.setApicBase(0xFEE00900L, true), "back to xAPIC");
        assertTrue(boot.setApicBase(0xFEE00100L, true));
        assertFalse(boot.setApicBase(X2APIC_BASE, true), "from off to x2APIC");
        assertTrue(boot.setApicBase(X2APIC_BASE, false), "user space may");
    }

    @Test
    void shouldHaveRegistersInMsrsAsAnX2Apic() {
        assertFalse(other.readMsr(0x802, result), "xAPIC mode");
        enableX2Apic(other);
        assertEquals(1, readMsr(other, 0x802));
        assertEquals(2, readMsr(other, 0x80D));
        assertEquals(0xFFFFFFFFL, other.readMmio(0xFEE00020L, 4));
        assertFalse(other.readMsr(0x80E, result), "no destination format");
        assertFalse(other.readMsr(0x80B, result), "EOI");
        assertFalse(other.writeMsr(0x802, 1), "read-only");
        assertFalse(other.writeMsr(0x808, 1L << 32));
        assertFalse(other.writeMsr(0x828, 1));
        assertTrue(other.writeMsr(0x83F, 0x42));
        assertEquals(0x42, other.acknowledge());
        assertTrue(other.writeMsr(0x80B, 0));
    }

    @Test
    void shouldSendTo32BitIdsAsAnX2Apic() {
        enableX2Apic(boot);
        enableX2Apic(other);
        assertTrue(boot.writeMsr(0x830, 1L << 32 | 0x4055));
        assertEquals(1L << 32 | 0x4055, readMsr(boot, 0x830));
        assertEquals(0x55, other.acknowledge());
        assertTrue(boot.writeMsr(0x830, 3L << 32 | 0x4866));
        assertTrue(boot.hasInterrupt() && other.hasInterrupt(), "logical 3 is both");
    }

    @Test
    void shouldTakeTheHighestPriorityFirstAndNestOnlyHigherClasses() {
        enable(boot);
        chips.signalMsi(0xFEE00000L, 0x41);
        chips.signalMsi(0xFEE00000L, 0x61);
        chips.signalMsi(0xFEE00000L, 0x68);
        assertEquals(0x68, boot.acknowledge());
        assertFalse(boot.hasInterrupt(), "0x61 is of the same class");
        chips.store(BASE + ApicRegister.EOI, 0);
        assertEquals(0x61, boot.acknowledge());
        chips.store(BASE + ApicRegister.EOI, 0);
        boot.setTaskPriority(4);
        assertFalse(boot.hasInterrupt());
        boot.setTaskPriority(3);
        assertEquals(0x41, boot.acknowledge());
        assertEquals(3, boot.taskPriority());
    }

    @Test
    void shouldStartAnotherProcessor() {
        enable(boot);
        chips.store(BASE + ApicRegister.COMMAND_HIGH, 1 << 24);
        chips.store(BASE + ApicRegister.COMMAND, 0x4500);
        assertEquals(1, chips.vcpus[1].inits);
        chips.store(BASE + ApicRegister.COMMAND, 0x8500);
        assertEquals(1, chips.vcpus[1].inits, "the falling edge is nothing");
        chips.store(BASE + ApicRegister.COMMAND, 0x4609);
        assertEquals(9, chips.vcpus[1].startupVector);
        chips.store(BASE + ApicRegister.COMMAND, 0xC4400);
        assertEquals(1, chips.vcpus[1].nmis);
        assertEquals(0, chips.vcpus[0].nmis, "all but self");
    }

    @Test
    void shouldLoseMessagesToAProcessorThatIsNotInTheMapYet() {
        assertEquals(0, chips.signalMsi(0xFEE01000L, 0x400), "an NMI to the second");
        enable(boot);
        assertEquals(1, chips.signalMsi(0xFEE01000L, 0x400));
    }

    @Test
    void shouldAnswerMessagesAsKvmDoes() {
        assertEquals(-1, IrqChips.full(chips.timers).signalMsi(0xFEE00000L, 0x40), "no vCPU: EPERM");
        enable(boot);
        assertEquals(0, chips.signalMsi(0xFEE01000L, 0x40), "disabled by software");
        assertEquals(1, chips.signalMsi(0xFEE00000L, 0x40));
        assertEquals(1, chips.signalMsi(0xFEE00000L, 0x40), "waits already");
        assertEquals(1, chips.signalMsi(0xFEE00000L, 0x0A), "a vector below 16");
        assertEquals(0, chips.signalMsi(0xFEE00000L, 0x740), "ExtINT");
        assertEquals(1, chips.signalMsi(0xFEE00000L, 0x340), "reserved mode 3");
        assertEquals(0, chips.signalMsi(0xFEE05000L, 0x40), "nobody");
    }

    @Test
    void shouldTellUserSpacesIoapicOfTheEndOfItsInterrupts() {
        IrqChips split = IrqChips.split(24, chips.timers);
        FakeVcpu vcpu = new FakeVcpu(chips.timers);
        Lapic lapic = split.addVcpu(0, true, vcpu);
        enable(lapic);
        GsiRoutingTest.Table table = new GsiRoutingTest.Table().msi(3, 0xFEE00000L, 0x8044);
        assertEquals(0, table.set(split));
        split.setLine(3, true, false);
        assertEquals(0x44, lapic.acknowledge());
        lapic.writeMmio(0xFEE000B0L, 4, 0);
        assertTrue(lapic.ends().hasExit());
        assertEquals(0x44, lapic.ends().takeExit());
        assertEquals(-1, lapic.ends().takeExit(), "told once");
    }

    @Test
    void shouldTakeUserSpacesVectorOnASplitIrqchip() {
        IrqChips split = IrqChips.split(24, chips.timers);
        Lapic lapic = split.addVcpu(0, true, new FakeVcpu(chips.timers));
        assertTrue(lapic.isReadyForUserInterrupt());
        assertTrue(lapic.userInterrupt(0x99));
        assertFalse(lapic.userInterrupt(0x9A), "one waits");
        assertEquals(0x99, lapic.acknowledge());
        assertFalse(lapic.hasInterrupt());
    }
}

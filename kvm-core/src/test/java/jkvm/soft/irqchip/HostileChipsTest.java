package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.foreign.MemorySegment;
import java.util.Random;
import jkvm.abi.KvmIrqchip;
import jkvm.abi.KvmLapicState;
import jkvm.abi.KvmPitState2;
import jkvm.soft.irqchip.Chips.Access;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A guest that does anything: nothing is thrown, and the work of each access is bounded. */
@Timeout(20)
class HostileChipsTest {
    private static final int ROUNDS = 1_000_000;
    private static final int[] PORTS = {0x20, 0x21, 0xA0, 0xA1, 0x4D0, 0x4D1, 0x40, 0x41, 0x42, 0x43, 0x61};
    private final Random random = new Random(66);
    private final JavaChips chips = new JavaChips();

    private void access(int round) {
        Access[] all = Access.values();
        Access access = all[1 + random.nextInt(all.length - 1)];
        int address = switch (access) {
            case IN_BYTE, IN_WORD, OUT_BYTE, OUT_WORD -> PORTS[random.nextInt(PORTS.length)];
            default -> (random.nextBoolean() ? 0xFEE00000 : 0xFEC00000)
                    | (random.nextInt(4) == 0 ? random.nextInt(0x400) : random.nextInt(0x40) << 4);
        };
        boolean isMemory = access.ordinal() >= Access.LOAD_BYTE.ordinal() && access != Access.INTERRUPT;
        long gpa = Integer.toUnsignedLong(address);
        if (!isMemory || chips.lapics[0].handlesMmio(gpa) || chips.chips.handlesMmio(gpa, access.size())) {
            chips.access(access, address, random.nextInt());
        }
        if (round % 16 == 0) {
            chips.timers.advance(random.nextInt(100_000));
        }
    }

    @Test
    @DisplayName("a million random accesses to the interrupt controllers throw no exception")
    void shouldSurviveAMillionRandomAccesses() {
        for (int round = 0; round < ROUNDS; round++) {
            access(round);
            if (round % 64 == 0) {
                chips.setLine(random.nextInt(30) - 2, random.nextBoolean());
                chips.lapics[1].writeMsr(0x800 + random.nextInt(256), random.nextLong());
                chips.lapics[random.nextInt(2)].setTscDeadline(random.nextLong());
            }
            if (round % 1024 == 0) {
                chips.lapics[random.nextInt(2)].setApicBase(0xFEE00000L | random.nextInt(0x1000), true);
            }
        }
        assertTrue(chips.chips.bus().lapics().length == Chips.CPUS, "still there");
    }

    @Test
    void shouldSurviveAnyStateThatUserSpaceSets() {
        for (int round = 0; round < 5_000; round++) {
            KvmLapicState lapic = new KvmLapicState();
            fill(lapic.segment());
            chips.setLapic(random.nextInt(2), lapic);
            KvmIrqchip chip = new KvmIrqchip(0);
            fill(chip.segment());
            chip.chipId(random.nextInt(3));
            long base = 0xFEC00000L;
            if (chip.chipId() == KvmIrqchip.IOAPIC) {
                chip.ioapic().baseAddress(base);
            }
            chips.setChip(chip);
            KvmPitState2 pit = new KvmPitState2();
            fill(pit.segment());
            chips.pit.write(pit);
            for (int i = 0; i < 20; i++) {
                access(i);
            }
        }
        assertEquals(Chips.CPUS, chips.chips.bus().lapics().length);
    }

    private void fill(MemorySegment struct) {
        byte[] bytes = new byte[(int) struct.byteSize()];
        random.nextBytes(bytes);
        MemorySegment.copy(MemorySegment.ofArray(bytes), 0, struct, 0, bytes.length);
    }

    @Test
    @DisplayName("timers of one tick expire no more often than the shortest period allows")
    void shouldBoundTheWorkOfAStormOfTimers() {
        for (Lapic lapic : chips.lapics) {
            lapic.setFeatures(true, true, 40);
            lapic.writeMmio(0xFEE000F0L, 4, 0x1FF);
            lapic.writeMmio(0xFEE00320L, 4, 0x20060);
            lapic.writeMmio(0xFEE00380L, 4, 1);
        }
        chips.out(0x43, 0x34);
        chips.out(0x40, 1);
        chips.out(0x40, 0);
        chips.timers.advance(1_000_000_000L);
        int expected = (int) (1_000_000_000L / LapicTimer.SHORTEST_PERIOD_NANOS);
        assertTrue(chips.vcpus[0].attentions <= 3 * expected, () -> "told " + chips.vcpus[0].attentions + " times");
    }

    @Test
    @DisplayName("a storm of interrupts among vCPUs is delivered in time")
    void shouldDeliverAStormOfIpisInTime() {
        JavaChips many = new JavaChips();
        Lapic[] lapics = new Lapic[64];
        for (int i = 0; i < lapics.length; i++) {
            lapics[i] = many.chips.addVcpu(2 + i, false, new FakeVcpu(many.timers));
            lapics[i].writeMmio(0xFEE000F0L, 4, 0x1FF);
        }
        for (int i = 0; i < 20_000; i++) {
            lapics[i % 64].writeMmio(0xFEE00300L, 4, 0xC4000 | 0x20 + i % 200);
        }
        assertTrue(lapics[0].hasInterrupt());
    }
}

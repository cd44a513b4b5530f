package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import jkvm.abi.KvmIrqchip;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class IoapicTest {
    private static final int BASE = 0xFEC00000, LAPIC = 0xFEE00000, PIN = 10, VECTOR = 0x51;
    private static final int LEVEL = 1 << 15, MASKED = 1 << 16, REMOTE_IRR = 1 << 14;
    private final JavaChips chips = new JavaChips();

    @BeforeEach
    void enableTheLocalApic() {
        chips.store(LAPIC + ApicRegister.SPURIOUS_VECTOR, 0x1FF);
        chips.store(LAPIC + ApicRegister.LVT_LINT0, ApicRegister.LVT_MASKED_BIT);
    }

    private int readRegister(int register) {
        chips.store(BASE, register);
        return chips.load(BASE + 0x10);
    }

    private void writeRegister(int register, int value) {
        chips.store(BASE, register);
        chips.store(BASE + 0x10, value);
    }

    private void route(int pin, int low) {
        writeRegister(0x10 + 2 * pin + 1, 0);
        writeRegister(0x10 + 2 * pin, low);
    }

    private void end() {
        chips.store(LAPIC + ApicRegister.EOI, 0);
    }

    @Test
    void shouldShowWhatKvmShows() {
        assertEquals(0x170011, readRegister(1));
        assertEquals(-1, readRegister(0x40));
        writeRegister(0, -1);
        assertEquals(0x0F000000, readRegister(0));
        writeRegister(0x10, -1);
        assertEquals(0xFFFFAFFF, readRegister(0x10));
        assertEquals(0x10, chips.load(BASE));
        assertEquals(0, chips.load(BASE + 4));
        assertEquals(MASKED, readRegister(0x12), "at reset");
    }

    @Test
    void shouldAnswerOnItsPageOnlyInsideTheRegisters() {
        assertTrue(chips.chips.handlesMmio(0xFEC000F8L, 8));
        assertFalse(chips.chips.handlesMmio(0xFEC00100L, 4));
        assertFalse(chips.chips.handlesMmio(0xFEC000FEL, 4));
        assertFalse(chips.chips.handlesMmio(0xFEBFFFFFL, 4));
        chips.store(BASE, 1);
        assertEquals(0x11, chips.chips.readMmio(0xFEC00010L, 1));
        assertEquals(0x170011, chips.chips.readMmio(0xFEC00010L, 8));
    }

    @Test
    void shouldSendALevelAgainUntilItFalls() {
        route(PIN, VECTOR | LEVEL);
        chips.setLine(PIN, true);
        assertEquals(VECTOR, chips.takeInterrupt());
        assertEquals(REMOTE_IRR, readRegister(0x10 + 2 * PIN) & REMOTE_IRR);
        end();
        assertEquals(VECTOR, chips.takeInterrupt());
        chips.setLine(PIN, false);
        end();
        assertEquals(-1, chips.takeInterrupt());
        assertEquals(0, readRegister(0x10 + 2 * PIN) & REMOTE_IRR);
    }

    @Test
    void shouldSlowDownALevelThatIsNeverServed() {
        route(PIN, VECTOR | LEVEL);
        chips.setLine(PIN, true);
        int rounds = 0;
        while (chips.takeInterrupt() == VECTOR && rounds < 100_000) {
            end();
            rounds++;
        }
        assertEquals(10_000, rounds);
        chips.timers.advance(10_000_000);
        assertEquals(VECTOR, chips.takeInterrupt());
    }

    @Test
    void shouldSendAnEdgeOnce() {
        route(PIN, VECTOR);
        assertEquals(1, chips.chips.ioapic().setLine(PIN, 0, true, true));
        assertEquals(0, chips.chips.ioapic().setLine(PIN, 0, true, true));
        assertEquals(VECTOR, chips.takeInterrupt());
        end();
        assertEquals(-1, chips.takeInterrupt());
    }

    @Test
    void shouldHoldALineUpWhileOneSourceDoes() {
        route(PIN, VECTOR | LEVEL);
        chips.chips.ioapic().setLine(PIN, IrqChips.USER_SOURCE, true, false);
        chips.chips.ioapic().setLine(PIN, IrqChips.RESAMPLE_SOURCE, true, false);
        chips.chips.ioapic().setLine(PIN, IrqChips.USER_SOURCE, false, false);
        assertEquals(VECTOR, chips.takeInterrupt());
        end();
        assertEquals(VECTOR, chips.takeInterrupt(), "the other source is still high");
    }

    @Test
    void shouldKeepAMaskedPinsStateInGetIrqchip() {
        chips.chips.ioapic().setLine(PIN, 0, true, false);
        KvmIrqchip state = new KvmIrqchip(KvmIrqchip.IOAPIC);
        chips.chips.read(state);
        assertEquals(1 << PIN, state.ioapic().irr());
        assertEquals(0xFEC00000L, state.ioapic().baseAddress());
    }
}

package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** The guest ends an interrupt by a flag in its memory. No access to the APIC may find it still in service then. */
class PvEoiTest {
    private static final int VECTOR = 0xEC;
    private static final long SELF = 0x40000, COMMAND = 0xFEE00300L;
    private final JavaChips chips = new JavaChips();
    private final Lapic lapic = chips.lapics[0];
    private final Flag flag = new Flag();

    /** The guest's memory, and what KVM remembers about it. */
    private static final class Flag implements PvEoi {
        private boolean marked;
        private boolean set;

        @Override
        public boolean isMarked() {
            return marked;
        }

        @Override
        public void mark() {
            marked = true;
            set = true;
        }

        @Override
        public boolean takeBack() {
            boolean was = set;
            marked = false;
            set = false;
            return was;
        }
    }

    private void takeInterrupt() {
        lapic.writeMmio(0xFEE000F0L, 4, 0x1FF);
        lapic.ends().setFlag(flag);
        lapic.writeMmio(COMMAND, 4, SELF | 0x4000 | VECTOR);
        assertEquals(VECTOR, lapic.acknowledge());
        lapic.ends().mark();
    }

    private void raiseAgain() {
        lapic.writeMmio(COMMAND, 4, SELF | 0x4000 | VECTOR);
    }

    @Test
    void shouldEndTheInterruptWhenTheGuestHasClearedTheFlag() {
        takeInterrupt();
        flag.set = false;

        lapic.ends().collect();
        raiseAgain();

        assertTrue(lapic.hasInterrupt());
    }

    @Test
    void shouldKeepTheInterruptInServiceWhileTheFlagIsSet() {
        takeInterrupt();

        lapic.ends().collect();
        raiseAgain();

        assertFalse(lapic.hasInterrupt());
        assertFalse(flag.set, "the guest has to write the EOI register now");
    }

    @Test
    void shouldNotLoseTheEndWhenTheGuestSwitchesTheFlagOffRightAfter() {
        takeInterrupt();
        flag.set = false;

        lapic.ends().setFlag(PvEoi.NONE);
        raiseAgain();

        assertTrue(lapic.hasInterrupt());
    }

    @Test
    void shouldShowNothingInServiceToAReadAfterTheFlagWasCleared() {
        takeInterrupt();
        flag.set = false;

        assertEquals(0, lapic.readMmio(0xFEE00100L + (VECTOR >> 5) * 0x10, 4));
    }
}

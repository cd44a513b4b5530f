package jkvm.soft.irqchip;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jkvm.linux.Errno;
import org.junit.jupiter.api.Test;

class GsiRoutingTest {
    private static final int REFUSED = -Errno.EINVAL.code();
    private final JavaChips chips = new JavaChips();

    /** Entries of KVM_SET_GSI_ROUTING, also wrong ones. */
    static final class Table {
        private final List<int[]> entries = new ArrayList<>();

        Table pin(int gsi, int chip, int pin) {
            return raw(gsi, 1, 0, chip, pin, 0);
        }

        Table msi(int gsi, long address, int data) {
            return raw(gsi, 2, 0, (int) address, (int) (address >>> 32), data);
        }

        Table raw(int gsi, int type, int flags, int a, int b, int c) {
            entries.add(new int[] {gsi, type, flags, 0, a, b, c});
            return this;
        }

        int set(IrqChips target) {
            try (Arena arena = Arena.ofConfined()) {
                MemorySegment structs = arena.allocate(48L * entries.size() + 1);
                for (int i = 0; i < entries.size(); i++) {
                    for (int field = 0; field < entries.get(i).length; field++) {
                        structs.set(ValueLayout.JAVA_INT_UNALIGNED, 48L * i + 4L * field, entries.get(i)[field]);
                    }
                }
                return target.setRouting(entries.size(), 0, structs);
            }
        }
    }

    @Test
    void shouldRefuseWhatKvmRefuses() {
        assertEquals(REFUSED, chips.chips.setRouting(0, 1, MemorySegment.NULL), "header flags");
        assertEquals(REFUSED, chips.chips.setRouting(4097, 0, MemorySegment.NULL));
        assertEquals(REFUSED, new Table().raw(1, 1, 1, 2, 1, 0).set(chips.chips), "flags of a pin");
        assertEquals(0, new Table().raw(1, 2, 1, 0xFEE00000, 0, 1).set(chips.chips), "flags of a message");
        assertEquals(REFUSED, new Table().pin(4096, 2, 1).set(chips.chips));
        assertEquals(REFUSED, new Table().pin(-1, 2, 1).set(chips.chips));
        assertEquals(REFUSED, new Table().raw(1, 3, 0, 0, 0, 0).set(chips.chips));
        assertEquals(REFUSED, new Table().pin(1, 3, 1).set(chips.chips));
        assertEquals(REFUSED, new Table().pin(1, 2, 24).set(chips.chips));
        assertEquals(REFUSED, new Table().pin(1, 0, 8).set(chips.chips));
        assertEquals(REFUSED, new Table().pin(1, 2, 1).pin(1, 2, 2).set(chips.chips), "one chip twice");
        assertEquals(REFUSED, new Table().pin(1, 2, 1).msi(1, 0xFEE00000L, 1).set(chips.chips));
        assertEquals(0, new Table().pin(1, 2, 5).pin(2, 2, 5).set(chips.chips), "two GSIs to a pin");
        assertEquals(REFUSED, new Table().pin(1, 2, 1).set(IrqChips.split(24, chips.timers)), "no IOAPIC to lead to");
        assertEquals(0, chips.chips.setRouting(0, 0, MemorySegment.NULL));
    }

    @Test
    void shouldSumWhatTheChipsAnswer() {
        assertEquals(1, chips.setLine(3, true), "the PIC; the IOAPIC's pin is masked");
        assertEquals(2, chips.setLine(3, false));
        assertEquals(0, chips.setLine(3, true), "waits already");
        assertEquals(-1, chips.setLine(24, true), "leads nowhere");
        assertEquals(-1, chips.setLine(-1, true));
    }

    @Test
    void shouldLeadALineToAMessage() {
        chips.lapics[0].writeMmio(0xFEE000F0L, 4, 0x1FF);
        assertEquals(0, new Table().msi(40, 0xFEE00000L, 0x4A).set(chips.chips));
        assertEquals(1, chips.setLine(40, true));
        assertEquals(-1, chips.setLine(40, false));
        assertEquals(0x4A, chips.lapics[0].acknowledge());
    }
}

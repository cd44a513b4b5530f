package jkvm.device.testdev;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.IoHandler;
import jkvm.bus.StateRoundTrip;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

class PcTestdevTest {
    private final List<Long> pages = new ArrayList<>();
    private final FakeIrqLine[] lines = new FakeIrqLine[24];
    private final PcTestdev device = testdev();

    private PcTestdev testdev() {
        for (int i = 0; i < lines.length; i++) {
            lines[i] = new FakeIrqLine();
        }
        return new PcTestdev("testdev", pages::add, lines);
    }

    @Test
    void shouldLatchWordsBytesAndDoubleWords() {
        IoHandler latch = device.latch();
        latch.write(0, 4, 0x12345678);
        latch.write(1, 1, 0xaa);
        assertEquals(0x1234aa78, latch.read(0, 4));
        latch.write(2, 2, 0xbeef);
        assertEquals(0xbeef, latch.read(2, 2) & 0xffff);
        assertEquals(0x78, latch.read(0, 1));
    }

    @Test
    @DisplayName("an access that straddles the end reads all ones and writes nothing")
    void shouldRefuseAccessesPastTheEnd() {
        device.latch().write(2, 4, 0x11111111);
        assertEquals(-1, device.latch().read(3, 2));
        assertEquals(0, device.latch().read(0, 4));
        assertEquals(-1, device.memory().read(0xfffe, 4));
    }

    @Test
    void shouldHandOverThePageToRemap() {
        device.flush().write(0, 4, 0x1234_5678L);
        device.flush().write(0, 4, 0xffff_ffffL);
        assertEquals(List.of(0x1234_5000L, 0xffff_f000L), pages);
        assertEquals(0, device.flush().read(0, 4));
    }

    @Test
    void shouldDriveTheInterruptWhosePortIsWritten() {
        device.interrupts().write(5, 1, 1);
        assertTrue(lines[5].level());
        device.interrupts().write(5, 1, 0);
        assertFalse(lines[5].level());
        assertEquals(1, lines[5].edges());
        assertEquals(0, lines[4].edges());
        device.interrupts().write(24, 1, 1);
        assertEquals(0, device.interrupts().read(5, 1));
    }

    @Test
    void shouldKeepItsMemoryAtEveryWidthAndOffset() {
        IoHandler memory = device.memory();
        memory.write(0x101, 8, 0x1122334455667788L);
        assertEquals(0x1122334455667788L, memory.read(0x101, 8));
        assertEquals(0x88, memory.read(0x101, 1) & 0xff);
        assertEquals(0x6677, memory.read(0x102, 2) & 0xffff);
        assertEquals(0x11223344, memory.read(0x105, 4) & 0xffff_ffffL);
        memory.write(0xffff, 1, 0x5a);
        assertEquals(0x5a, memory.read(0xffff, 1));
    }

    @Test
    void shouldCarryItsStateIntoAnotherMachine() {
        device.latch().write(0, 4, 0x01020304);
        device.memory().write(0x8000, 4, 0x55aa);
        device.interrupts().write(5, 1, 1);
        FakeIrqLine[] otherLines = new FakeIrqLine[lines.length];
        Arrays.setAll(otherLines, _ -> new FakeIrqLine());
        PcTestdev other = new PcTestdev("testdev", pages::add, otherLines);
        StateRoundTrip.copy(device, other);
        assertEquals(0x01020304, other.latch().read(0, 4));
        assertEquals(0x55aa, other.memory().read(0x8000, 4));
        assertTrue(otherLines[5].level());
        other.reset();
        assertFalse(otherLines[5].level());
        assertEquals(0, other.latch().read(0, 4));
        assertEquals(0, other.memory().read(0x8000, 4));
    }
}

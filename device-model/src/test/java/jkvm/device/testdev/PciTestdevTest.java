package jkvm.device.testdev;

import static org.junit.jupiter.api.Assertions.assertEquals;

import jkvm.bus.StateRoundTrip;
import jkvm.device.pci.PciFixture;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class PciTestdevTest {
    private static final long MEMORY = 0xFEB00000L;
    private static final int PORT = 0xC000;

    private final PciFixture pci = new PciFixture();
    private final PciTestdev device = pci.plug(new PciTestdev("testdev"));

    @BeforeEach
    void setUp() {
        pci.write(0x10, 4, MEMORY);
        pci.write(0x14, 4, PORT);
        pci.enable();
    }

    private String name() {
        StringBuilder name = new StringBuilder();
        for (long at = MEMORY + 16; pci.memory.dispatchRead(at, 1) != 0; at++) {
            name.append((char) pci.memory.dispatchRead(at, 1));
        }
        return name.toString();
    }

    @Test
    void shouldCountTheWritesThatTheTestAsksFor() {
        pci.memory.dispatchWrite(MEMORY, 1, 0);
        assertEquals("mmio-no-eventfd", name());
        assertEquals(1, pci.memory.dispatchRead(MEMORY + 1, 1));
        long at = MEMORY + pci.memory.dispatchRead(MEMORY + 4, 4);
        assertEquals(MEMORY + 2048, at);
        assertEquals(0xFA, pci.memory.dispatchRead(MEMORY + 8, 4));
        pci.memory.dispatchWrite(at, 1, 0xFA);
        pci.memory.dispatchWrite(at, 1, 0xFA);
        pci.memory.dispatchWrite(at, 1, 0xFB);
        pci.memory.dispatchWrite(at + 1, 1, 0xFA);
        assertEquals(2, pci.memory.dispatchRead(MEMORY + 12, 4));
    }

    @Test
    void shouldHaveTestsOfItsOwnInPortSpaceAndOneThatTakesAnyValue() {
        pci.ports.dispatchWrite(PORT, 1, 1);
        assertEquals("portio-wildcard-eventfd", name());
        long offset = pci.ports.dispatchRead(PORT + 4, 4);
        assertEquals(128 + 4, offset);
        pci.ports.dispatchWrite(PORT + offset, 1, 1);
        pci.ports.dispatchWrite(PORT + offset, 1, 2);
        assertEquals(2, pci.ports.dispatchRead(PORT + 12, 4));
        pci.ports.dispatchWrite(PORT, 1, 3);
        assertEquals(0, pci.ports.dispatchRead(PORT + 1, 1), "no such test");
    }

    @Test
    void shouldCarryItsCountsIntoAnotherMachine() {
        pci.memory.dispatchWrite(MEMORY, 1, 2);
        pci.memory.dispatchWrite(MEMORY + 2050, 1, 0xFA);
        PciFixture other = new PciFixture();
        StateRoundTrip.copy(device, other.plug(new PciTestdev("testdev")));
        assertEquals(1, other.memory.dispatchRead(MEMORY + 12, 4));
    }
}

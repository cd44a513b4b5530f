package jkvm.examples;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import jkvm.bus.AddressSpace;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciConfigPorts;
import jkvm.device.pci.PirqRouter;
import jkvm.state.StateBuffer;
import org.junit.jupiter.api.Test;

class SquaringDeviceTest {
    private static final long ADDRESS = 0xE000_0000L;

    private final AddressSpace memory = new AddressSpace("memory");
    private final SquaringDevice device = plug(memory);

    private static SquaringDevice plug(AddressSpace memory) {
        PciBus bus = new PciBus(new AddressSpace("port"), memory,
                new PirqRouter(_ -> _ -> { }, List.of(10, 10, 11, 11)));
        SquaringDevice plugged = new SquaringDevice();
        bus.add(0, 0, plugged);
        PciConfigPorts config = new PciConfigPorts(bus);
        config.addressPort().write(0, 4, 0x80000010L);
        config.dataPort().write(0, 4, ADDRESS);
        config.addressPort().write(0, 4, 0x80000004L);
        config.dataPort().write(0, 2, 0x2);
        return plugged;
    }

    @Test
    void shouldSquareWithin32Bits() {
        memory.dispatchWrite(ADDRESS, 4, 12);
        assertEquals(144, memory.dispatchRead(ADDRESS, 4));
        memory.dispatchWrite(ADDRESS, 4, 0x10001);
        assertEquals(0x20001, memory.dispatchRead(ADDRESS, 4));
        memory.dispatchWrite(ADDRESS + 4, 4, 3);
        assertEquals(0, memory.dispatchRead(ADDRESS + 4, 4), "no register");
    }

    @Test
    void shouldCarryItsRegisterAndItsPlaceIntoAnotherMachine() {
        memory.dispatchWrite(ADDRESS, 4, 9);
        StateBuffer saved = new StateBuffer(device.name());
        device.save(saved);

        AddressSpace otherMemory = new AddressSpace("memory");
        SquaringDevice other = plug(otherMemory);
        other.reset();
        assertEquals(-1, otherMemory.dispatchRead(ADDRESS, 4), "a reset takes the registers away");
        other.load(new StateBuffer(other.name(), saved.toByteArray()));
        assertEquals(81, otherMemory.dispatchRead(ADDRESS, 4));
    }
}

package jkvm.examples;

import java.util.List;
import jkvm.app.harness.Harness;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciConfigPorts;
import jkvm.device.pci.PirqRouter;

/**
 * Lesson 18: a device of your own ({@link SquaringDevice}) on a PCI bus. The guest (pci-device.S) is not told what is
 * on the bus or where: it asks each slot through ports 0xCF8 and 0xCFC, finds the device, chooses an address for its
 * registers and uses them there.
 */
public final class Lesson18PciDevice {
    private static final int SLOT = 5;
    private static final long ADDRESS_OF_GUESTS_CHOICE = 0xE000_0000L;

    private Lesson18PciDevice() {
    }

    public static void main(String[] args) {
        // An address space finds the device for an address. A bus adds the registers of its devices to these two, and
        // moves them when the guest says so.
        AddressSpace ports = new AddressSpace("port");
        AddressSpace memory = new AddressSpace("memory");

        PciBus bus = plugBus(ports, memory);
        bus.add(SLOT, 0, new SquaringDevice());

        try (Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(),
                new AddressSpaceConsole(ports, memory))) {
            harness.loadPayload(GuestImage.read("pci-device"));
            harness.enterProtectedMode();
            System.out.print(harness.run().report()); // empty if the guest has halted
        }
        System.out.println("the host reads " + memory.dispatchRead(ADDRESS_OF_GUESTS_CHOICE, Integer.BYTES)
                + " there, too");
    }

    /** A PCI bus, and the guest's access to it. */
    static PciBus plugBus(AddressSpace ports, AddressSpace memory) {
        // PCI has four interrupt wires. The lessons' devices use none, so here they lead to nothing.
        PciBus bus = new PciBus(ports, memory, new PirqRouter(_ -> _ -> { }, List.of(10, 10, 11, 11)));

        // The guest writes slot and register to one port, and finds the register at the other.
        PciConfigPorts config = new PciConfigPorts(bus);
        ports.add(new AddressRange(PciConfigPorts.ADDRESS_PORT, PciConfigPorts.PORTS), config.addressPort());
        ports.add(new AddressRange(PciConfigPorts.DATA_PORT, PciConfigPorts.PORTS), config.dataPort());
        return bus;
    }
}

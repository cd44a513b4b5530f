package jkvm.examples;

import jkvm.app.harness.Harness;
import jkvm.bus.AddressSpace;
import jkvm.device.e1000.E1000;
import jkvm.device.pci.PciBus;
import jkvm.host.net.NetBackend;
import jkvm.host.usernet.UserBackend;
import jkvm.host.usernet.UserConfig;
import jkvm.work.Workers;

/**
 * Lesson 22: a network card, and a network that needs no privilege. The guest (network-card.S) drives an 82540EM: it
 * asks who has the address 10.0.2.2, and prints which card answers. No exit carries the frames: the card reads and
 * writes the guest's memory on threads of its own.
 */
public final class Lesson22NetworkCard {
    private static final int SLOT = 3;
    private static final byte[] MAC = {0x52, 0x54, 0x00, 0x12, 0x34, 0x56};

    private Lesson22NetworkCard() {
    }

    public static void main(String[] args) {
        AddressSpace ports = new AddressSpace("port");
        AddressSpace memory = new AddressSpace("memory");
        PciBus bus = Lesson18PciDevice.plugBus(ports, memory);

        // The network is a little internet in this process: a gateway that answers ARP, gives addresses, and carries
        // what the guest sends on through ordinary sockets. The card is plugged into it, and given the guest's memory.
        try (Workers workers = Workers.onThreads();
                Harness harness = Harness.create(LessonAccelerator.open(args).syscalls(),
                        new AddressSpaceConsole(ports, memory));
                NetBackend network = new UserBackend(UserConfig.defaults(), workers);
                E1000 card = new E1000("card", MAC, harness.memory(), new StillClock(), network,
                        work -> workers.worker("card", work))) {
            bus.add(SLOT, 0, card);
            harness.loadPayload(GuestImage.read("network-card"));
            harness.enterProtectedMode();
            System.out.print(harness.run().report()); // empty if the guest has halted
        }
    }
}

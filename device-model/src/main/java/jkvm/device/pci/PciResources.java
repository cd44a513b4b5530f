package jkvm.device.pci;

import java.util.ArrayList;
import java.util.List;

/**
 * Does at power-on what a PC's firmware does for the functions on the bus, where a kernel starts without firmware:
 * gives each BAR and expansion ROM an address, largest first and none where there is no room, sets each interrupt line
 * register, and switches decoding and bus mastering on.
 */
public final class PciResources {
    private final PciBus bus;
    private final PirqRouter router;
    private final long memoryStart;
    private final long memoryEnd;
    private long nextMemory;
    private long nextPort;

    /**
     * @param memoryStart lowest address for memory BARs
     * @param firstMemory where these go in ascending order; further down if there are more than fit above
     * @param memoryEnd   first address after them
     * @param firstPort   where I/O BARs go
     */
    public PciResources(PciBus bus, PirqRouter router, long memoryStart, long firstMemory, long memoryEnd,
            int firstPort) {
        this.bus = bus;
        this.router = router;
        this.memoryStart = memoryStart;
        this.memoryEnd = memoryEnd;
        this.nextMemory = firstMemory;
        this.nextPort = firstPort;
    }

    /** One address register, with where it is. */
    private record Place(PciFunction function, Bar bar) {
    }

    /** Sets up all functions. No vCPU runs. */
    public void assign() {
        List<Place> places = new ArrayList<>();
        for (int slot = 0; slot < PciBus.SLOTS; slot++) {
            for (int number = 0; number < PciBus.FUNCTIONS; number++) {
                PciFunction function = bus.function(slot, number);
                if (function != null) {
                    assignInterrupt(function, slot);
                    for (int i = 0; i <= Bar.ROM_INDEX; i++) {
                        if (function.bar(i) != null) {
                            places.add(new Place(function, function.bar(i)));
                        }
                    }
                }
            }
        }
        places.sort((one, other) -> Long.compare(other.bar.size, one.bar.size));
        makeRoom(places);
        places.forEach(this::assign);
        bus.functions().forEach(function -> function.writeConfig(PciFunction.COMMAND_OFFSET, 2,
                PciFunction.COMMAND_IO_BIT | PciFunction.COMMAND_MEMORY_BIT | PciFunction.COMMAND_MASTER_BIT
                        | PciFunction.COMMAND_SERR_BIT));
    }

    /** The sizes are powers of two in descending order: from a multiple of the largest they lie without gaps. */
    private void makeRoom(List<Place> places) {
        long total = 0;
        long largest = 1;
        for (Place place : places) {
            if (!place.bar.isIo()) {
                total += place.bar.size;
                largest = Math.max(largest, place.bar.size);
            }
        }
        nextMemory = Math.max(memoryStart, Math.min(nextMemory, memoryEnd - total & -largest));
    }

    private void assignInterrupt(PciFunction function, int slot) {
        int pin = (int) function.register(PciFunction.INTERRUPT_PIN_OFFSET, 1);
        if (pin != 0) {
            int irq = router.irqOf(slot, pin);
            function.writeConfig(PciFunction.INTERRUPT_LINE_OFFSET, 1, irq == PirqRouter.NOWHERE ? 0xFF : irq);
        }
    }

    private void assign(Place place) {
        Bar bar = place.bar;
        long address = align(bar.isIo() ? nextPort : nextMemory, bar.size);
        if (!bar.isIo() && address + bar.size > memoryEnd) {
            return;
        }
        place.function.writeConfig(bar.registerOffset(), bar.registerSize(), address);
        if (bar.isIo()) {
            nextPort = address + bar.size;
        } else {
            nextMemory = address + bar.size;
        }
    }

    private static long align(long address, long size) {
        return address + size - 1 & -size;
    }
}

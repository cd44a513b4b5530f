package jkvm.device.pci;

import java.util.ArrayList;
import java.util.List;

/**
 * Does at power-on what SeaBIOS does for the functions on the bus, where a kernel starts without firmware: gives each
 * BAR and expansion ROM the address that it has there, largest first and none where there is no room, sets each
 * interrupt line register, and switches decoding on, and bus mastering for all but bridges.
 */
public final class PciResources {
    private static final int BRIDGE_CLASS = 6;

    private final PciBus bus;
    private final PirqRouter router;
    private final long memoryStart;
    private final long memoryEnd;
    private final int firstPort;

    /**
     * @param memoryStart lowest address for memory BARs
     * @param memoryEnd   first address after them, which they go up to
     * @param firstPort   where I/O BARs go
     */
    public PciResources(PciBus bus, PirqRouter router, long memoryStart, long memoryEnd, int firstPort) {
        this.bus = bus;
        this.router = router;
        this.memoryStart = memoryStart;
        this.memoryEnd = memoryEnd;
        this.firstPort = firstPort;
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
        assign(places.stream().filter(place -> place.bar.isIo()).toList(), firstPort, Long.MAX_VALUE);
        assignMemory(places.stream().filter(place -> !place.bar.isIo()).toList());
        bus.functions().forEach(PciResources::enable);
    }

    private static void enable(PciFunction function) {
        boolean isBridge = function.register(PciFunction.CLASS_OFFSET + 2, 1) == BRIDGE_CLASS;
        function.writeConfig(PciFunction.COMMAND_OFFSET, 2, PciFunction.COMMAND_IO_BIT | PciFunction.COMMAND_MEMORY_BIT
                | PciFunction.COMMAND_SERR_BIT | (isBridge ? 0 : PciFunction.COMMAND_MASTER_BIT));
    }

    /** Of prefetchable BARs and others, those with the larger one go below. With too many all go up from the start. */
    private void assignMemory(List<Place> places) {
        List<Place> upper = places.stream().filter(place -> place.bar.isPrefetchable()).toList();
        List<Place> lower = places.stream().filter(place -> !place.bar.isPrefetchable()).toList();
        if (largest(lower) < largest(upper)) {
            List<Place> swapped = upper;
            upper = lower;
            lower = swapped;
        }
        long upperStart = memoryEnd - total(upper) & -largest(upper);
        long lowerStart = upperStart - total(lower) & -largest(lower);
        if (lowerStart < memoryStart) {
            assign(places, memoryStart, memoryEnd);
        } else {
            assign(upper, upperStart, memoryEnd);
            assign(lower, lowerStart, upperStart);
        }
    }

    private static long largest(List<Place> places) {
        return places.isEmpty() ? 1 : places.getFirst().bar.size;
    }

    private static long total(List<Place> places) {
        return places.stream().mapToLong(place -> place.bar.size).sum();
    }

    private void assignInterrupt(PciFunction function, int slot) {
        int pin = (int) function.register(PciFunction.INTERRUPT_PIN_OFFSET, 1);
        if (pin != 0) {
            int irq = router.irqOf(slot, pin);
            function.writeConfig(PciFunction.INTERRUPT_LINE_OFFSET, 1, irq == PirqRouter.NOWHERE ? 0xFF : irq);
        }
    }

    /** The sizes are powers of two in descending order: from a multiple of the largest they lie without gaps. */
    private static void assign(List<Place> places, long start, long end) {
        long next = start;
        for (Place place : places) {
            long address = next + place.bar.size - 1 & -place.bar.size;
            if (address + place.bar.size <= end) {
                place.function.writeConfig(place.bar.registerOffset(), place.bar.registerSize(), address);
                next = address + place.bar.size;
            }
        }
    }
}

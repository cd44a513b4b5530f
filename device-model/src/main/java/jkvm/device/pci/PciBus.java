package jkvm.device.pci;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;
import jkvm.bus.AddressSpace;
import jkvm.bus.IrqLine;
import jkvm.bus.LineWatch;

/** Bus 0 with its functions. Functions come and go while no vCPU runs. */
public final class PciBus {
    public static final int SLOTS = 32;
    public static final int FUNCTIONS = 8;

    private final AddressSpace ports;
    private final AddressSpace memory;
    private final PirqRouter router;
    /** Null if nobody looks at interrupts. */
    private final LineWatch watch;
    private final PciFunction[] functions = new PciFunction[SLOTS * FUNCTIONS];

    /**
     * @param ports  where I/O BARs appear
     * @param memory where memory BARs appear
     * @param router where interrupt pins lead
     */
    public PciBus(AddressSpace ports, AddressSpace memory, PirqRouter router) {
        this(ports, memory, router, null);
    }

    /**
     * A bus whose interrupts are watched.
     *
     * @param watch sees the pin of each function; null for none
     */
    public PciBus(AddressSpace ports, AddressSpace memory, PirqRouter router, LineWatch watch) {
        this.ports = ports;
        this.memory = memory;
        this.router = router;
        this.watch = watch;
    }

    AddressSpace ports() {
        return ports;
    }

    AddressSpace memory() {
        return memory;
    }

    private IrqLine line(PciFunction function, int slot, int pin) {
        IrqLine line = router.input(slot, pin);
        return watch == null ? line : watch.around(line, function.name(), () -> router.irqOf(slot, pin));
    }

    /**
     * Puts a function on the bus.
     *
     * @param slot     0 to 31
     * @param function 0 to 7; with one above 0 the device becomes a multifunction device
     * @throws IllegalArgumentException if something is there
     */
    public void add(int slot, int function, PciFunction added) {
        int index = slot * FUNCTIONS + function;
        if (functions[index] != null) {
            throw new IllegalArgumentException("PCI %02x.%x has %s".formatted(slot, function, functions[index].name()));
        }
        functions[index] = added;
        int pin = (int) added.register(PciFunction.INTERRUPT_PIN_OFFSET, 1);
        added.attach(this, pin == 0 ? null : line(added, slot, pin));
        for (int i = 1; i < FUNCTIONS; i++) {
            PciFunction first = functions[slot * FUNCTIONS];
            if (first != null && functions[slot * FUNCTIONS + i] != null) {
                first.makeMultifunction();
            }
        }
    }

    /** The lowest slot with no function in it, from 2 on, as QEMU counts. */
    public OptionalInt freeSlot() {
        for (int slot = 2; slot < SLOTS; slot++) {
            if (isFree(slot)) {
                return OptionalInt.of(slot);
            }
        }
        return OptionalInt.empty();
    }

    /** True if nothing is in the slot. */
    public boolean isFree(int slot) {
        for (int i = 0; i < FUNCTIONS; i++) {
            if (functions[slot * FUNCTIONS + i] != null) {
                return false;
            }
        }
        return true;
    }

    /** The slots that have a function, a bit each. */
    public int occupied() {
        int slots = 0;
        for (int slot = 0; slot < SLOTS; slot++) {
            slots |= isFree(slot) ? 0 : 1 << slot;
        }
        return slots;
    }

    /**
     * Takes a function out: its ranges vanish and its pin is low. No vCPU runs.
     *
     * @throws IllegalArgumentException if it is not there
     */
    public void remove(int slot, int function, PciFunction removed) {
        int index = slot * FUNCTIONS + function;
        if (functions[index] != removed) {
            throw new IllegalArgumentException("PCI %02x.%x has no %s".formatted(slot, function, removed.name()));
        }
        functions[index] = null;
        removed.detach();
    }

    /** The lowest slot that has functions but no function 0, where no guest looks for the others. */
    public OptionalInt hiddenSlot() {
        return IntStream.range(0, SLOTS).filter(slot -> functions[slot * FUNCTIONS] == null && !isFree(slot))
                .findFirst();
    }

    /** The function there, or null. */
    PciFunction function(int slot, int function) {
        return functions[slot * FUNCTIONS + function];
    }

    /** The place of a function that is on the bus: {@code slot * 8 + function}. */
    int addressOf(PciFunction function) {
        return Arrays.asList(functions).indexOf(function);
    }

    /** All functions, in ascending order of slot and function. */
    public List<PciFunction> functions() {
        List<PciFunction> present = new ArrayList<>();
        for (PciFunction function : functions) {
            if (function != null) {
                present.add(function);
            }
        }
        return present;
    }

    /** The guest reads configuration space; all ones where there is none. */
    long readConfig(int busNumber, int slotAndFunction, int offset, int size) {
        PciFunction function = busNumber == 0 ? functions[slotAndFunction] : null;
        return function == null || offset + size > ConfigSpace.SIZE ? -1 : function.readConfig(offset, size);
    }

    /** The guest writes configuration space; nowhere if there is none. */
    void writeConfig(int busNumber, int slotAndFunction, int offset, int size, long value) {
        PciFunction function = busNumber == 0 ? functions[slotAndFunction] : null;
        if (function != null && offset + size <= ConfigSpace.SIZE) {
            function.writeConfig(offset, size, value);
        }
    }
}

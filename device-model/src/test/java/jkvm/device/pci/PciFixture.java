package jkvm.device.pci;

import java.util.List;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.FakeIrqLine;
import jkvm.bus.RecordingMachineControl;
import jkvm.bus.SharedIrqLine;
import jkvm.device.platform.ResetControl;

/** A PCI bus in a machine without a guest: its address spaces, interrupt lines, and accesses as a guest makes them. */
public final class PciFixture {
    public final AddressSpace ports = new AddressSpace("port");
    public final AddressSpace memory = new AddressSpace("memory");
    public final FakeIrqLine[] irqs = new FakeIrqLine[16];
    public final RecordingMachineControl control = new RecordingMachineControl();
    public final PirqRouter router;
    public final PciBus bus;
    public final PciConfigPorts configPorts;

    public PciFixture() {
        SharedIrqLine[] shared = new SharedIrqLine[irqs.length];
        for (int i = 0; i < irqs.length; i++) {
            irqs[i] = new FakeIrqLine();
            shared[i] = new SharedIrqLine(irqs[i]);
        }
        router = new PirqRouter(irq -> shared[irq].input(), List.of(10, 10, 11, 11));
        bus = new PciBus(ports, memory, router);
        configPorts = new PciConfigPorts(bus, new ResetControl("reset", control));
        ports.add(new AddressRange(PciConfigPorts.ADDRESS_PORT, 4), configPorts.addressPort());
        ports.add(new AddressRange(PciConfigPorts.DATA_PORT, 4), configPorts.dataPort());
    }

    /** Puts a function into slot 5 and gives it. */
    public <T extends PciFunction> T plug(T function) {
        bus.add(5, 0, function);
        return function;
    }

    private void select(int slot, int function, int offset) {
        ports.dispatchWrite(PciConfigPorts.ADDRESS_PORT, 4, 0x80000000L | slot << 11 | function << 8 | offset & 0xFC);
    }

    public long read(int slot, int function, int offset, int size) {
        select(slot, function, offset);
        return ports.dispatchRead(PciConfigPorts.DATA_PORT + (offset & 3), size) & -1L >>> 64 - 8 * size;
    }

    public void write(int slot, int function, int offset, int size, long value) {
        select(slot, function, offset);
        ports.dispatchWrite(PciConfigPorts.DATA_PORT + (offset & 3), size, value);
    }

    /** Reads of slot 5. */
    public long read(int offset, int size) {
        return read(5, 0, offset, size);
    }

    /** Writes to slot 5. */
    public void write(int offset, int size, long value) {
        write(5, 0, offset, size, value);
    }

    /** Switches decoding of ports and memory and bus mastering on in slot 5. */
    public void enable() {
        write(PciFunction.COMMAND_OFFSET, 2, 7);
    }
}

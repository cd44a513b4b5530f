package jkvm.device.vga;

import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.IoHandler;
import jkvm.device.board.DeviceMemory;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.host.display.Screen;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.VmClock;

/** QEMU's standard display adapter on the PCI bus, whose VGA answers at the legacy ports and memory at any time. */
public final class Vga extends PciFunction {
    static final int MEMORY_BAR = 0;
    static final int REGISTERS_BAR = 2;
    static final PciIdentity IDENTITY =
            new PciIdentity(0x1234, 0x1111, 2, 0x030000);
    /** The legacy memory is seen before RAM's and ROM's remains and all BARs. */
    private static final int LEGACY_PRIORITY = 1;
    private static final int[][] PORTS = {{0x3B4, 2}, {0x3BA, 1}, {0x3C0, 16}, {0x3D4, 2}, {0x3DA, 1}};

    private final VgaCore core;
    private final VgaScreen screen;

    /**
     * An adapter that is off.
     *
     * @param memory of its pixels; a power of two in size
     * @param edid   what the screen says about itself; empty for nothing
     */
    public Vga(String name, DeviceMemory memory, VmClock clock, byte[] edid) {
        super(name, IDENTITY);
        core = new VgaCore(memory, clock);
        screen = new VgaScreen(core, clock);
        addPrefetchableBar(MEMORY_BAR, memory.memory().byteSize(), core.vram());
        addMemoryBar(REGISTERS_BAR, VgaMmio.SIZE, new VgaMmio(core, edid));
    }

    /** Puts the VGA at the ports and the memory of the IBM PC. */
    public void answer(AddressSpace ports, AddressSpace memory) {
        for (int[] range : PORTS) {
            add(ports, range[0], range[1], new VgaPorts(core, range[0]));
        }
        add(ports, DispiPorts.FIRST_PORT, DispiPorts.COUNT, new DispiPorts(core));
        memory.add(new AddressRange(LegacyWindow.START, LegacyWindow.SIZE), core.window(), LEGACY_PRIORITY)
                .ownedBy(name());
    }

    /** The picture. */
    public Screen screen() {
        return screen;
    }

    private void add(AddressSpace ports, int first, int count, IoHandler handler) {
        ports.add(new AddressRange(first, count), handler).ownedBy(name());
    }

    @Override
    protected void resetDevice() {
        core.reset();
    }

    @Override
    protected void saveDevice(StateWriter out) {
        core.save(out);
    }

    @Override
    protected void loadDevice(StateReader in) {
        core.load(in);
    }
}

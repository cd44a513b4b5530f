package jkvm.device.pci;

import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.RegisterNames;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * Configuration mechanism 1 (PCI 3.0 section 3.2.2.3.2): the address port and the data port, four I/O ports each. Only
 * an access of four bytes reaches the address register; one that begins at the second port is the chipset's reset
 * control, which takes the first byte.
 */
public final class PciConfigPorts implements Device {
    public static final int ADDRESS_PORT = 0xCF8;
    public static final int DATA_PORT = 0xCFC;
    public static final int PORTS = 4;

    private static final int RESET_OFFSET = 1;
    private static final long ENABLE_BIT = 0x80000000L;
    private static final long ADDRESS_MASK = 0x80FFFFFCL;
    private static final int STATE_VERSION = 1;

    private final PciBus bus;
    private final IoHandler resetControl;
    private volatile long address;

    /** For a machine without a reset control: an access of less than four bytes to the address port finds nothing. */
    public PciConfigPorts(PciBus bus) {
        this(bus, null);
    }

    /** @param resetControl takes accesses to port 0xCF9; null if there is none */
    public PciConfigPorts(PciBus bus, IoHandler resetControl) {
        this.bus = bus;
        this.resetControl = resetControl;
    }

    /** The handler of {@link #ADDRESS_PORT}. */
    public IoHandler addressPort() {
        return new IoHandler() {
            @Override
            public RegisterNames registerNames() {
                return new RegisterNames("pci_cfg").with(0, "CONFIG_ADDRESS");
            }

            @Override
            public long read(long offset, int size) {
                if (size == Integer.BYTES) {
                    return address;
                }
                return !isReset(offset) ? -1 : resetControl.read(0, 1) | (size == 1 ? 0 : -1L << Byte.SIZE);
            }

            @Override
            public void write(long offset, int size, long value) {
                if (size == Integer.BYTES) {
                    address = value & ADDRESS_MASK;
                } else if (isReset(offset)) {
                    resetControl.write(0, 1, value & 0xFF);
                }
            }
        };
    }

    private boolean isReset(long offset) {
        return resetControl != null && offset == RESET_OFFSET;
    }

    /** The handler of {@link #DATA_PORT}. */
    public IoHandler dataPort() {
        return new IoHandler() {
            @Override
            public RegisterNames registerNames() {
                return new RegisterNames("pci_cfg").with(0, "CONFIG_DATA");
            }

            @Override
            public long read(long offset, int size) {
                long at = address;
                return (at & ENABLE_BIT) == 0 ? -1
                        : bus.readConfig(busOf(at), functionOf(at), offsetOf(at, offset), size);
            }

            @Override
            public void write(long offset, int size, long value) {
                long at = address;
                if ((at & ENABLE_BIT) != 0) {
                    bus.writeConfig(busOf(at), functionOf(at), offsetOf(at, offset), size, value);
                }
            }
        };
    }

    private static int busOf(long address) {
        return (int) (address >>> 16) & 0xFF;
    }

    private static int functionOf(long address) {
        return (int) (address >>> 8) & 0xFF;
    }

    private static int offsetOf(long address, long portOffset) {
        return (int) ((address & 0xFC) + portOffset);
    }

    @Override
    public String name() {
        return "pci-config";
    }

    @Override
    public void reset() {
        address = 0;
    }

    @Override
    public void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putLong("address", address);
    }

    @Override
    public void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        address = in.getLong("address") & ADDRESS_MASK;
    }
}

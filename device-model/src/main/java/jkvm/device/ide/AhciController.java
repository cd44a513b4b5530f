package jkvm.device.ide;

import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.MsiSink;
import jkvm.bus.RegisterNames;
import jkvm.device.board.Properties;
import jkvm.device.board.PropertyException;
import jkvm.device.board.UnitBus;
import jkvm.device.board.UnitType;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciIdentity;
import jkvm.memory.GuestMemory;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;
import jkvm.work.Workers;

/** Intel's ICH9 SATA controller in AHCI mode, 8086:2922, with six ports for a drive each. */
public final class AhciController extends PciFunction implements UnitBus {
    public static final int PORTS = 6;
    static final int PORTS_OFFSET = 0x100;
    private static final int DEVICE = 0x2922;
    private static final int REVISION = 2;
    /** A SATA controller with AHCI's programming interface. */
    private static final int CLASS = 0x010601;
    private static final int INTERRUPT_A = 1;
    private static final int REGISTERS_BAR = 5;
    private static final int REGISTERS_SIZE = 0x1000;
    private static final int PAIR_BAR = 4;
    private static final int PAIR_SIZE = 0x20;
    private static final int INDEX_OFFSET = 0x10;
    private static final int DATA_OFFSET = 0x14;
    private static final int INDEX_MASK = 0xFFC;
    private static final int SATA_CAPABILITY = 0xA8;
    private static final int SATA_CAPABILITY_ID = 0x12;
    private static final int SATA_REVISION = 0x10;
    /** The index and data registers are in BAR 4, from its fourth double word on. */
    private static final int PAIR_PLACE = PAIR_BAR + 4 | 4 << 4;
    private static final int MSI_CAPABILITY = 0x80;
    private static final int STATE_VERSION = 1;

    private final AhciHost host;
    private final AhciPort[] ports = new AhciPort[PORTS];
    private final Workers workers;
    private int firstPlace;
    private String busPrefix = "";
    private int firstBus;
    private int index;

    /**
     * Makes the controller without drives.
     *
     * @param name     of the device
     * @param workers  make one for each drive
     * @param memory   for commands and data
     * @param messages takes MSI
     */
    @SuppressWarnings("this-escape")
    public AhciController(String name, Workers workers, GuestMemory memory, MsiSink messages) {
        super(name, new PciIdentity(PciIdentity.INTEL, DEVICE, REVISION, CLASS, PciIdentity.VIRTIO,
                PciIdentity.QEMU_SUBSYSTEM, INTERRUPT_A));
        this.workers = workers;
        host = new AhciHost(PORTS, this::setInterrupt);
        addCapability(SATA_CAPABILITY, SATA_CAPABILITY_ID);
        define(SATA_CAPABILITY + 2, 1, SATA_REVISION, 0);
        define(SATA_CAPABILITY + 4, Integer.BYTES, PAIR_PLACE, 0);
        host.messages(addMsi(MSI_CAPABILITY, 1, messages));
        addIoBar(PAIR_BAR, PAIR_SIZE, new Pair());
        addMemoryBar(REGISTERS_BAR, REGISTERS_SIZE, new Registers());
        for (int i = 0; i < PORTS; i++) {
            ports[i] = new AhciPort(i, host, memory, this::isBusMaster);
        }
    }

    /**
     * Tells the controller which one it is, before drives are plugged in.
     *
     * @param order  0 for the machine's first AHCI controller
     * @param prefix of its buses' names, to which they add a number
     * @param first  the number of the first one
     */
    public void number(int order, String prefix, int first) {
        firstPlace = IdeType.FIRST_SATA_PLACE + order * PORTS * IdeCable.PLACES;
        busPrefix = prefix;
        firstBus = first;
    }

    /** Ends the workers. No vCPU runs. */
    public void close() {
        for (AhciPort port : ports) {
            port.close();
        }
    }

    private int read(int offset) {
        int port = (offset - PORTS_OFFSET) / AhciPort.SIZE;
        return offset < PORTS_OFFSET ? host.read(offset)
                : port < PORTS ? ports[port].read(offset % AhciPort.SIZE) : 0;
    }

    private void write(int offset, int value) {
        int port = (offset - PORTS_OFFSET) / AhciPort.SIZE;
        if (offset == AhciHost.CONTROL_OFFSET && (value & AhciHost.RESET_BIT) != 0) {
            host.reset();
            for (AhciPort each : ports) {
                each.hostReset();
            }
        } else if (offset < PORTS_OFFSET) {
            host.write(offset, value);
        } else if (port < PORTS) {
            ports[port].write(offset % AhciPort.SIZE, value);
        }
    }

    /** The registers in memory. Writes of less than a double word are dropped. */
    private final class Registers implements IoHandler {
        @Override
        public long read(long offset, int size) {
            int first = (int) offset & -Integer.BYTES;
            long value = AhciController.this.read(first) & 0xFFFFFFFFL;
            if ((offset & 3) + size > Integer.BYTES && first + Integer.BYTES < REGISTERS_SIZE) {
                value |= (long) AhciController.this.read(first + Integer.BYTES) << Integer.SIZE;
            }
            return value >>> ((int) offset & 3) * Byte.SIZE;
        }

        @Override
        public void write(long offset, int size, long value) {
            if (size < Integer.BYTES || offset % Integer.BYTES != 0) {
                return;
            }
            AhciController.this.write((int) offset, (int) value);
            if (size == Long.BYTES) {
                AhciController.this.write((int) offset + Integer.BYTES, (int) (value >> Integer.SIZE));
            }
        }

        @Override
        public RegisterNames registerNames() {
            RegisterNames names = new RegisterNames("ahci");
            String[] generic = {"CAP", "GHC", "IS", "PI", "VS"};
            String[] ofPort = {"CLB", "CLBU", "FB", "FBU", "IS", "IE", "CMD", "", "TFD", "SIG", "SSTS", "SCTL", "SERR",
                "SACT", "CI"};
            for (int i = 0; i < generic.length; i++) {
                names.with((long) i * Integer.BYTES, generic[i]);
            }
            for (int port = 0; port < PORTS; port++) {
                for (int i = 0; i < ofPort.length; i++) {
                    names.with(PORTS_OFFSET + (long) port * AhciPort.SIZE + (long) i * Integer.BYTES,
                            "P" + port + ofPort[i]);
                }
            }
            return names;
        }
    }

    /** The same registers by an index, for code that reaches ports only (AHCI 1.3.1 section 2.4.1). */
    private final class Pair implements IoHandler {
        @Override
        public long read(long offset, int size) {
            return offset == INDEX_OFFSET ? index
                    : offset == DATA_OFFSET ? AhciController.this.read(index) & 0xFFFFFFFFL : 0;
        }

        @Override
        public void write(long offset, int size, long value) {
            if (offset == INDEX_OFFSET) {
                index = (int) value & INDEX_MASK;
            } else if (offset == DATA_OFFSET && size == Integer.BYTES) {
                AhciController.this.write(index, (int) value);
            }
        }
    }

    /** True if one of its buses has this name. */
    public boolean hasBus(String busName) {
        return portOf(busName) >= 0;
    }

    /** True if no port is free. */
    public boolean isFull() {
        return freePort() < 0;
    }

    private int portOf(String busName) {
        for (int i = 0; i < PORTS; i++) {
            if (busName.equals(busPrefix + "." + (firstBus + i))) {
                return i;
            }
        }
        return -1;
    }

    /** The last one, as QEMU takes them. */
    private int freePort() {
        int port = PORTS - 1;
        while (port >= 0 && ports[port].unit() != null) {
            port--;
        }
        return port;
    }

    @Override
    public int placeOf(Properties properties) {
        int port = properties.find(UnitType.BUS).map(this::portOf).orElseGet(this::freePort);
        int unit = properties.find(IdeType.UNIT).orElse(-1);
        if (unit > 0 || ports[port].unit() != null) {
            throw PropertyException.invalid(IdeType.UNIT.name(), Math.max(unit, 1), "Can't create IDE unit "
                    + Math.max(unit, 1) + ", bus supports only 1 units");
        }
        return firstPlace + port * IdeCable.PLACES;
    }

    private int portAt(int place) {
        return (place - firstPlace) / IdeCable.PLACES;
    }

    @Override
    public void plug(int place, Device unit) {
        ports[portAt(place)].plug((AtaUnit) unit, workers);
    }

    @Override
    public String pathOf(int place) {
        return "drive@%d/disk@0".formatted(portAt(place));
    }

    @Override
    protected void resetDevice() {
        host.reset();
        for (AhciPort port : ports) {
            port.reset();
        }
        index = 0;
    }

    @Override
    protected void saveDevice(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("index", index);
        host.save(out);
        for (AhciPort port : ports) {
            port.save(out);
        }
    }

    @Override
    protected void loadDevice(StateReader in) {
        in.getVersion(STATE_VERSION);
        index = in.getInt("index") & INDEX_MASK;
        host.load(in);
        for (AhciPort port : ports) {
            port.load(in);
        }
    }
}

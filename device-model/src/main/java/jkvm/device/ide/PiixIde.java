package jkvm.device.ide;

import java.util.ArrayList;
import java.util.List;
import java.util.function.BiConsumer;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.ByteIoHandler;
import jkvm.bus.Device;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
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

/** Intel's PIIX3 IDE controller, 8086:7010, with its two channels at the ports and interrupts of a PC. */
public final class PiixIde extends PciFunction implements UnitBus {
    public static final int PRIMARY_PORT = 0x1F0;
    public static final int PRIMARY_CONTROL_PORT = 0x3F6;
    public static final int PRIMARY_IRQ = 14;
    public static final int SECONDARY_PORT = 0x170;
    public static final int SECONDARY_CONTROL_PORT = 0x376;
    public static final int SECONDARY_IRQ = 15;

    private static final int DEVICE = 0x7010;
    /** An IDE controller at the ports of a PC, whose bus master may be used. */
    private static final int CLASS = 0x010180;
    private static final int BUS_MASTER_BAR = 4;
    private static final int TIMING_OFFSET = 0x40;
    private static final int TIMING_SIZE = 0x0C;
    /** In the high byte of each channel's timing: its ports are decoded. */
    private static final int DECODE_BIT = 0x8000;
    private static final int CHANNELS = 2;
    private static final int STATE_VERSION = 1;
    private static final String BUS_NAME = "ide.";

    private final IdeChannel[] channels = new IdeChannel[CHANNELS];

    /**
     * Makes the controller without drives.
     *
     * @param ports     get those of both channels
     * @param primary   the first channel's interrupt
     * @param secondary the second one's
     * @param workers   make one for each channel
     * @param memory    for the bus master
     */
    @SuppressWarnings("this-escape")
    public PiixIde(AddressSpace ports, IrqLine primary, IrqLine secondary, Workers workers, GuestMemory memory) {
        super("piix3-ide", new PciIdentity(PciIdentity.INTEL, DEVICE, 0, CLASS));
        define(STATUS_OFFSET, 2, STATUS_MEDIUM_TIMING | STATUS_FAST_BACK_TO_BACK_BIT, 0);
        define(TIMING_OFFSET, Integer.BYTES, 0, 0xFFFFFFFFL);
        define(TIMING_OFFSET + 4, TIMING_SIZE - 4, 0, -1);
        channels[0] = new IdeChannel("ide.0", primary, workers, new BusMaster(memory, this::isBusMaster));
        channels[1] = new IdeChannel("ide.1", secondary, workers, new BusMaster(memory, this::isBusMaster));
        addPorts(ports, channels[0], PRIMARY_PORT, PRIMARY_CONTROL_PORT);
        addPorts(ports, channels[1], SECONDARY_PORT, SECONDARY_CONTROL_PORT);
        addIoBar(BUS_MASTER_BAR, CHANNELS * BusMaster.REGISTERS, new MasterPorts());
    }

    private void addPorts(AddressSpace ports, IdeChannel channel, int port, int controlPort) {
        ports.add(new AddressRange(port, TaskFile.REGISTERS), new CommandPorts(channel)).ownedBy(name());
        ports.add(new AddressRange(controlPort, 1), new ControlPort(channel)).ownedBy(name());
    }

    /** Ends the workers. No vCPU runs. */
    public void close() {
        for (IdeChannel channel : channels) {
            channel.close();
        }
    }

    /** The eight ports of a channel's command block. */
    private record CommandPorts(IdeChannel channel) implements IoHandler {
        @Override
        public long read(long offset, int size) {
            return channel.read((int) offset, size);
        }

        @Override
        public void write(long offset, int size, long value) {
            channel.write((int) offset, size, value);
        }

        @Override
        public RegisterNames registerNames() {
            return new RegisterNames("ide").bytes(0, "DATA", "ERROR", "COUNT", "LBA_LOW", "LBA_MID", "LBA_HIGH",
                    "DEVICE", "STATUS");
        }
    }

    /** The port of a channel's control register and alternate status. */
    private record ControlPort(IdeChannel channel) implements ByteIoHandler {
        @Override
        public int readByte(int offset) {
            return channel.readAlternateStatus();
        }

        @Override
        public void writeByte(int offset, int value) {
            channel.writeControl(value);
        }
    }

    /** The bus master registers of both channels. */
    private final class MasterPorts implements IoHandler {
        @Override
        public long read(long offset, int size) {
            return channels[(int) offset / BusMaster.REGISTERS].readMaster((int) offset % BusMaster.REGISTERS, size);
        }

        @Override
        public void write(long offset, int size, long value) {
            channels[(int) offset / BusMaster.REGISTERS].writeMaster((int) offset % BusMaster.REGISTERS, size, value);
        }

        @Override
        public RegisterNames registerNames() {
            return new RegisterNames("ide").with(0, "BMICP").with(2, "BMISP").with(4, "BMIDTPP").with(8, "BMICS")
                    .with(10, "BMISS").with(12, "BMIDTPS");
        }
    }

    /** Lets both channels' ports be decoded, as firmware does. */
    public void enableChannels() {
        for (int i = 0; i < CHANNELS; i++) {
            setRegister(TIMING_OFFSET + i * Short.BYTES, 2,
                    register(TIMING_OFFSET + i * Short.BYTES, 2) | DECODE_BIT);
        }
    }

    @Override
    public int placeOf(Properties properties) {
        int bus = busOf(properties);
        int unit = properties.find(IdeType.UNIT).orElse(-1);
        if (unit >= IdeCable.PLACES) {
            throw PropertyException.invalid(IdeType.UNIT.name(), unit, "Can't create IDE unit " + unit
                    + ", bus supports only " + IdeCable.PLACES + " units");
        }
        for (int i = 0; i < CHANNELS * IdeCable.PLACES; i++) {
            // As in QEMU the second cable is first where the user names none.
            int place = bus < 0 ? (i + IdeCable.PLACES) % (CHANNELS * IdeCable.PLACES) : i;
            boolean fits = (bus < 0 || place / IdeCable.PLACES == bus)
                    && (unit < 0 || place % IdeCable.PLACES == unit);
            if (fits && unitAt(place) == null) {
                return place;
            }
        }
        throw new PropertyException(PropertyException.Kind.CONFLICT, IdeType.UNIT.name(), unit >= 0
                ? "IDE unit " + unit + " is in use" : bus >= 0 ? "Bus '" + BUS_NAME + bus + "' is full"
                : "No 'IDE' bus found with room");
    }

    private int busOf(Properties properties) {
        String name = properties.find(UnitType.BUS).orElse("");
        if (name.isEmpty()) {
            return -1;
        }
        for (int i = 0; i < CHANNELS; i++) {
            if (name.equals(channels[i].name())) {
                return i;
            }
        }
        throw new PropertyException(PropertyException.Kind.INVALID, UnitType.BUS.name(),
                "Bus '" + name + "' not found");
    }

    private AtaUnit unitAt(int place) {
        return channels[place / IdeCable.PLACES].unit(place % IdeCable.PLACES);
    }

    @Override
    public void plug(int place, Device unit) {
        channels[place / IdeCable.PLACES].plug(place % IdeCable.PLACES, (AtaUnit) unit);
    }

    @Override
    public String pathOf(int place) {
        return "drive@%d/disk@%d".formatted(place / IdeCable.PLACES, place % IdeCable.PLACES);
    }

    /**
     * Describes the hard disks in the clock's memory, where firmware looks. Before the guest runs.
     *
     * @param registers takes a register and its value
     */
    public void describeDisks(BiConsumer<Integer, Integer> registers) {
        List<AtaDisk> disks = new ArrayList<>();
        for (int place = 0; place < CHANNELS * IdeCable.PLACES; place++) {
            disks.add(unitAt(place) instanceof AtaDisk disk ? disk : null);
        }
        DiskTypes.put(disks, registers::accept);
    }

    @Override
    protected void resetDevice() {
        for (IdeChannel channel : channels) {
            channel.reset();
        }
    }

    @Override
    protected void saveDevice(StateWriter out) {
        out.putVersion(STATE_VERSION);
        for (IdeChannel channel : channels) {
            channel.save(out);
        }
    }

    @Override
    protected void loadDevice(StateReader in) {
        in.getVersion(STATE_VERSION);
        for (IdeChannel channel : channels) {
            channel.load(in);
        }
    }
}

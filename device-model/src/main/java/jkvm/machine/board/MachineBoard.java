package jkvm.machine.board;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import jkvm.bus.AddressRange;
import jkvm.bus.AddressSpace;
import jkvm.bus.Device;
import jkvm.bus.DmaChannel;
import jkvm.bus.IoHandler;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.bus.MsiSink;
import jkvm.bus.SharedIrqLine;
import jkvm.device.board.Board;
import jkvm.device.board.BootSource;
import jkvm.device.board.DeviceMemory;
import jkvm.device.board.DeviceObserver;
import jkvm.device.board.PageProtector;
import jkvm.device.board.Properties;
import jkvm.device.board.RandomSource;
import jkvm.device.pci.HostBridge;
import jkvm.device.pci.PciFunction;
import jkvm.device.platform.AcpiPm;
import jkvm.device.platform.I8042;
import jkvm.device.platform.PostPort;
import jkvm.device.platform.Rtc;
import jkvm.device.platform.VmGenerationId;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.disk.UndoDisk;
import jkvm.host.display.DisplayHub;
import jkvm.host.display.Screen;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.host.input.InputHub;
import jkvm.host.net.Cable;
import jkvm.host.net.NetBackend;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.facts.DeviceFacts;
import jkvm.machine.facts.MachineFacts;
import jkvm.machine.facts.MemoryRange;
import jkvm.machine.facts.PortRange;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;
import jkvm.vm.Vm;
import jkvm.work.Workers;

/** The board of one machine, with the devices on it. Devices may be added in any order, and removed. */
public final class MachineBoard implements Board, AutoCloseable {
    private static final int CHIP_PAGE = 4096;
    private final AddressSpace ports = new AddressSpace("port");
    private final AddressSpace memory = new AddressSpace("memory");
    private final SharedIrqLine[] lines = new SharedIrqLine[GSI_COUNT];
    private final MachineClock clock;
    private final MachineControl control;
    private final Workers workers;
    private final GuestMemory guestMemory;
    private final HostSides host;
    private final DeviceObserver observer;
    private final List<Device> devices = new CopyOnWriteArrayList<>();
    private final Set<String> names = new HashSet<>();
    /** Those that users asked for, by name. */
    private final Map<String, DeviceConfig> configs = new ConcurrentHashMap<>();
    /** RAM and ROM as the guest sees them. */
    private List<MemoryRange> layout = List.of();
    private Optional<String> firmware = Optional.empty();
    /** Makes {@link #slots} for the first device that has memory. */
    private Vm vm;
    private DeviceSlots slots;
    /** The ids that users gave, also to devices that are not there yet. */
    private final Set<String> ids = new HashSet<>();
    private final BootSources bootSources = new BootSources();
    private final List<Runnable> powerOn = new ArrayList<>();
    /** Null without ACPI. */
    private AcpiPm power;
    private I8042 keyboard;
    /** Null until somebody asks for it. Guarded by this. */
    private InputHub inputHub;
    private PostPort pages;
    private Rtc clockMemory;
    /** Null until a device or firmware asks for them. */
    private DmaControllers dma;
    private final Deque<Runnable> ends = new ArrayDeque<>();
    private Optional<DisplayHub> display = Optional.empty();

    /**
     * @param gsis one line for each input of the interrupt controllers
     * @param host closed with the board
     * @param observer looks at the devices; {@link DeviceObserver#NONE} if nobody does
     */
    public MachineBoard(MachineClock clock, MachineControl control, Workers workers, GuestMemory guestMemory,
            List<IrqLine> gsis, HostSides host, DeviceObserver observer) {
        this.clock = clock;
        this.control = control;
        this.workers = workers;
        this.guestMemory = guestMemory;
        this.host = host;
        this.observer = observer;
        for (int i = 0; i < GSI_COUNT; i++) {
            lines[i] = new SharedIrqLine(gsis.get(i));
        }
    }

    /** The board as the device with this name is to see it. */
    Board forDevice(String name) {
        return forDevice(name, this);
    }

    /** The board as the device with this name is to see it, which has this part of it. */
    Board forDevice(String name, Board parts) {
        return observer == DeviceObserver.NONE ? parts : new ObservedBoard(parts, observer, name);
    }

    /** Looks at the devices. */
    DeviceObserver observer() {
        return observer;
    }

    @Override
    public AddressSpace ports() {
        return ports;
    }

    @Override
    public AddressSpace memory() {
        return memory;
    }

    @Override
    public IrqLine irq(int gsi) {
        return lines[gsi].input();
    }

    @Override
    public MachineClock clock() {
        return clock;
    }

    /** Takes the page registers of DMA channels. */
    void pages(PostPort registers) {
        pages = registers;
    }

    /** Takes the clock, whose memory firmware looks at. */
    void clockMemory(Rtc rtc) {
        clockMemory = rtc;
    }

    /** The DMA controllers, put on the board when they are asked for first. */
    DmaControllers dma() {
        if (dma == null) {
            dma = new DmaControllers(this, pages);
        }
        return dma;
    }

    @Override
    public DmaChannel dma(int number) {
        return dma().channel(number);
    }

    @Override
    public void putCmos(int register, int value) {
        clockMemory.putByte(register, value);
    }

    @Override
    public GuestMemory guestMemory() {
        return guestMemory;
    }

    @Override
    public MachineControl control() {
        return control;
    }

    @Override
    public Workers workers() {
        return workers;
    }

    @Override
    public MsiSink messages() {
        throw new IllegalStateException("messages are sent by PCI devices, which have parts of their own");
    }

    @Override
    public PageProtector pageProtector() {
        return new GuestPageProtector(guestMemory, host.syscalls());
    }

    @Override
    public RandomSource random(Optional<String> object) {
        return host.random(object, host::closeAtEnd);
    }

    @Override
    public Chardev chardev(ChardevSpec spec) {
        return host.chardev(spec);
    }

    @Override
    public DiskImage disk(DriveSpec drive) {
        return host.disk(drive, host::closeAtEnd);
    }

    @Override
    public DiskStatistics statistics(DriveSpec drive) {
        return host.statistics(drive);
    }

    @Override
    public MediumSlot medium(String device, Optional<DriveSpec> drive, boolean hasTray) {
        return host.media().make(device, drive, hasTray, host::closeAtEnd);
    }

    @Override
    public void bootable(BootSource source) {
        bootSources.add(source, 0);
    }

    /** What the built-in BIOS may boot from. */
    public BootSources bootSources() {
        return bootSources;
    }

    @Override
    public NetBackend network(Optional<NetdevSpec> netdev) {
        return host.network(netdev, host::closeAtEnd);
    }

    @Override
    public void cable(String card, Optional<NetdevSpec> netdev, Cable cable) {
        host.networks().connect(card, netdev, cable);
    }

    @Override
    public void screen(String device, Screen screen) {
        if (display.isEmpty()) {
            DisplayHub hub = new DisplayHub(device, screen);
            display = Optional.of(hub);
            atEnd(hub::close);
        }
    }

    /** The screen, for those who show it; empty without a display adapter. */
    public Optional<DisplayHub> display() {
        return display;
    }

    /** The host sides of all devices. */
    HostSides host() {
        return host;
    }

    @Override
    public void atEnd(Runnable end) {
        ends.push(end);
    }

    /** Takes back an {@link #atEnd} that was done early; the same object. */
    void forget(Runnable end) {
        ends.remove(end);
    }

    /** @throws IllegalStateException if the guest may write to a disk that cannot return to an earlier moment */
    public void requireUndoableDisks() {
        host.requireUndoableDisks();
    }

    /** The drives whose media come and go. */
    public List<MediumSlot> media() {
        return host.media().all();
    }

    /** The disks, if the machine replays a recording or has reset points. */
    public List<UndoDisk> undoDisks() {
        return host.undoDisks();
    }

    /** The disks that devices have. Any thread may ask. */
    public List<DiskSide> diskSides() {
        return host.diskSides();
    }

    /** Takes the registers of the power button and of the sleep states. */
    void power(AcpiPm registers) {
        power = registers;
    }

    /** Any thread may call. */
    public void pressPowerButton() {
        if (power != null) {
            power.pressPowerButton();
        }
    }

    /** Takes the keyboard and the mouse, if there are some. */
    void keyboard(I8042 controller) {
        keyboard = controller;
        if (workers.clock() != null) {
            input();
        }
    }

    @Override
    public synchronized InputHub input() {
        if (inputHub == null) {
            inputHub = new InputHub(clock, workers.clock());
            if (keyboard != null) {
                keyboard.connect(inputHub);
            }
        }
        return inputHub;
    }

    /** Does something at power-on and after each reset of the devices. */
    void atPowerOn(Runnable action) {
        powerOn.add(action);
    }

    /** Keeps ids for the devices that users gave them to. */
    public void reserve(List<DeviceConfig> configs) {
        configs.forEach(config -> ids.add(config.properties().id()));
    }

    /**
     * A device's name: the user's id for it, or else its place; with a number where another device is named so, which
     * no id contains.
     */
    String nameOf(Properties properties, String place) {
        boolean isGiven = !properties.id().isEmpty();
        String wanted = isGiven ? properties.id() : place;
        String name = wanted;
        for (int n = 1; names.contains(name) || !isGiven && ids.contains(name); n++) {
            name = wanted + "#" + n;
        }
        return name;
    }

    /** A device of this name will be as the user wants it. */
    void configured(String name, DeviceConfig config) {
        configs.put(name, config);
    }

    /**
     * Says how RAM and ROM are laid out.
     *
     * @param machine gives devices memory
     * @param rom     lays them out, if there is one
     * @param asked   the devices that the machine will have
     */
    public void mappedBy(Vm machine, Optional<Firmware> rom, List<DeviceConfig> asked) {
        vm = machine;
        firmware = rom.map(Firmware::description);
        layout = rom.isPresent() ? rom.get().layout() : RamSlots.ranges(guestMemory, asked).stream()
                .map(range -> new MemoryRange(range, MemoryRange.Kind.RAM, "")).toList();
    }

    /** The firmware's size and checksum, if there is firmware. */
    public Optional<String> firmware() {
        return firmware;
    }

    /** RAM, ROM and the chips in KVM. */
    private List<MemoryRange> fixedRanges() {
        List<MemoryRange> ranges = new ArrayList<>(layout);
        ranges.add(new MemoryRange(new AddressRange(Integer.toUnsignedLong(
                PlatformDescription.IOAPIC_ADDRESS), CHIP_PAGE),
                MemoryRange.Kind.CHIP, "ioapic"));
        ranges.add(new MemoryRange(new AddressRange(Integer.toUnsignedLong(
                PlatformDescription.LAPIC_ADDRESS), CHIP_PAGE),
                MemoryRange.Kind.CHIP, "lapic"));
        return ranges;
    }

    @Override
    public DeviceMemory deviceMemory(String device, long size) {
        if (slots == null) {
            slots = new DeviceSlots(vm);
            slots.follow(memory, fixedRanges().stream().map(MemoryRange::range).toList());
        }
        return slots.allocate(device, size);
    }

    /** The devices and their places at this moment. Any thread may ask. */
    public MachineFacts facts() {
        List<MemoryRange> ranges = fixedRanges();
        memory.ranges().forEach(range ->
                ranges.add(new MemoryRange(range.range(), MemoryRange.Kind.REGISTERS, range.owner())));
        ranges.sort(Comparator.comparingLong(range -> range.range().start()));
        return new MachineFacts(ranges,
                ports.ranges().stream().map(range -> new PortRange(range.range(), range.owner())).toList(),
                devices().stream().map(device -> new DeviceFacts(device.name(),
                        Optional.ofNullable(configs.get(device.name())),
                        device instanceof PciFunction function ? Optional.of(function.facts()) : Optional.empty()))
                        .toList(), host.diskFacts(), host.media().facts());
    }

    /** Adds a device whose registers have their place already, or that has none. */
    public void add(Device device) {
        if (!names.add(device.name())) {
            throw new IllegalArgumentException("two devices named " + device.name());
        }
        devices.add(device);
    }

    /** Takes a device out whose registers are gone: its name and its id are free. No vCPU runs. */
    void remove(Device device) {
        devices.remove(device);
        names.remove(device.name());
        ids.remove(device.name());
        configs.remove(device.name());
    }

    /** True if a device has this name, or is to get it. */
    boolean isTaken(String name) {
        return names.contains(name) || ids.contains(name);
    }

    /** Adds a device at ports. */
    <T extends Device & IoHandler> void addAt(int port, int count, T device) {
        add(device);
        ports.add(new AddressRange(port, count), device);
    }

    /** All devices, in the order in which they were added. */
    public List<Device> devices() {
        return List.copyOf(devices);
    }

    /** The device that tells the guest of copies of it, if there is one. */
    public Optional<VmGenerationId> generationId() {
        for (Device device : devices) {
            if (device instanceof VmGenerationId found) {
                return Optional.of(found);
            }
        }
        return Optional.empty();
    }

    /** Power-on state for all devices. No vCPU runs. */
    public void reset() {
        devices.forEach(Device::reset);
        powerOn();
    }

    /** Notes in the clock's memory, as firmware does, that the next start is no cold one. No vCPU runs. */
    public void suspend() {
        clockMemory.putByte(Rtc.SHUTDOWN_REGISTER, Rtc.RESUME_CODE);
    }

    /**
     * As {@link #reset()}, for a guest that goes on after a suspend to RAM and is told what has ended it. The host
     * bridge goes on shadowing firmware, as QEMU's does: SeaBIOS knows by its shadow that it has run before.
     */
    public void wakeUp() {
        devices.stream().filter(device -> device != power && !(device instanceof HostBridge)).forEach(Device::reset);
        powerOn();
        power.wakeUp();
    }

    /** All devices are there and have just been made. */
    public void powerOn() {
        powerOn.forEach(Runnable::run);
    }

    /**
     * Ends the devices' threads, then closes their host sides. No vCPU runs.
     *
     * @throws java.io.UncheckedIOException if something could not be saved; all is closed even so
     */
    @Override
    public void close() {
        while (!ends.isEmpty()) {
            ends.pop().run();
        }
        host.close();
    }
}

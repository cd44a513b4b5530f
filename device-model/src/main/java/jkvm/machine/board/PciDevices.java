package jkvm.machine.board;

import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.IntConsumer;
import jkvm.bus.AddressRange;
import jkvm.bus.IoHandler;
import jkvm.device.board.Board;
import jkvm.device.board.Bus;
import jkvm.device.board.DeviceObserver;
import jkvm.device.board.PciPlace;
import jkvm.device.ide.PiixIde;
import jkvm.device.pci.AcpiFunction;
import jkvm.device.pci.HostBridge;
import jkvm.device.pci.IsaBridge;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciConfigPorts;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciHotplug;
import jkvm.device.pci.PciResources;
import jkvm.device.pci.PirqRouter;
import jkvm.device.platform.GpeBlock;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineException.Kind;
import jkvm.tables.PlatformDescription;

/** A PC's PCI bus with the chipset's functions on it. */
public final class PciDevices {
    /** Where the board leads PIRQA to PIRQD. */
    public static final List<Integer> PIRQ_GSIS = List.of(10, 10, 11, 11);

    /** BARs lie between RAM and the IOAPIC. */
    private static final long MEMORY_START = 0xC0000000L;
    private static final long MEMORY_END = 0xFEC00000L;
    /** As much as QEMU leaves for 64-bit BARs that have no room below 4 GiB, and where it begins. */
    private static final long WIDE_SIZE = 2L << 30;
    private static final long WIDE_ALIGNMENT = 1L << 30;
    private static final long FOUR_GIB = 4L << 30;

    private static final int ISA_SLOT = 1;
    private static final int IDE_FUNCTION = 1;
    private static final int ACPI_FUNCTION = 3;
    /** The slots after the chipset's. */
    private static final int REMOVABLE = -1 << ISA_SLOT + 1;
    /** Where SeaBIOS begins, too. */
    private static final int FIRST_IO_BAR = 0xC000;

    private final PciBus bus;
    private final PirqRouter router;
    private final Optional<AcpiFunction> power;
    /** Absent where no drive and no firmware asks for it. */
    private Optional<PiixIde> ide = Optional.empty();
    /** Absent without ACPI, whose methods use it. */
    private final Optional<PciHotplug> hotplug;
    /** Null without ACPI. */
    private GpeBlock events;
    private final MachineBoard board;
    /** The devices that the user has put on the bus, by address. */
    private final Map<Integer, PciCard> cards = new TreeMap<>();
    /** Told of a slot that the guest ejects. */
    private IntConsumer onEject = slot -> { };

    /**
     * Puts the bus on the board.
     *
     * @param resetControl has its port inside the configuration ports
     * @param pamListener  what the host bridge's PAM registers act on
     */
    PciDevices(MachineBoard board, PlatformDescription platform, IoHandler resetControl,
            HostBridge.PamListener pamListener) {
        this.board = board;
        router = new PirqRouter(board::irq, PIRQ_GSIS);
        bus = new PciBus(board.ports(), board.memory(), router,
                board.observer() == DeviceObserver.NONE ? null : board.observer());
        PciConfigPorts configPorts = new PciConfigPorts(bus, resetControl);
        board.add(configPorts);
        board.ports().add(new AddressRange(PciConfigPorts.ADDRESS_PORT, PciConfigPorts.PORTS),
                configPorts.addressPort()).ownedBy(configPorts.name());
        board.ports().add(new AddressRange(PciConfigPorts.DATA_PORT, PciConfigPorts.PORTS), configPorts.dataPort())
                .ownedBy(configPorts.name());
        add(0, new HostBridge(pamListener));
        add(ISA_SLOT * PciBus.FUNCTIONS, new IsaBridge(router));
        power = platform.acpi() ? Optional.of(new AcpiFunction(PlatformDescription.PM1A_EVENT_PORT,
                platform.has(PlatformDescription.COM1), platform.has(PlatformDescription.COM2))) : Optional.empty();
        power.ifPresent(function -> add(ISA_SLOT * PciBus.FUNCTIONS + ACPI_FUNCTION, function));
        hotplug = platform.acpi() ? Optional.of(addHotplug()) : Optional.empty();
    }

    private PciHotplug addHotplug() {
        events = new GpeBlock("acpi-gpe", board.irq(PlatformDescription.SCI_GSI));
        board.addAt(PlatformDescription.GPE0_PORT, GpeBlock.PORTS, events);
        PciHotplug controller = new PciHotplug("pci-hotplug", new Slots(),
                () -> events.raise(GpeBlock.PCI_HOTPLUG_EVENT));
        board.addAt(PlatformDescription.PCI_HOTPLUG_PORT, PciHotplug.PORTS, controller);
        return controller;
    }

    /** The slots as the hot-plug controller sees them. */
    private final class Slots implements PciHotplug.Slots {
        @Override
        public int removable() {
            return REMOVABLE;
        }

        @Override
        public int occupied() {
            return bus.occupied();
        }

        @Override
        public void eject(int slot) {
            onEject.accept(slot);
        }
    }

    private void add(int address, PciFunction function) {
        bus.add(address / PciBus.FUNCTIONS, address % PciBus.FUNCTIONS, function);
        board.add(function);
    }

    /**
     * The bus, with room after RAM if the processors' addresses reach there.
     *
     * @param memoryEnd   first address after RAM
     * @param addressBits of the guest's processors
     */
    public static PlatformDescription.PciHost host(long memoryEnd, int addressBits) {
        long start = Math.max(FOUR_GIB, memoryEnd) + WIDE_ALIGNMENT - 1 & -WIDE_ALIGNMENT;
        long end = start + WIDE_SIZE;
        return end > 1L << addressBits ? new PlatformDescription.PciHost(MEMORY_START, MEMORY_END, PIRQ_GSIS)
                : new PlatformDescription.PciHost(MEMORY_START, MEMORY_END, start, end, PIRQ_GSIS);
    }

    /**
     * Where a device goes: where the user wants it, or else into the next free slot.
     *
     * @return {@code slot * 8 + function}
     * @throws MachineException if the bus is full
     */
    int addressOf(DeviceConfig config) {
        return config.properties().find(PciPlace.ADDRESS).orElseGet(() -> bus.freeSlot().orElseThrow(() ->
                new MachineException(Kind.PCI_BUS_FULL, config.driver(), "the PCI bus is full"))
                * PciBus.FUNCTIONS);
    }

    /** Where the devices with ids will be, for the tables that are made before them. */
    static Map<String, Integer> addresses(List<DeviceConfig> configs) {
        Map<String, Integer> places = new HashMap<>();
        BitSet slots = new BitSet();
        slots.set(0, ISA_SLOT + 1);
        for (DeviceConfig config : configs) {
            if (config.type().bus() == Bus.PCI) {
                int address = config.properties().find(PciPlace.ADDRESS)
                        .orElseGet(() -> slots.nextClearBit(0) * PciBus.FUNCTIONS);
                slots.set(address / PciBus.FUNCTIONS);
                places.put(config.properties().id(), address);
            }
        }
        return places;
    }

    /**
     * Puts a device on the bus.
     *
     * @throws MachineException if its place is taken
     */
    void plug(PciCard card) {
        int address = card.address();
        try {
            add(address, card.function());
        } catch (IllegalArgumentException e) {
            PciCard owner = cards.get(address);
            String reason = owner == null ? e.getMessage() : "PCI %02x.%x has %s".formatted(
                    address / PciBus.FUNCTIONS, address % PciBus.FUNCTIONS, owner.config().driver());
            throw new MachineException(Kind.PCI_ADDRESS_TAKEN, card.config().driver(), reason, e);
        }
        cards.put(address, card);
    }

    /** Takes a card off the bus and the board. No vCPU runs. */
    void unplug(PciCard card) {
        bus.remove(card.slot(), card.address() % PciBus.FUNCTIONS, card.function());
        board.remove(card.function());
        cards.remove(card.address());
    }

    /** The cards on the bus that the user has put there, by slot and function. */
    List<PciCard> cards() {
        return List.copyOf(cards.values());
    }

    /** True if nothing is in the slot. */
    boolean isFree(int slot) {
        return bus.isFree(slot);
    }

    /** True if every slot has something. */
    boolean isFull() {
        return bus.freeSlot().isEmpty();
    }

    /** Tells the guest of cards that come and go; absent without ACPI. */
    Optional<PciHotplug> hotplug() {
        return hotplug;
    }

    /** Raises one of ACPI's general-purpose events; without ACPI it does nothing. Any thread may call. */
    public void raise(int event) {
        if (events != null) {
            events.raise(event);
        }
    }

    /** Takes what is to be done when the guest ejects a slot. On a vCPU's thread; returns at once. */
    void onEject(IntConsumer action) {
        onEject = action;
    }

    /**
     * Called when all devices are there.
     *
     * @throws MachineException if a guest cannot find one of them
     */
    void check() {
        bus.hiddenSlot().ifPresent(slot -> {
            throw new MachineException(Kind.HIDDEN_PCI_FUNCTION, Integer.toHexString(slot),
                    "guests find function N only if the slot has a function 0");
        });
    }

    /** The IDE controller, made when it is asked for. */
    public PiixIde ide() {
        if (ide.isEmpty()) {
            Board seen = board.forDevice("piix3-ide");
            PiixIde controller = new PiixIde(board.ports(), seen.irq(PiixIde.PRIMARY_IRQ),
                    seen.irq(PiixIde.SECONDARY_IRQ), board.workers(), board.guestMemory());
            board.atEnd(controller::close);
            add(ISA_SLOT * PciBus.FUNCTIONS + IDE_FUNCTION, controller);
            ide = Optional.of(controller);
        }
        return ide.get();
    }

    /** Tells firmware of the hard disks, when all devices are there. */
    public void describeDisks() {
        ide.ifPresent(controller -> controller.describeDisks(board::putCmos));
    }

    /** Gives BARs their addresses, where no firmware does. */
    void assignResources() {
        new PciResources(bus, router, MEMORY_START, MEMORY_END, FIRST_IO_BAR).assign();
        power.ifPresent(function -> function.routeInterrupt(PlatformDescription.SCI_GSI));
        ide.ifPresent(PiixIde::enableChannels);
    }
}

package jkvm.machine.board;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.bus.AddressRange;
import jkvm.bus.Device;
import jkvm.bus.MsiSink;
import jkvm.device.board.Board;
import jkvm.device.board.BootSource;
import jkvm.device.board.Bus;
import jkvm.device.board.DeviceType;
import jkvm.device.board.IsaType;
import jkvm.device.board.PciType;
import jkvm.device.board.Properties;
import jkvm.device.board.UnitBus;
import jkvm.device.board.UnitType;
import jkvm.device.board.UsbType;
import jkvm.device.board.VirtioType;
import jkvm.device.floppy.IsaFdcType;
import jkvm.device.ide.AhciController;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciFunction;
import jkvm.device.usb.UsbBus;
import jkvm.device.usb.UsbDevice;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioMmio;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.device.virtio.transport.VirtioPciKind;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.MachineException;
import jkvm.machine.config.MachineException.Kind;
import jkvm.machine.config.MachineType;
import jkvm.tables.PlatformDescription;

/** Makes the devices that the user asks for, and puts each where its type belongs. */
public final class ExpansionSlots {
    private static final long MMIO_START = 0xFEB00000L;
    private static final int MMIO_FIRST_GSI = 16;
    private static final int MMIO_MAX = 8;
    /** Of Open Firmware, below the PCI bus. */
    private static final String IDE_PATH = "ide@1,1/";
    /** Buses of the PIIX3. */
    private static final int IDE_BUSES = 2;
    private static final String FLOPPY_PATH = "isa@1/fdc@03f0/";

    private final MachineBoard board;
    private final Optional<PciDevices> pci;
    private final List<PlatformDescription.VirtioMmio> mmioPlaces;
    private final Registers registers;
    private final ExpansionRoms roms;
    private final BootOrder bootOrder = new BootOrder();
    private int nextMmio;
    private int usbDevices;
    /** Controllers of SCSI units by the names of their buses. */
    private final Map<String, Controller> adapters = new LinkedHashMap<>();
    /** Null until there is a controller of floppy disks. */
    private UnitBus floppies;

    /**
     * The parts of the machine that virtio registers need.
     *
     * @param doorbells take the driver's notifications
     * @param messages  takes MSI-X
     */
    public record Registers(QueueDoorbells doorbells, MsiSink messages) {
    }

    /**
     * A controller of units.
     *
     * @param address on the PCI bus; 0 where it is not on one, or where units know it
     * @param path    of Open Firmware, from the PCI bus
     */
    private record Controller(UnitBus bus, int address, String path) {
    }

    /** @param mmioPlaces what {@link #mmioPlaces} gave for all the devices that are added */
    public ExpansionSlots(MachineBoard board, Optional<PciDevices> pci, List<PlatformDescription.VirtioMmio> mmioPlaces,
            Registers registers, ExpansionRoms roms) {
        this.board = board;
        this.pci = pci;
        this.mmioPlaces = mmioPlaces;
        this.registers = registers;
        this.roms = roms;
    }

    /**
     * Where the devices with memory-mapped registers will be, for the tables that tell a guest so.
     *
     * @throws MachineException if this machine has none, or not as many
     */
    public static List<PlatformDescription.VirtioMmio> mmioPlaces(MachineType type, List<DeviceConfig> configs) {
        List<PlatformDescription.VirtioMmio> places = new ArrayList<>();
        for (DeviceConfig config : configs) {
            if (config.type() instanceof VirtioType virtio && virtio.bus() == Bus.VIRTIO_MMIO) {
                if (type != MachineType.MICROVM) {
                    throw new MachineException(Kind.NO_VIRTIO_MMIO, config.driver(),
                            "this machine has PCI devices; write " + virtio.pciName());
                }
                if (places.size() == MMIO_MAX) {
                    throw new MachineException(Kind.TOO_MANY_VIRTIO_MMIO, config.driver(),
                            "a microvm has at most " + MMIO_MAX + " virtio devices");
                }
                places.add(new PlatformDescription.VirtioMmio((int) MMIO_START + VirtioMmio.SIZE * places.size(),
                        VirtioMmio.SIZE, MMIO_FIRST_GSI + places.size()));
            }
        }
        return places;
    }

    /** The devices that have been added, as far as they have numbers. */
    public BootOrder bootOrder() {
        return bootOrder;
    }

    /**
     * Makes a device and puts it on its bus.
     *
     * @throws MachineException if there is no place for it
     */
    public void add(DeviceConfig config) {
        // No switch over types: linking one takes a part of a short guest's start-up.
        DeviceType type = config.type();
        if (type instanceof IsaType isa) {
            Properties properties = named(config, isa.placeOf(config.properties()));
            Device device = isa.create(boardOf(properties), properties);
            board.add(device);
            if (device instanceof UnitBus bus) {
                floppies = bus;
            }
        } else if (type.bus() == Bus.PCI) {
            PciCard card = plug(config);
            bootOrder.addPci(config, card.address());
            card.parts().bootSources().forEach(source -> board.bootSources().add(source, card.address()));
            board.bootSources().addRom(card);
        } else if (type instanceof UsbType usb) {
            addUsb(config, usb);
        } else if (type instanceof VirtioType virtio) {
            addVirtioMmio(config, virtio);
        } else if (type instanceof UnitType unit) {
            addUnit(config, unit);
        } else {
            throw new IllegalArgumentException(type.name() + " is no device of its own");
        }
    }

    private Properties named(DeviceConfig config, String place) {
        String name = board.nameOf(config.properties(), place);
        board.configured(name, config);
        return config.properties().withId(name);
    }

    /** The board as the device sees it, whose name is the id of its properties. */
    private Board boardOf(Properties properties) {
        return board.forDevice(properties.id());
    }

    private PciDevices bus(DeviceConfig config) {
        return pci.orElseThrow(() -> new MachineException(Kind.NO_PCI_BUS, config.driver(),
                "this machine has no PCI bus"));
    }

    private int addressOf(DeviceConfig config) {
        return bus(config).addressOf(config);
    }

    /** The board as a unit sees it: firmware knows a drive by its controller. */
    private static final class UnitBoard extends ForwardingBoard {
        private final MachineBoard board;
        private final int controller;

        UnitBoard(MachineBoard board, int controller) {
            super(board);
            this.board = board;
            this.controller = controller;
        }

        @Override
        public void bootable(BootSource source) {
            board.bootSources().add(source, controller);
        }
    }

    private static String placeOf(int address) {
        int function = address % PciBus.FUNCTIONS;
        return "pci." + address / PciBus.FUNCTIONS + (function == 0 ? "" : "." + function);
    }

    /**
     * Makes a device and puts it on the PCI bus. If that fails nothing of it is left.
     *
     * @throws MachineException if there is no place for it
     */
    PciCard plug(DeviceConfig config) {
        int address = addressOf(config);
        String name = board.nameOf(config.properties(), placeOf(address));
        DeviceParts parts = new DeviceParts(board, registers.messages());
        try {
            PciFunction function = function(config, config.properties().withId(name), address, parts);
            if (function instanceof UnitBus && function instanceof AhciController controller) {
                number(controller, config.properties().id());
            }
            roms.plugInto(function, config);
            PciCard card = new PciCard(config, address, function, parts);
            bus(config).plug(card);
            board.configured(name, config);
            return card;
        } catch (RuntimeException cause) {
            try {
                parts.release();
            } catch (IOException e) {
                cause.addSuppressed(e);
            }
            throw cause;
        }
    }

    /** Buses of a controller without an id of the user's go on where those of the PIIX3 end. */
    private void number(AhciController controller, String id) {
        List<PciCard> others = ahciControllers();
        int unnamed = (int) others.stream().filter(card -> card.config().properties().id().isEmpty()).count();
        controller.number(others.size(), id.isEmpty() ? "ide" : id,
                id.isEmpty() ? IDE_BUSES + unnamed * AhciController.PORTS : 0);
    }

    private List<PciCard> ahciControllers() {
        return pci.map(PciDevices::cards).orElse(List.of()).stream()
                .filter(card -> card.function() instanceof UnitBus)
                .filter(card -> card.function() instanceof AhciController).toList();
    }

    private PciFunction function(DeviceConfig config, Properties named, int address, DeviceParts parts) {
        Board seen = board.forDevice(named.id(), parts);
        if (config.type() instanceof PciType type) {
            return type.create(seen, named);
        }
        VirtioType type = (VirtioType) config.type();
        VirtioDevice device = type.create(seen, named);
        if (device instanceof UnitBus bus) {
            addAdapter(config, new Controller(bus, address, "scsi@" + devicePart(address) + "/"));
        }
        VirtioPciKind kind = new VirtioPciKind(type.pciClass(), type.interfaces(config.properties(), device));
        VirtioPci function = new VirtioPci(board.observer().virtio(device), kind, board.guestMemory(), board.workers(),
                registers.doorbells(), seen.messages());
        parts.atEnd(function::close);
        return function;
    }

    /** An address as Open Firmware's paths have it. */
    private static String devicePart(int address) {
        int function = address % PciBus.FUNCTIONS;
        return Integer.toHexString(address / PciBus.FUNCTIONS)
                + (function == 0 ? "" : "," + Integer.toHexString(function));
    }

    private void addAdapter(DeviceConfig config, Controller adapter) {
        String id = config.properties().id();
        adapters.putIfAbsent((id.isEmpty() ? "scsi" : id) + ".0", adapter);
    }

    private void addUnit(DeviceConfig config, UnitType type) {
        Controller found = controllerOf(config);
        UnitBus controller = found.bus();
        int place = controller.placeOf(config.properties());
        Properties properties = named(config, type.nameAt(place));
        Device unit = type.create(board.forDevice(properties.id(), new UnitBoard(board, found.address())), properties,
                place);
        board.add(unit);
        controller.plug(place, unit);
        bootOrder.addUnit(config, found.path() + controller.pathOf(place));
    }

    private Controller controllerOf(DeviceConfig config) {
        if (config.type().bus() == Bus.FLOPPY) {
            return new Controller(floppies(config), 0, FLOPPY_PATH);
        }
        if (config.type().bus() == Bus.IDE) {
            return ideController(config);
        }
        Optional<String> name = config.properties().find(UnitType.BUS);
        Optional<Controller> adapter = name.map(adapters::get)
                .or(() -> name.isPresent() ? Optional.empty() : adapters.values().stream().findFirst());
        return adapter.orElseThrow(() -> new MachineException(Kind.NO_SCSI_BUS, config.driver(), name.map(bus ->
                "Bus '" + bus + "' not found").orElse("No 'SCSI' bus found for device '" + config.driver() + "'")));
    }

    /** An AHCI controller by its bus's name; without one, the newest that has room. Else the machine's own. */
    private Controller ideController(DeviceConfig config) {
        Optional<String> name = config.properties().find(UnitType.BUS);
        PciDevices devices = bus(config);
        for (PciCard card : ahciControllers().reversed()) {
            AhciController controller = (AhciController) card.function();
            if (name.map(controller::hasBus).orElse(!controller.isFull())) {
                return new Controller(controller, card.address(), "pci8086,2922@%s/".formatted(
                        devicePart(card.address())));
            }
        }
        return new Controller(devices.ide(), 0, IDE_PATH);
    }

    private UnitBus floppies(DeviceConfig config) {
        bus(config);
        addFloppyController();
        return floppies;
    }

    /** Adds the controller of floppy disks, if there is none. */
    public void addFloppyController() {
        if (floppies == null) {
            add(DeviceConfig.of(IsaFdcType.TYPE));
        }
    }

    private void addUsb(DeviceConfig config, UsbType type) {
        Optional<String> bus = config.properties().find(UsbType.BUS);
        int port = config.properties().find(UsbType.PORT).orElse(0);
        List<PciCard> controllers = new ArrayList<>();
        for (PciCard card : pci.map(PciDevices::cards).orElse(List.of())) {
            if (card.function() instanceof UsbBus && bus.map(name -> name.equals(busOf(card))).orElse(true)) {
                controllers.add(card);
            }
        }
        if (controllers.isEmpty()) {
            throw new MachineException(Kind.NO_USB_BUS, config.driver(), bus.map(name -> "Bus '" + name + "' not found")
                    .orElse("No 'usb-bus' bus found for device '" + config.driver() + "'"));
        }
        Properties properties = named(config, "usb." + usbDevices++);
        UsbDevice device = type.create(boardOf(properties), properties);
        board.add(device);
        for (PciCard card : controllers) {
            if (((UsbBus) card.function()).plug(device, port) > 0) {
                return;
            }
        }
        throw new MachineException(Kind.NO_USB_PORT, config.driver(), port > 0
                ? "usb port " + port + " (bus " + busOf(controllers.getFirst()) + ") not found (in use?)"
                : "tried to attach usb device " + config.driver() + " to a bus with no free ports");
    }

    /** QEMU's name of a controller's bus. */
    private static String busOf(PciCard controller) {
        String id = controller.config().properties().id();
        return (id.isEmpty() ? "usb-bus" : id) + ".0";
    }

    private void addVirtioMmio(DeviceConfig config, VirtioType type) {
        PlatformDescription.VirtioMmio place = mmioPlaces.get(nextMmio);
        Properties properties = named(config, "virtio-mmio." + nextMmio);
        nextMmio++;
        long address = Integer.toUnsignedLong(place.address());
        Board seen = boardOf(properties);
        VirtioDevice unobserved = type.create(seen, properties);
        if (unobserved instanceof UnitBus bus) {
            addAdapter(config, new Controller(bus, 0, "/virtio-mmio@%016x/".formatted(address)));
        }
        VirtioDevice inner = board.observer().virtio(unobserved);
        VirtioMmio device = new VirtioMmio(inner, address, seen.irq(place.gsi()), board.guestMemory(),
                board.workers(), registers.doorbells());
        board.add(device);
        board.memory().add(new AddressRange(address, place.size()), device);
        board.atEnd(device::close);
        bootOrder.addMmio(config, address);
    }

    /**
     * Called when all devices are there.
     *
     * @throws MachineException if a guest cannot find one of them
     */
    public void check() {
        pci.ifPresent(PciDevices::check);
    }
}

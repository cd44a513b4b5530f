package jkvm.machine.board;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.device.board.Category;
import jkvm.device.board.DeviceType;
import jkvm.device.board.PciPlace;
import jkvm.device.board.Property;
import jkvm.device.pci.PciBus;
import jkvm.device.pci.PciHotplug;
import jkvm.device.virtio.console.VirtioConsoleType;
import jkvm.device.virtio.transport.VirtioMmio;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;
import jkvm.machine.config.MachineConfig;

/**
 * Devices that come to a machine that exists, and go: PCI devices, each alone in its slot, in a PC with ACPI, which
 * tells the guest. All is called on the machine's thread while no vCPU runs.
 */
public final class HotplugSlots {
    private final MachineBoard board;
    private final Optional<PciDevices> pci;
    private final ExpansionSlots slots;
    private final ExpansionRoms roms;

    /** @param slots makes the devices */
    public HotplugSlots(MachineBoard board, Optional<PciDevices> pci, ExpansionSlots slots, ExpansionRoms roms) {
        this.board = board;
        this.pci = pci;
        this.slots = slots;
        this.roms = roms;
    }

    /** Takes what is to be done when the guest has ejected slots: {@link #emptyEjected()}. On a vCPU's thread. */
    public void onEject(Runnable action) {
        pci.ifPresent(devices -> devices.onEject(slot -> action.run()));
    }

    /**
     * Makes a device, puts it on the bus and tells the guest. If that fails nothing of it is left.
     *
     * @throws HotplugException                      if there is no place for it, or a host side of it is another's
     * @throws jkvm.machine.config.MachineException  if its expansion ROM cannot be used
     * @throws jkvm.host.HostException               if the host refuses its host side
     */
    public void plug(DeviceConfig asked) {
        PciHotplug controller = controllerFor(asked.type());
        if (isFixed(asked.type())) {
            throw new HotplugException(Kind.FIXED, asked.driver(),
                    "Parameter 'driver' expects a pluggable device type");
        }
        String id = asked.properties().id();
        if (!id.isEmpty() && board.isTaken(id)) {
            throw new HotplugException(Kind.DUPLICATE, id, "Duplicate device ID '" + id + "'");
        }
        checkSides(asked);
        checkPlace(asked);
        DeviceConfig config = withMac(asked);
        roms.add(config);
        controller.plugged(slots.plug(config).slot());
    }

    private PciHotplug controllerFor(DeviceType type) {
        String driver = type.name();
        Optional<PciHotplug> controller = pci.flatMap(PciDevices::hotplug);
        String refusal = switch (type.bus()) {
            case ISA -> pci.isEmpty() ? noBus("ISA", driver) : fixedBus("isa.0");
            case VIRTIO_MMIO -> pci.isEmpty() ? fixedBus("virtio-mmio-bus.0") : noBus("virtio-bus", driver);
            case PCI -> pci.isEmpty() ? noBus("PCI", driver) : controller.isEmpty() ? fixedBus("pci.0") : "";
            case IDE -> pci.isEmpty() ? noBus("IDE", driver) : fixedBus("ide.0");
            case FLOPPY -> pci.isEmpty() ? noBus("floppy-bus", driver) : fixedBus("floppy-bus.0");
            case VIRTIO_SERIAL, USB, SCSI, NONE -> fixedType(driver);
        };
        // Its port is made with it, from the same configuration.
        refusal = refusal.isEmpty() && type instanceof VirtioConsoleType ? fixedType(driver) : refusal;
        if (!refusal.isEmpty()) {
            throw new HotplugException(Kind.FIXED, driver, refusal);
        }
        return controller.orElseThrow();
    }

    private static String noBus(String bus, String driver) {
        return "No '" + bus + "' bus found for device '" + driver + "'";
    }

    private static String fixedBus(String bus) {
        return "Bus '" + bus + "' does not support hotplugging";
    }

    private static String fixedType(String driver) {
        return "Device '" + driver + "' can not be hotplugged on this machine";
    }

    private void checkSides(DeviceConfig config) {
        for (Object value : config.properties().values().values()) {
            if (value instanceof DriveSpec drive && board.host().drives().isUsed(drive)) {
                throw new HotplugException(Kind.IN_USE, drive.id(),
                        "Drive '" + drive.id() + "' is already in use by another device");
            }
            if (value instanceof NetdevSpec network && board.host().networks().isUsed(network)) {
                throw new HotplugException(Kind.IN_USE, network.id(), "Property '" + config.driver()
                        + ".netdev' can't take value '" + network.id() + "', it's in use");
            }
        }
    }

    private void checkPlace(DeviceConfig config) {
        PciDevices devices = pci.orElseThrow();
        Optional<Integer> address = config.properties().find(PciPlace.ADDRESS);
        if (address.isEmpty() && devices.isFull()) {
            throw new HotplugException(Kind.IN_USE, config.driver(), "PCI: no slot/function available for "
                    + config.driver() + ", all in use or reserved");
        }
        int slot = address.orElse(0) / PciBus.FUNCTIONS;
        if (address.orElse(0) % PciBus.FUNCTIONS != 0) {
            throw new HotplugException(Kind.FIXED, config.driver(), "PCI: " + config.driver()
                    + " can be plugged in as function 0 of an empty slot only");
        }
        if (address.isPresent() && !devices.isFree(slot)) {
            String owner = devices.cards().stream().filter(card -> card.slot() == slot).findFirst()
                    .map(card -> card.config().driver() + ",id=" + card.name()).orElse("the chipset");
            throw new HotplugException(Kind.IN_USE, config.driver(), "PCI: slot %d function 0 not available for %s,"
                    .formatted(slot, config.driver()) + " in use by " + owner);
        }
    }

    /** A card without an address gets the first of QEMU's that no other has. */
    private DeviceConfig withMac(DeviceConfig config) {
        for (Property<?> property : config.type().properties()) {
            if (property.kind() == Property.Kind.MAC && config.properties().find(property).isEmpty()) {
                long mac = MachineConfig.FIRST_MAC;
                while (isUsed(mac)) {
                    mac++;
                }
                return new DeviceConfig(config.type(), config.properties().withValue(property, mac));
            }
        }
        return config;
    }

    private boolean isUsed(long mac) {
        return pci.orElseThrow().cards().stream().map(card -> card.config().properties().values().entrySet())
                .anyMatch(values -> values.stream().anyMatch(value ->
                        value.getKey().kind() == Property.Kind.MAC && value.getValue().equals(mac)));
    }

    /**
     * Asks the guest for a device.
     *
     * @param name its id, or the name that it has without one
     * @throws HotplugException if there is none, or it stays as long as the machine
     */
    public void requestUnplug(String name) {
        PciCard card = pci.stream().flatMap(devices -> devices.cards().stream())
                .filter(candidate -> candidate.name().equals(name)).findFirst().orElseThrow(() -> absent(name));
        PciHotplug controller = controllerFor(card.config().type());
        if (isFixed(card.config().type())) {
            throw new HotplugException(Kind.FIXED, name,
                    "Device '" + card.config().driver() + "' does not support hotplugging");
        }
        controller.requestEject(card.slot());
    }

    /** A display adapter has legacy ports and memory, which are not those of a slot. */
    private static boolean isFixed(DeviceType type) {
        return type.category() == Category.DISPLAY;
    }

    private HotplugException absent(String name) {
        return board.devices().stream().filter(device -> device.name().equals(name)).findFirst()
                .map(device -> new HotplugException(Kind.FIXED, name,
                        fixedBus(device instanceof VirtioMmio ? "virtio-mmio-bus.0" : "isa.0")))
                .orElseGet(() -> new HotplugException(Kind.NOT_FOUND, name, "Device '" + name + "' not found"));
    }

    /** Takes out what the guest has ejected; answers the devices' names. */
    public List<String> emptyEjected() {
        return pci.flatMap(PciDevices::hotplug).map(controller -> empty(controller, controller.ejected()))
                .orElse(List.of());
    }

    /** Takes out what the guest was asked for, as a reset does; answers the devices' names. */
    public List<String> emptyRequested() {
        return pci.flatMap(PciDevices::hotplug)
                .map(controller -> empty(controller, controller.requested() | controller.ejected())).orElse(List.of());
    }

    private List<String> empty(PciHotplug controller, int which) {
        List<String> names = new ArrayList<>();
        for (PciCard card : pci.orElseThrow().cards()) {
            if ((which >>> card.slot() & 1) != 0 && !isFixed(card.config().type())) {
                pci.orElseThrow().unplug(card);
                names.add(card.name());
                release(card);
            }
        }
        for (int left = which; left != 0; left &= left - 1) {
            controller.emptied(Integer.numberOfTrailingZeros(left));
        }
        return names;
    }

    private static void release(PciCard card) {
        try {
            card.parts().release();
        } catch (IOException e) {
            System.getLogger("jkvm.machine").log(System.Logger.Level.ERROR, card.name() + " is unplugged: "
                    + e.getMessage());
        }
    }

    /** The disks and networks with names, for devices to come. */
    public HostSides sides() {
        return board.host();
    }
}

package jkvm.cli;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.bus.ConfigurationException;
import jkvm.machine.DeviceConfig;
import jkvm.machine.DeviceConfig.Place;
import jkvm.machine.DriveConfig;
import jkvm.pci.PciBus;
import jkvm.virtio.block.BlockSettings;

/** Reads those of {@code -device} that sit on an expansion bus: PCI, or a microvm's memory-mapped virtio devices. */
final class ExpansionOptions {
    /** Their part of what {@code -device help} prints. */
    static final String HELP = """
            pci-testdev[,addr=SLOT[.FUNCTION]]            PCI function for tests of the hypervisor
            e1000[,netdev=ID][,mac=MAC][,addr=SLOT]       Intel 82540EM network card, see -netdev
            virtio-rng-pci[,addr=SLOT[.FUNCTION]]         random numbers of the host
            virtio-rng-device                             the same, in a microvm
            virtio-serial-pci[,addr=SLOT[.FUNCTION]]      a controller for one virtconsole
            virtio-serial-device                          the same, in a microvm
            virtio-blk-pci,drive=ID[,serial=S][,num-queues=N] a disk, whose -drive has if=none
            virtio-blk-device,drive=ID                    the same, in a microvm
            virtconsole,chardev=ID                        hvc0, on the virtio-serial before it
            """;
    private static final Pattern PCI_ADDRESS = Pattern.compile("(?:0x)?(\\p{XDigit}{1,2})(?:\\.([0-7]))?");

    /** A controller; its console may follow. */
    private static final class SerialController {
        private final String where;
        private final Place place;
        private String consoleWhere;
        private String chardev;

        SerialController(String where, Place place) {
            this.where = where;
            this.place = place;
        }

        DeviceConfig config(ChardevOptions chardevs) {
            if (chardev == null) {
                throw new ConfigurationException(where + ": nothing is connected to it; add"
                        + " -device virtconsole,chardev=ID behind it");
            }
            return new DeviceConfig.VirtioConsole(place, chardevs.use(consoleWhere, chardev, "virtconsole"));
        }
    }

    private final List<BiFunction<ChardevOptions, DriveOptions, DeviceConfig>> devices = new ArrayList<>();
    private final NicOptions networks;
    private SerialController lastController;

    /** @param networks what {@code netdev=} names */
    ExpansionOptions(NicOptions networks) {
        this.networks = networks;
    }

    /** @return false if it is no such device */
    boolean add(String driver, OptionValues values) {
        switch (driver) {
            case "e1000", "e1000-82540em" -> addNic(values, pci(values));
            case "pci-testdev" -> add(new DeviceConfig.PciTestdev(pci(values)));
            case "virtio-rng-pci", "virtio-rng-pci-non-transitional" -> addRng(values, pci(values));
            case "virtio-rng-device" -> addRng(values, Place.MMIO);
            case "virtio-serial-pci", "virtio-serial", "virtio-serial-pci-non-transitional" ->
                    addController(values, pci(values));
            case "virtio-serial-device" -> addController(values, Place.MMIO);
            case "virtio-blk-pci", "virtio-blk-pci-non-transitional" -> addBlock(values, pci(values));
            case "virtio-blk-device" -> addBlock(values, Place.MMIO);
            case "virtconsole" -> addConsole(values);
            default -> {
                return false;
            }
        }
        return true;
    }

    private void add(DeviceConfig config) {
        devices.add((chardevs, drives) -> config);
    }

    /** All of them in order, with the chardevs and drives that they name. */
    List<DeviceConfig> devices(ChardevOptions chardevs, DriveOptions drives) {
        List<DeviceConfig> configs = new ArrayList<>();
        for (BiFunction<ChardevOptions, DriveOptions, DeviceConfig> device : devices) {
            configs.add(device.apply(chardevs, drives));
        }
        return configs;
    }

    /** The place that {@code addr=SLOT[.FUNCTION]}, both hexadecimal, names. */
    private static Place pci(OptionValues values) {
        values.takeFixed("bus", "pci.0");
        Optional<String> text = values.take("addr");
        if (text.isEmpty()) {
            return new Place(true, OptionalInt.empty());
        }
        Matcher parts = PCI_ADDRESS.matcher(text.get());
        int slot = parts.matches() ? Integer.parseInt(parts.group(1), 16) : PciBus.SLOTS;
        if (slot >= PciBus.SLOTS) {
            throw values.error("property addr is a PCI slot from 0 to 1f, maybe with a function: 5 or 5.1");
        }
        int function = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        return new Place(true, OptionalInt.of(slot * PciBus.FUNCTIONS + function));
    }

    private void addRng(OptionValues values, Place place) {
        for (String key : new String[] {"rng", "max-bytes", "period"}) {
            values.refuse(key, "jkvm feeds it from the host's random number generator, without a limit");
        }
        takeVirtio(values);
        add(new DeviceConfig.VirtioRng(place));
    }

    private void addNic(OptionValues values, Place place) {
        for (String key : new String[] {"bootindex", "romfile"}) {
            values.take(key).filter(text -> !text.isEmpty()).ifPresent(_ -> {
                throw values.error("property " + key + ": jkvm's e1000 has no boot ROM");
            });
        }
        Optional<String> netdev = values.take("netdev");
        long mac = networks.takeMac(values);
        String where = values.where();
        devices.add((chardevs, drives) -> new DeviceConfig.E1000(place, mac, networks.use(where, netdev)));
    }

    private void addController(OptionValues values, Place place) {
        takeVirtio(values);
        values.takeFixed("max_ports", "1");
        SerialController controller = new SerialController(values.where(), place);
        lastController = controller;
        devices.add((chardevs, drives) -> controller.config(chardevs));
    }

    private void addConsole(OptionValues values) {
        values.refuse("bus", "it goes to the virtio-serial controller before it");
        values.take("name");
        if (lastController == null || lastController.chardev != null) {
            throw values.error("jkvm's virtio-serial has one port; add a -device virtio-serial-pci before this one");
        }
        lastController.consoleWhere = values.where();
        lastController.chardev = values.require("chardev");
    }

    private void addBlock(OptionValues values, Place place) {
        takeVirtio(values);
        String id = values.require("drive");
        String serial = values.take("serial").orElse("");
        int queues = values.takeNumber("num-queues", 1, BlockSettings.MAX_QUEUES).orElse(1L).intValue();
        int logical = values.takeNumber("logical_block_size", 512, 32768).orElse(512L).intValue();
        int physical = values.takeNumber("physical_block_size", 512, 32768).orElse((long) logical).intValue();
        boolean discard = values.takeFlag("discard", true);
        Optional<Boolean> writeCache = values.take("write-cache").map(text -> values.onOff("write-cache", text));
        takeBlockDefaults(values);
        BlockSettings settings;
        try {
            settings = new BlockSettings(serial, queues, logical, physical, true, discard);
        } catch (ConfigurationException e) {
            throw values.error(e.getMessage());
        }
        String where = values.where();
        devices.add((chardevs, drives) -> {
            DriveConfig drive = drives.use(where, id);
            return new DeviceConfig.VirtioBlock(place, drive,
                    settings.withWriteCache(writeCache.orElse(!DriveOptions.isWriteThrough(drive))));
        });
    }

    /** What QEMU's virtio-blk has and jkvm does in one way. */
    private static void takeBlockDefaults(OptionValues values) {
        values.takeFixed("config-wce", "on");
        values.takeFixed("queue-size", "256");
        values.takeFixed("rerror", "report");
        values.takeFixed("scsi", "off");
        values.takeFixed("share-rw", "off");
        values.takeFixed("werror", "report");
        values.takeFixed("write-zeroes", "on");
    }

    /** What all virtio devices of QEMU have and jkvm does in one way. */
    private static void takeVirtio(OptionValues values) {
        values.takeFixed("disable-legacy", "on", "auto");
        values.takeFixed("disable-modern", "off");
        values.takeFixed("indirect_desc", "on");
        values.takeFixed("event_idx", "on");
        values.takeFixed("ioeventfd", "on");
        values.takeFixed("packed", "off");
    }
}

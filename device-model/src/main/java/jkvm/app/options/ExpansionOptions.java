package jkvm.app.options;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import jkvm.bus.ConfigurationException;
import jkvm.device.pci.PciBus;
import jkvm.device.virtio.block.BlockSettings;
import jkvm.device.virtio.net.NetFeature;
import jkvm.device.virtio.net.NetSettings;
import jkvm.machine.DeviceConfig;
import jkvm.machine.DeviceConfig.Place;
import jkvm.machine.DeviceConfig.Rom;
import jkvm.machine.DriveConfig;

/** Reads those of {@code -device} that sit on an expansion bus: PCI, or a microvm's memory-mapped virtio devices. */
final class ExpansionOptions {
    /** Their part of what {@code -device help} prints. */
    static final String HELP = """
            pci-testdev[,addr=SLOT[.FUNCTION]]            PCI function for tests of the hypervisor
            e1000[,netdev=ID][,mac=MAC][,romfile=FILE]    Intel 82540EM network card, see -netdev
            virtio-net-pci[,netdev=ID][,mac=MAC][,host_mtu=N] a network card, see -netdev
            virtio-net-device[,netdev=ID][,mac=MAC]       the same, in a microvm
            virtio-rng-pci[,addr=SLOT[.FUNCTION]]         random numbers of the host
            virtio-rng-device                             the same, in a microvm
            virtio-serial-pci[,addr=SLOT[.FUNCTION]]      a controller for one virtconsole
            virtio-serial-device                          the same, in a microvm
            virtio-blk-pci,drive=ID[,num-queues=N]        a disk, whose -drive has if=none; also serial=S
            virtio-blk-device,drive=ID                    the same, in a microvm
            virtconsole,chardev=ID                        hvc0, on the virtio-serial before it
            """;
    /** What all of them have. */
    static final String COMMON_HELP =
            "PCI devices take addr=SLOT[.FUNCTION], romfile=FILE and rombar=0|1,"
                    + " disks and network cards bootindex=N.\n";
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
    private final Set<Integer> bootIndices = new HashSet<>();
    private SerialController lastController;

    /** @param networks what {@code netdev=} names */
    ExpansionOptions(NicOptions networks) {
        this.networks = networks;
    }

    /** @return false if it is no such device */
    boolean add(String driver, OptionValues values) {
        switch (driver) {
            case "e1000", "e1000-82540em" -> addNic(values, pci(values, Optional.of(DeviceConfig.E1000.USUAL_ROM)));
            case "pci-testdev" -> add(new DeviceConfig.PciTestdev(pci(values)));
            case "virtio-net-pci", "virtio-net", "virtio-net-pci-non-transitional" ->
                    addVirtioNet(values, pci(values, Optional.of(DeviceConfig.VirtioNet.USUAL_ROM)));
            case "virtio-net-device" -> addVirtioNet(values, Place.MMIO);
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

    /** What {@code addr=SLOT[.FUNCTION]}, both hexadecimal, names. */
    private static OptionalInt pciAddress(OptionValues values) {
        values.takeFixed("bus", "pci.0");
        Optional<String> text = values.take("addr");
        if (text.isEmpty()) {
            return OptionalInt.empty();
        }
        Matcher parts = PCI_ADDRESS.matcher(text.get());
        int slot = parts.matches() ? Integer.parseInt(parts.group(1), 16) : PciBus.SLOTS;
        if (slot >= PciBus.SLOTS) {
            throw values.error("property addr is a PCI slot from 0 to 1f, maybe with a function: 5 or 5.1");
        }
        int function = parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2));
        return OptionalInt.of(slot * PciBus.FUNCTIONS + function);
    }

    /** What all PCI devices have. */
    private static Place pci(OptionValues values) {
        return pci(values, Optional.empty());
    }

    /** @param usualRom what the device has without {@code romfile=}; with an empty one it has none */
    private static Place pci(OptionValues values, Optional<Rom> usualRom) {
        OptionalInt address = pciAddress(values);
        // The bit in the header is set where a slot has several functions, and only there.
        values.takeFlag("multifunction", false);
        boolean bar = values.takeNumber("rombar", 0, 1).orElse(1L) == 1;
        Optional<Rom> rom = values.take("romfile").map(file -> file.isEmpty() ? Optional.<Rom>empty()
                : Optional.of(new Rom(ChardevOptions.path(values.where(), file), true, bar)))
                .orElse(usualRom.map(usual -> new Rom(usual.file(), usual.required(), bar)));
        return new Place(true, address, rom);
    }

    /** Takes {@code bootindex=}; QEMU ignores negative ones. */
    private OptionalInt takeBootIndex(OptionValues values) {
        Optional<Integer> index = values.takeNumber("bootindex", Integer.MIN_VALUE, Integer.MAX_VALUE)
                .map(Long::intValue).filter(number -> number >= 0);
        if (index.isPresent() && !bootIndices.add(index.get())) {
            throw values.error("bootindex " + index.get() + " is another device's already");
        }
        return index.map(OptionalInt::of).orElse(OptionalInt.empty());
    }

    private void addRng(OptionValues values, Place place) {
        for (String key : new String[] {"rng", "max-bytes", "period"}) {
            values.refuse(key, "jkvm feeds it from the host's random number generator, without a limit");
        }
        takeVirtio(values);
        add(new DeviceConfig.VirtioRng(place));
    }

    private void addNic(OptionValues values, Place place) {
        OptionalInt bootIndex = takeBootIndex(values);
        Optional<String> netdev = values.take("netdev");
        long mac = networks.takeMac(values);
        String where = values.where();
        devices.add((chardevs, drives) -> new DeviceConfig.E1000(place, bootIndex, mac, networks.use(where, netdev)));
    }

    private void addVirtioNet(OptionValues values, Place place) {
        takeVirtio(values);
        OptionalInt bootIndex = takeBootIndex(values);
        NetSettings settings = netSettings(values);
        Optional<String> netdev = values.take("netdev");
        long mac = networks.takeMac(values);
        String where = values.where();
        devices.add((chardevs, drives) ->
                new DeviceConfig.VirtioNet(place, bootIndex, mac, networks.use(where, netdev), settings));
    }

    private static NetSettings netSettings(OptionValues values) {
        long features = 0;
        for (NetFeature feature : NetFeature.values()) {
            boolean on = feature.property().isEmpty() || values.takeFlag(feature.property(), true);
            features |= on ? feature.bit() : 0;
        }
        // A feature of legacy devices only: QEMU's modern ones do not show it, whatever is asked for.
        values.takeFlag("gso", true);
        for (String absent : new String[] {"guest_announce", "guest_ufo", "host_ufo", "mq", "rss", "hash"}) {
            values.takeFixed(absent, "off");
        }
        values.takeFixed("tx", "bh");
        int mtu = values.takeNumber("host_mtu", 0, NetSettings.MAX_MTU).orElse(0L).intValue();
        try {
            return new NetSettings(features, mtu, queueSize(values, "rx_queue_size"),
                    queueSize(values, "tx_queue_size"));
        } catch (ConfigurationException wrong) {
            throw values.error(wrong.getMessage());
        }
    }

    private static int queueSize(OptionValues values, String key) {
        return values.takeNumber(key, NetSettings.MIN_QUEUE_SIZE, NetSettings.MAX_QUEUE_SIZE)
                .orElse((long) NetSettings.MIN_QUEUE_SIZE).intValue();
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
        OptionalInt bootIndex = takeBootIndex(values);
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
            return new DeviceConfig.VirtioBlock(place, bootIndex, drive,
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

package jkvm.machine;

import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.function.Function;
import jkvm.bus.ConfigurationException;
import jkvm.bus.MsiSink;
import jkvm.device.e1000.E1000;
import jkvm.device.pci.PciFunction;
import jkvm.device.pci.PciTestdev;
import jkvm.device.virtio.VirtioDevice;
import jkvm.device.virtio.block.VirtioBlock;
import jkvm.device.virtio.console.VirtioConsole;
import jkvm.device.virtio.net.VirtioNet;
import jkvm.device.virtio.rng.VirtioRng;
import jkvm.device.virtio.transport.QueueDoorbells;
import jkvm.device.virtio.transport.VirtioMmio;
import jkvm.device.virtio.transport.VirtioPci;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskImages;
import jkvm.host.net.NetBackend;
import jkvm.host.net.NullBackend;
import jkvm.host.netdev.NetBackends;
import jkvm.host.netdev.NetdevSpec;
import jkvm.linux.Syscalls;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription;
import jkvm.work.InstructionClock;
import jkvm.work.Workers;

/** Makes the devices on expansion buses from their configuration. */
final class ExpansionDevices {
    private static final long MMIO_START = 0xFEB00000L;
    private static final int MMIO_FIRST_GSI = 16;
    private static final int MMIO_MAX = 8;

    private static final int CLASS_STORAGE = 0x010000;
    private static final int CLASS_NETWORK = 0x020000;
    private static final int CLASS_OTHER = 0x00FF00;
    private static final int MAC_SIZE = 6;
    private static final int CLASS_COMMUNICATION = 0x078000;

    private final PlatformDevices devices;
    private final PlatformDescription platform;
    private final GuestMemory memory;
    private final QueueDoorbells doorbells;
    private final MsiSink messages;
    private final Function<ChardevSpec, Chardev> openChardev;
    private final DiskImages images;
    private final Syscalls syscalls;
    private final ExpansionRoms roms;
    /** Null for the host's time. */
    private final InstructionClock counted;
    private final Workers workers;
    private final OptionalLong seed;
    private final BootOrder bootOrder = new BootOrder();
    private int nextName;
    private int nextMmio;

    ExpansionDevices(PlatformDevices devices, PlatformDescription platform, GuestMemory memory, QueueDoorbells doorbells,
            MsiSink messages, Function<ChardevSpec, Chardev> openChardev, DiskImages images,
            Syscalls syscalls, ExpansionRoms roms, InstructionClock counted, Workers workers, OptionalLong seed) {
        this.devices = devices;
        this.platform = platform;
        this.memory = memory;
        this.doorbells = doorbells;
        this.messages = messages;
        this.openChardev = openChardev;
        this.images = images;
        this.syscalls = syscalls;
        this.roms = roms;
        this.counted = counted;
        this.workers = workers;
        this.seed = seed;
    }

    /** The devices that have been added, as far as they have numbers. */
    BootOrder bootOrder() {
        return bootOrder;
    }

    /**
     * Where the devices with memory-mapped registers will be, for the tables that tell a guest so.
     *
     * @throws ConfigurationException if this machine has none, or not as many
     */
    static List<PlatformDescription.VirtioMmio> mmioPlaces(MachineType type, List<DeviceConfig> configs) {
        List<PlatformDescription.VirtioMmio> places = new ArrayList<>();
        for (DeviceConfig config : configs) {
            if (!config.place().pci()) {
                if (type != MachineType.MICROVM) {
                    throw new ConfigurationException("-device " + config.driver() + ": this machine has PCI devices;"
                            + " write " + config.driver().replace("-device", "-pci") + ", or use -machine microvm");
                }
                if (places.size() == MMIO_MAX) {
                    throw new ConfigurationException("-device " + config.driver() + ": a microvm has at most "
                            + MMIO_MAX + " virtio devices");
                }
                places.add(new PlatformDescription.VirtioMmio((int) MMIO_START + VirtioMmio.SIZE * places.size(),
                        VirtioMmio.SIZE, MMIO_FIRST_GSI + places.size()));
            }
        }
        return places;
    }

    /** Makes one device and puts it on its bus. */
    void add(DeviceConfig config) {
        String name = config.driver() + nextName++;
        switch (config) {
            case DeviceConfig.PciTestdev _ -> plug(config, new PciTestdev(name));
            case DeviceConfig.VirtioRng _ -> add(config, CLASS_OTHER,
                    new VirtioRng(name, randomBytes()));
            case DeviceConfig.VirtioConsole console -> add(config, CLASS_COMMUNICATION,
                    new VirtioConsole(name, openChardev.apply(console.chardev())));
            case DeviceConfig.VirtioBlock block -> add(config, CLASS_STORAGE,
                    new VirtioBlock(name, open(block.drive()), block.settings()));
            case DeviceConfig.VirtioNet nic -> add(nic, CLASS_NETWORK,
                    new VirtioNet(name, nic.mac(), nic.settings(), open(nic.netdev())));
            case DeviceConfig.E1000 nic -> add(nic, name);
        }
    }

    private void add(DeviceConfig.E1000 nic, String name) {
        byte[] mac = new byte[MAC_SIZE];
        for (int i = 0; i < MAC_SIZE; i++) {
            mac[i] = (byte) (nic.mac() >>> 8 * (MAC_SIZE - 1 - i));
        }
        NetBackend backend = open(nic.netdev());
        E1000 device = new E1000(name, mac, memory, devices.clock(), backend,
                work -> workers.worker(name, work));
        devices.closeLast(device::close);
        plug(nic, device);
    }

    private VirtioRng.EntropySource randomBytes() {
        return seed.isPresent() ? new Random(seed.getAsLong() + nextName)::nextBytes : new SecureRandom()::nextBytes;
    }

    private void plug(DeviceConfig config, PciFunction function) {
        roms.plugInto(function, config);
        bootOrder.addPci(config, devices.addPciDevice(config, function));
    }

    /** Opens a backend that is closed with the machine, after the devices have ended. */
    private NetBackend open(Optional<NetdevSpec> netdev) {
        NetBackend backend = netdev.map(spec -> NetBackends.open(spec, syscalls, counted)).orElseGet(NullBackend::new);
        devices.closeLast(backend::close);
        return backend;
    }

    /** Opens an image that is closed with the machine, after the devices have ended. */
    private DiskImage open(DriveConfig drive) {
        DiskImage image = images.open(drive.file(), drive.options());
        devices.closeLast(() -> {
            try {
                image.close();
            } catch (IOException e) {
                throw new IOException("disk image %s: not everything was saved: %s".formatted(drive.file(),
                        e.getMessage()), e);
            }
        });
        return image;
    }

    private void add(DeviceConfig config, int classCode, VirtioDevice device) {
        if (config.place().pci()) {
            VirtioPci function = new VirtioPci(device, classCode, memory, workers, doorbells, messages);
            plug(config, function);
            devices.closeLast(function::close);
        } else {
            PlatformDescription.VirtioMmio place = platform.virtioDevices().get(nextMmio++);
            devices.addMmioDevice(device, place, memory, workers, doorbells);
            bootOrder.addMmio(config, Integer.toUnsignedLong(place.address()));
        }
    }
}

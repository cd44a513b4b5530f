package jkvm.machine;

import java.util.Optional;
import java.util.OptionalInt;
import jkvm.chardev.ChardevSpec;
import jkvm.net.NetdevSpec;
import jkvm.virtio.block.BlockSettings;
import jkvm.virtio.net.NetSettings;

/** A device on an expansion bus, as {@code -device} asks for it. */
public sealed interface DeviceConfig {

    /** The device's name on the command line. */
    String driver();

    /** Where it is. */
    Place place();

    /**
     * Where a device is.
     *
     * @param pci     on the PCI bus; otherwise its registers are memory-mapped
     * @param address slot and function on the PCI bus as {@code slot * 8 + function}; empty for the next free slot
     */
    record Place(boolean pci, OptionalInt address) {
        /** Memory-mapped registers, at the next free address. */
        public static final Place MMIO = new Place(false, OptionalInt.empty());
    }

    /** Counts writes to memory and to ports. */
    record PciTestdev(Place place) implements DeviceConfig {
        @Override
        public String driver() {
            return "pci-testdev";
        }
    }

    /** The virtio entropy device, fed by the host's random number generator. */
    record VirtioRng(Place place) implements DeviceConfig {
        @Override
        public String driver() {
            return place.pci ? "virtio-rng-pci" : "virtio-rng-device";
        }
    }

    /** A virtio console. */
    record VirtioConsole(Place place, ChardevSpec chardev) implements DeviceConfig {
        @Override
        public String driver() {
            return place.pci ? "virtio-serial-pci" : "virtio-serial-device";
        }
    }

    /** A virtio disk. */
    record VirtioBlock(Place place, DriveConfig drive, BlockSettings settings) implements DeviceConfig {
        @Override
        public String driver() {
            return place.pci ? "virtio-blk-pci" : "virtio-blk-device";
        }
    }

    /**
     * A virtio network card.
     *
     * @param mac    its address, the first byte highest
     * @param netdev what it is plugged into; empty for nothing
     */
    record VirtioNet(Place place, long mac, Optional<NetdevSpec> netdev, NetSettings settings)
            implements DeviceConfig {
        @Override
        public String driver() {
            return place.pci ? "virtio-net-pci" : "virtio-net-device";
        }
    }

    /**
     * Intel's 82540EM network card.
     *
     * @param mac     its address, the first byte highest
     * @param netdev what it is plugged into; empty for nothing
     */
    record E1000(Place place, long mac, Optional<NetdevSpec> netdev) implements DeviceConfig {
        @Override
        public String driver() {
            return "e1000";
        }
    }
}

package jkvm.machine;

import java.nio.file.Path;
import java.util.Optional;
import java.util.OptionalInt;
import jkvm.device.virtio.block.BlockSettings;
import jkvm.device.virtio.net.NetSettings;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.netdev.NetdevSpec;

/** A device on an expansion bus, as {@code -device} asks for it. */
public sealed interface DeviceConfig {

    /** The device's name on the command line. */
    String driver();

    /** Where it is. */
    Place place();

    /** When firmware tries to boot from it: lower numbers first, none twice. Empty if it goes by {@code -boot}. */
    default OptionalInt bootIndex() {
        return OptionalInt.empty();
    }

    /**
     * Where a device is, and what is on its board besides.
     *
     * @param pci     on the PCI bus; otherwise its registers are memory-mapped
     * @param address slot and function on the PCI bus as {@code slot * 8 + function}; empty for the next free slot
     * @param rom     its expansion ROM, for PCI devices
     */
    record Place(boolean pci, OptionalInt address, Optional<Rom> rom) {
        /** Memory-mapped registers, at the next free address. */
        public static final Place MMIO = new Place(false, OptionalInt.empty());

        /** Without a ROM. */
        public Place(boolean pci, OptionalInt address) {
            this(pci, address, Optional.empty());
        }

        /** The next free slot of the PCI bus, with a ROM. */
        public static Place pciWith(Rom rom) {
            return new Place(true, OptionalInt.empty(), Optional.of(rom));
        }
    }

    /**
     * An expansion ROM, from which firmware boots. Not looked at yet.
     *
     * @param file     a name without a folder is also looked for where distributions install firmware
     * @param required false if the device does without where the file is absent
     * @param bar      true if the device shows it to the guest; otherwise firmware gets it from its configuration
     *                 device
     */
    record Rom(Path file, boolean required, boolean bar) {
        /**
         * The one that a distribution may install for a model. QEMU's hold an image for a PC's BIOS, which SeaBIOS
         * takes by its type and the device's ids, and one for UEFI.
         */
        public static Rom usual(Path file) {
            return new Rom(file, false, true);
        }
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
    record VirtioBlock(Place place, OptionalInt bootIndex, DriveConfig drive, BlockSettings settings)
            implements DeviceConfig {
        @Override
        public String driver() {
            return place.pci ? "virtio-blk-pci" : "virtio-blk-device";
        }
    }

    /** A network card. */
    sealed interface Nic extends DeviceConfig {

        /** Its address, 48 bits, the first byte highest. */
        long mac();

        /** What it is plugged into; empty for nothing. */
        Optional<NetdevSpec> netdev();
    }

    /** A virtio network card. */
    record VirtioNet(Place place, OptionalInt bootIndex, long mac, Optional<NetdevSpec> netdev, NetSettings settings)
            implements Nic {
        /** Where its boot code comes from: the name under which QEMU knows iPXE for this card. */
        public static final Rom USUAL_ROM = Rom.usual(Path.of("efi-virtio.rom"));

        @Override
        public String driver() {
            return place.pci ? "virtio-net-pci" : "virtio-net-device";
        }
    }

    /** Intel's 82540EM network card. */
    record E1000(Place place, OptionalInt bootIndex, long mac, Optional<NetdevSpec> netdev) implements Nic {
        /** Where its boot code comes from: the name under which QEMU knows iPXE for this card. */
        public static final Rom USUAL_ROM = Rom.usual(Path.of("efi-e1000.rom"));

        @Override
        public String driver() {
            return "e1000";
        }
    }
}

package jkvm.device.board;

import java.util.Optional;
import jkvm.bus.AddressSpace;
import jkvm.bus.DmaChannel;
import jkvm.bus.IrqLine;
import jkvm.bus.MachineControl;
import jkvm.bus.MsiSink;
import jkvm.host.chardev.Chardev;
import jkvm.host.chardev.ChardevSpec;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.DiskStatistics;
import jkvm.host.display.Screen;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.MediumSlot;
import jkvm.host.input.InputHub;
import jkvm.host.net.Cable;
import jkvm.host.net.NetBackend;
import jkvm.host.netdev.NetdevSpec;
import jkvm.memory.GuestMemory;
import jkvm.work.VmClock;
import jkvm.work.Workers;

/**
 * The parts of a machine that a device may ask for while {@link DeviceType} makes it. All calls come from the thread
 * that builds the machine. The board closes what it opens, after the devices have ended.
 */
public interface Board {
    /** Inputs of the interrupt controllers. */
    int GSI_COUNT = 24;

    /** The I/O ports. */
    AddressSpace ports();

    /** Guest physical memory outside of RAM. */
    AddressSpace memory();

    /** A new input of a global system interrupt, 0 to 23. Several inputs of one interrupt are joined with OR. */
    IrqLine irq(int gsi);

    /** The clock for timers and for what a device shows of time. */
    VmClock clock();

    /**
     * A channel of the ISA bus's DMA controllers, which is this device's alone.
     *
     * @param number 0 to 3 for bytes, 5 to 7 for words
     */
    DmaChannel dma(int number);

    /** Sets a byte of the clock's memory, by which firmware learns what there is. Before the guest runs. */
    void putCmos(int register, int value);

    /** The guest's RAM, for DMA. */
    GuestMemory guestMemory();

    /** Takes requests for a reset, a power-off or an exit. */
    MachineControl control();

    /** Makes the workers that serve a device apart from the vCPUs. */
    Workers workers();

    /** Makes sources of message-signalled interrupts. Only for a device on the PCI bus. */
    MsiSink messages();

    /** Where users' keys and pointers come from. Made when it is asked for. */
    InputHub input();

    /** Does something when the machine closes: after the last access of a vCPU, before the host sides close. */
    void atEnd(Runnable end);

    /** Takes pages of RAM away for a moment. */
    PageProtector pageProtector();

    /**
     * Random bytes for one device.
     *
     * @param object the id of an object that has them; empty for the host's generator, or that of the user's seed
     */
    RandomSource random(Optional<String> object);

    /** Opens a chardev; devices that name the same multiplexed one get parts of one. */
    Chardev chardev(ChardevSpec spec);

    /**
     * Opens a disk image.
     *
     * @throws jkvm.host.HostException if it cannot be used
     */
    DiskImage disk(DriveSpec drive);

    /** The counters of a disk that {@link #disk} has opened for the device. */
    default DiskStatistics statistics(DriveSpec drive) {
        return new DiskStatistics();
    }

    /**
     * Makes the slot of a drive whose medium comes and goes, with its first medium in it.
     *
     * @param device  the drive's name in the machine
     * @param drive   the medium; absent or {@link DriveSpec#isEmpty() empty} for a slot without one
     * @param hasTray whether the drive has a tray
     * @throws jkvm.host.HostException if the medium cannot be used
     */
    MediumSlot medium(String device, Optional<DriveSpec> drive, boolean hasTray);

    /** Tells the machine's BIOS of a drive that it may boot from. */
    default void bootable(BootSource source) {
        // A machine without a BIOS of its own boots from none.
    }

    /**
     * Opens a network.
     *
     * @param netdev empty for a cable that is plugged into nothing
     * @throws jkvm.host.HostException if the host does not let it
     */
    NetBackend network(Optional<NetdevSpec> netdev);

    /**
     * Lets users pull a card's cable, as long as there is the card.
     *
     * @param card   its name
     * @param netdev as for {@link #network}
     */
    void cable(String card, Optional<NetdevSpec> netdev, Cable cable);

    /**
     * Memory of a device that the guest may reach without it.
     *
     * @param size in bytes, a multiple of the page size
     */
    DeviceMemory deviceMemory(String device, long size);

    /** Shows a device's output to the user. The machine has one screen: that of the device that calls first. */
    void screen(String device, Screen screen);
}

package jkvm.machine;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import jkvm.host.image.DriveSpec;
import jkvm.host.netdev.NetdevSpec;
import jkvm.machine.board.DriveSides;
import jkvm.machine.board.HotplugSlots;
import jkvm.machine.board.NetworkSides;
import jkvm.machine.config.DeviceConfig;
import jkvm.machine.config.HotplugException;

/**
 * Adds devices and their host sides to a machine that exists, and removes them. Any thread may call; the machine acts
 * on its own thread, and on one wish after the other. A future completes when it has, or with a {@link
 * HotplugException} where it refuses, with a {@link jkvm.host.HostException} where the host does;
 * nothing has changed then.
 *
 * <pre>{@code
 * MachineDevices devices = machine.devices();
 * DriveSpec disk = DriveSpec.ofPath("d0", Path.of("disk.raw"), ImageOptions.WRITABLE.withFormat(ImageFormat.RAW));
 * devices.addDrive(disk).join();
 * devices.plug(DeviceConfig.of(VirtioBlockType.PCI).withId("disk0").with(VirtioBlockType.DRIVE, disk)).join();
 * devices.unplug("disk0").join();     // DEVICE_DELETED follows when the guest has let it go
 * }</pre>
 */
public final class MachineDevices {
    private final MachineRequests requests;
    private final MachineHold hold;
    private final MachineListeners listeners;
    private final HotplugSlots slots;
    private final boolean stay;
    private final MachineMedia media;
    /** The machine's thread, while it acts on a wish. */
    private volatile Thread acting;
    private volatile DeviceReader reader = DeviceReader.NONE;

    /** @param stay the devices stay as they are: the machine's inputs are recorded, or come from a recording */
    MachineDevices(MachineRequests requests, MachineHold hold, MachineListeners listeners, HotplugSlots slots,
            boolean stay) {
        this.stay = stay;
        this.requests = requests;
        this.hold = hold;
        this.listeners = listeners;
        this.slots = slots;
        media = new MachineMedia(this, slots.sides().media());
        slots.sides().media().onTray((slot, isOpen) -> {
            // The guest moves it on a worker's thread.
            if (Thread.currentThread() == acting) {
                listeners.tellTray(slot.device(), isOpen);
            } else {
                requests.post(new MachineRequest.Command(false, () -> {
                    listeners.tellTray(slot.device(), isOpen);
                    return null;
                }, new CompletableFuture<>()));
            }
        });
        slots.onEject(() -> {
            var _ = post(() -> tellRemoved(slots.emptyEjected()));
        });
    }

    /** A task of the machine's thread. */
    interface Task {
        void run() throws IOException;
    }

    /** Does something while no vCPU runs, unless the devices stay as they are. */
    CompletableFuture<Void> act(Task task) {
        return !stay ? post(task) : CompletableFuture.failedFuture(new HotplugException(
                HotplugException.Kind.FIXED, "", "no device comes or goes in a recording or its replay"));
    }

    private CompletableFuture<Void> post(Task task) {
        CompletableFuture<Void> result = new CompletableFuture<>();
        requests.post(new MachineRequest.Command(true, () -> {
            hold.stopVcpus();
            acting = Thread.currentThread();
            try {
                task.run();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            } finally {
                acting = null;
            }
            return null;
        }, result));
        return result;
    }

    /** Changes the media of CD-ROM and floppy disk drives. */
    public MachineMedia media() {
        return media;
    }

    private void tellRemoved(List<String> names) {
        names.forEach(listeners::tellDeleted);
    }

    /**
     * Plugs a device in: one of the PCI bus, as function 0 of a slot that is empty. The guest hears of it by ACPI. A
     * network card without an address gets the first of QEMU's that no other has.
     */
    public CompletableFuture<Void> plug(DeviceConfig device) {
        return act(() -> slots.plug(device));
    }

    /**
     * Asks the guest for a PCI device. It is removed when the guest has ejected it, or at the machine's next reset:
     * {@link MachineEvent.Type#DEVICE_DELETED}. A guest that does not act keeps it.
     *
     * @param name the device's id, or the name that it has without one
     */
    public CompletableFuture<Void> unplug(String name) {
        return act(() -> slots.requestUnplug(name));
    }

    /** Opens a disk, for a device to come; it is closed when that is gone. */
    public CompletableFuture<Void> addDrive(DriveSpec drive) {
        return act(() -> drives().add(drive, false));
    }

    /** Closes a disk of {@link #addDrive} or of the start that no device has. */
    public CompletableFuture<Void> removeDrive(String id) {
        return act(() -> drives().remove(id, false));
    }

    /** Opens a disk, for one device after the other. */
    public CompletableFuture<Void> addNode(DriveSpec node) {
        return act(() -> drives().add(node, true));
    }

    /** Closes a disk of {@link #addNode} or of the start that no device has. */
    public CompletableFuture<Void> removeNode(String name) {
        return act(() -> drives().remove(name, true));
    }

    /** Opens a network, for one card after the other. */
    public CompletableFuture<Void> addNetwork(NetdevSpec network) {
        return act(() -> networks().add(network));
    }

    /** Closes a network that no card has. */
    public CompletableFuture<Void> removeNetwork(String id) {
        return act(() -> networks().remove(id));
    }

    /** Pulls the cable of a card, by its name or that of its network, or plugs it in: the guest sees its link. */
    public CompletableFuture<Void> plugCable(String name, boolean isIn) {
        return act(() -> networks().plug(name, isIn));
    }

    /** Lets this reader read devices from now on. */
    public void readBy(DeviceReader newReader) {
        reader = newReader;
    }

    /** Reads devices and host sides as users and programs write them to this machine's monitors. */
    public DeviceReader reader() {
        return reader;
    }

    /** The disk that a device may name, whether one has it or not; empty if there is none. */
    public Optional<DriveSpec> drive(String id) {
        return drives().find(id);
    }

    /** The network that a card may name, whether one has it or not; empty if there is none. */
    public Optional<NetdevSpec> network(String id) {
        return networks().find(id);
    }

    /** At a reset: removes what the guest was asked for. The vCPUs are paused. */
    void reset() {
        tellRemoved(slots.emptyRequested());
    }

    /** The images that the machine's disks are made of. */
    public MachineDisks disks() {
        return new MachineDisks(drives());
    }

    private DriveSides drives() {
        return slots.sides().drives();
    }

    private NetworkSides networks() {
        return slots.sides().networks();
    }
}

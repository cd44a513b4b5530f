package jkvm.machine.board;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Consumer;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.ImageDescription;
import jkvm.host.image.MediumSlot;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;
import jkvm.machine.facts.MediumFacts;

/**
 * The drives of a machine whose media come and go. Changes are made on the machine's thread while no vCPU runs; the
 * texts of refusals are QEMU's.
 */
public final class MediumSlots {
    private final HostSides host;
    private final List<Entry> entries = new CopyOnWriteArrayList<>();
    private Listener listener = (_, _) -> { };

    /** Hears of trays. */
    @FunctionalInterface
    public interface Listener {
        /** Called on the thread that moves it; must not wait. */
        void trayMoved(MediumSlot slot, boolean isOpen);
    }

    /** A slot, and the end of the image that is in it. */
    private static final class Entry {
        private final MediumSlot slot;
        /** Null without a medium. */
        private HostSides.Closing closing;

        Entry(MediumSlot slot) {
            this.slot = slot;
        }

        void remove() throws IOException {
            slot.remove();
            HostSides.Closing end = closing;
            closing = null;
            if (end != null) {
                end.close();
            }
        }
    }

    MediumSlots(HostSides host) {
        this.host = host;
    }

    /** Takes the one that hears of all trays from now on. */
    public void onTray(Listener newListener) {
        listener = newListener;
    }

    /** All of them, in the order of their devices. */
    public List<MediumSlot> all() {
        return entries.stream().map(entry -> entry.slot).toList();
    }

    /** @param owner gets what is to be closed with the device */
    MediumSlot make(String device, Optional<DriveSpec> drive, boolean hasTray, Consumer<HostSides.Closing> owner) {
        // A node is in it for a while, and no drive of its own.
        Optional<String> own = drive.map(DriveSpec::id).filter(id -> !host.drives().isNode(id));
        MediumSlot slot = new MediumSlot(device, own, hasTray);
        Entry entry = new Entry(slot);
        drive.filter(spec -> !spec.isEmpty()).ifPresent(spec -> insert(entry, spec));
        slot.onTray(isOpen -> listener.trayMoved(slot, isOpen));
        entries.add(entry);
        owner.accept(() -> {
            entries.remove(entry);
            entry.remove();
        });
        return slot;
    }

    private void insert(Entry entry, DriveSpec spec) {
        entry.slot.insert(spec, host.disk(spec, closing -> entry.closing = closing));
    }

    /** The drive with the name of its device, or of its own. */
    private Entry find(String name) {
        for (Entry entry : entries) {
            if (entry.slot.device().equals(name) || entry.slot.drive().filter(name::equals).isPresent()) {
                return entry;
            }
        }
        if (host.hasDisk(name)) {
            throw new HotplugException(Kind.FIXED, name, "Device '" + name + "' is not removable");
        }
        throw new HotplugException(Kind.NOT_FOUND, name, "Device '" + name + "' not found");
    }

    /**
     * Opens a drive's tray; asks the guest for it if that has locked the medium.
     *
     * @param isForced without asking
     * @return false if the guest has been asked
     */
    public boolean openTray(String name, boolean isForced) {
        return find(name).slot.openTray(isForced);
    }

    /** Closes a drive's tray. */
    public void closeTray(String name) {
        find(name).slot.closeTray();
    }

    /** Takes the medium out of an open tray, or out of a drive without one. */
    public void remove(String name) throws IOException {
        Entry entry = find(name);
        requireOpen(entry, name);
        entry.remove();
    }

    private static void requireOpen(Entry entry, String name) {
        if (entry.slot.hasTray() && !entry.slot.isTrayOpen()) {
            throw new HotplugException(Kind.FIXED, name, "Tray of device '" + name + "' is not open");
        }
    }

    /** Opens the tray and takes the medium out. */
    public void eject(String name, boolean isForced) throws IOException {
        requireOpened(name, isForced);
        find(name).remove();
    }

    private void requireOpened(String name, boolean isForced) {
        if (!openTray(name, isForced)) {
            throw new HotplugException(Kind.FIXED, name, "Device '" + name
                    + "' is locked and force was not specified, wait for tray to open and try again");
        }
    }

    /** Puts a block node into an open tray, or into a drive without one. */
    public void insertNode(String name, String node) {
        Entry entry = find(name);
        requireOpen(entry, name);
        DriveSpec spec = host.drives().find(node).filter(_ -> host.drives().isNode(node)).orElseThrow(() ->
                new HotplugException(Kind.NOT_FOUND, node, "Cannot find device='' nor node-name='" + node + "'"));
        if (host.drives().isUsed(spec)) {
            throw new HotplugException(Kind.IN_USE, node, "Node '" + node + "' is already in use");
        }
        if (entry.slot.hasMedium()) {
            throw new HotplugException(Kind.IN_USE, name, "There already is a medium in device '" + name + "'");
        }
        insert(entry, spec);
    }

    /**
     * The slot of a drive.
     *
     * @throws HotplugException if there is none
     */
    public MediumSlot slot(String name) {
        return find(name).slot;
    }

    /** The drives at this moment. Any thread may ask. */
    List<MediumFacts> facts() {
        return all().stream().map(slot -> new MediumFacts(slot.device(), slot.drive(), slot.hasTray(),
                slot.isTrayOpen(), slot.isLocked(), slot.spec())).toList();
    }

    /**
     * Puts another medium in and closes the tray.
     *
     * @param format empty takes it from the image's content
     * @throws jkvm.host.HostException if it cannot be used; the drive is as it was
     */
    public void change(String name, ImageDescription image, Optional<ImageFormat> format, boolean isReadOnly,
            boolean isForced) throws IOException {
        Entry entry = find(name);
        DriveSpec spec = new DriveSpec(entry.slot.drive().orElse(entry.slot.device()), image,
                ImageOptions.WRITABLE.withReadOnly(isReadOnly).withFormat(format));
        host.drives().check(spec);
        requireOpened(name, isForced);
        entry.remove();
        insert(entry, spec);
        entry.slot.closeTray();
    }
}

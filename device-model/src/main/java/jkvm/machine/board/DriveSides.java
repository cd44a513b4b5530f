package jkvm.machine.board;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;

/**
 * The disks of a machine that devices name: drives, which go with the first device that has used them, and block nodes,
 * which stay until they are removed. Those that were declared for the start are opened when a device takes them. Any
 * thread may call.
 */
public final class DriveSides {
    private final DiskImages images;
    private final Map<String, Drive> drives = new LinkedHashMap<>();

    /** A disk with a name. Guarded by the map's owner. */
    private static final class Drive {
        private final DriveSpec spec;
        private final boolean isNode;
        /** Null while nobody has opened it. */
        private DiskImage image;
        private boolean used;

        Drive(DriveSpec spec, boolean isNode) {
            this.spec = spec;
            this.isNode = isNode;
        }
    }

    DriveSides(DiskImages images) {
        this.images = images;
    }

    /** Disks of the start, which are not opened yet. */
    public synchronized void declare(List<DriveSpec> specs, boolean isNode) {
        specs.forEach(spec -> drives.put(spec.id(), new Drive(spec, isNode)));
    }

    /**
     * Opens a disk for devices to come.
     *
     * @param isNode true if it stays when a device that used it is gone
     * @throws HotplugException        if another one has its name
     * @throws jkvm.host.HostException if it cannot be used
     */
    public synchronized void add(DriveSpec spec, boolean isNode) {
        if (drives.containsKey(spec.id())) {
            throw new HotplugException(Kind.DUPLICATE, spec.id(), isNode
                    ? "Duplicate nodes with node-name='" + spec.id() + "'"
                    : "Duplicate ID '" + spec.id() + "' for drive");
        }
        Drive drive = new Drive(spec, isNode);
        drive.image = images.open(spec.image(), spec.options());
        drives.put(spec.id(), drive);
    }

    /** The disk that a device may name; empty if there is none. */
    public synchronized Optional<DriveSpec> find(String id) {
        return Optional.ofNullable(drives.get(id)).map(drive -> drive.spec);
    }

    /** True for the name of a block node. */
    synchronized boolean isNode(String id) {
        Drive drive = drives.get(id);
        return drive != null && drive.isNode;
    }

    /** All disks with names, in the order in which they came. */
    public synchronized List<DriveSpec> all() {
        return drives.values().stream().map(drive -> drive.spec).toList();
    }

    /** True if a device has this disk. */
    public synchronized boolean isUsed(DriveSpec spec) {
        Drive drive = drives.get(spec.id());
        return drive != null && drive.used && drive.spec.equals(spec);
    }

    /**
     * Closes a disk that no device has, and forgets it.
     *
     * @throws HotplugException if there is none, or a device has it
     * @throws IOException      if something of it could not be saved; it is closed even so
     */
    public synchronized void remove(String id, boolean isNode) throws IOException {
        Drive drive = drives.get(id);
        if (drive == null || drive.isNode != isNode) {
            throw new HotplugException(Kind.NOT_FOUND, id, isNode ? "Failed to find node with node-name='" + id + "'"
                    : "Device '" + id + "' not found");
        }
        if (drive.used) {
            throw new HotplugException(Kind.IN_USE, id, isNode ? "Node " + id + " is in use"
                    : "Drive '" + id + "' is in use by a device");
        }
        drives.remove(id);
        close(drive);
    }

    /**
     * Opens an image and closes it again.
     *
     * @throws jkvm.host.HostException if it cannot be used
     */
    void check(DriveSpec spec) throws IOException {
        close(spec, images.open(spec.image(), spec.options()));
    }

    /** The disk for a device, which {@link #giveBack} follows. One without a name, or whose name is taken, is new. */
    synchronized DiskImage take(DriveSpec spec) {
        Drive drive = drives.get(spec.id());
        if (drive == null || drive.used || !drive.spec.equals(spec)) {
            return images.open(spec.image(), spec.options());
        }
        if (drive.image == null) {
            drive.image = images.open(spec.image(), spec.options());
        }
        drive.used = true;
        return drive.image;
    }

    /**
     * The device is gone: closes the disk unless it is a node.
     *
     * @throws IOException if something could not be saved
     */
    synchronized void giveBack(DriveSpec spec, DiskImage image) throws IOException {
        Drive drive = drives.get(spec.id());
        if (drive == null || drive.image != image) {
            close(spec, image);
            return;
        }
        drive.used = false;
        if (!drive.isNode) {
            drives.remove(spec.id());
            close(drive);
        }
    }

    private static void close(Drive drive) throws IOException {
        if (drive.image != null) {
            close(drive.spec, drive.image);
        }
    }

    private static void close(DriveSpec spec, DiskImage image) throws IOException {
        try {
            image.close();
        } catch (IOException e) {
            throw new IOException("disk image %s: not everything was saved: %s".formatted(spec.image().text(),
                    e.getMessage()), e);
        }
    }

    /** Closes those that are open; the devices have given theirs back. */
    synchronized void close() throws IOException {
        List<Drive> left = new ArrayList<>(drives.values());
        drives.clear();
        IOException unsaved = null;
        for (Drive drive : left) {
            try {
                close(drive);
            } catch (IOException e) {
                unsaved = e;
            }
        }
        if (unsaved != null) {
            throw unsaved;
        }
    }
}

package jkvm.machine.board;

import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DiskRoot;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.NodeException;
import jkvm.machine.config.HotplugException;
import jkvm.machine.config.HotplugException.Kind;

/**
 * The disks of a machine that devices name: drives, which go with the first device that has used them, and block nodes,
 * which stay until they are removed. Those that were declared for the start are opened when a device takes them. Any
 * thread may call.
 */
public final class DriveSides {
    private final BlockGraph graph;
    private final Map<String, Drive> drives = new LinkedHashMap<>();

    /** A disk with a name. Guarded by the map's owner. */
    private static final class Drive {
        private final DriveSpec spec;
        private final boolean isNode;
        /** Null while nobody has opened it. */
        private BlockNode node;
        /** Null while no device has it. */
        private DiskRoot disk;

        Drive(DriveSpec spec, boolean isNode) {
            this.spec = spec;
            this.isNode = isNode;
        }
    }

    DriveSides(DiskImages images) {
        graph = new BlockGraph(images);
    }

    /** The images of all disks. */
    public BlockGraph graph() {
        return graph;
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
        if (isNode && graph.find(spec.id()).isPresent()) {
            throw new HotplugException(Kind.DUPLICATE, spec.id(),
                    "Duplicate nodes with node-name='" + spec.id() + "'");
        }
        Drive drive = new Drive(spec, isNode);
        open(drive);
        drives.put(spec.id(), drive);
    }

    private BlockNode open(Drive drive) {
        if (drive.node == null) {
            drive.node = graph.open(drive.spec, drive.isNode, this::named);
        }
        return drive.node;
    }

    private BlockNode named(String name) {
        return node(name).orElseThrow(() -> NodeException.absent(name, name));
    }

    /**
     * The block node of a name, which is opened if it was declared for the start and no device has it.
     *
     * @throws jkvm.host.HostException if it cannot be used
     */
    public synchronized Optional<BlockNode> node(String name) {
        Drive drive = drives.get(name);
        return drive != null && drive.isNode ? Optional.of(open(drive)) : graph.find(name);
    }

    /** The disk of a drive that a device has; empty if there is none. */
    public Optional<DiskRoot> disk(String drive) {
        return graph.rootOf(drive);
    }

    /** The block nodes that the user has named, whether they are open or not. */
    public synchronized List<DriveSpec> declaredNodes() {
        return drives.values().stream().filter(drive -> drive.isNode).map(drive -> drive.spec).toList();
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
        return drive != null && isUsed(drive) && drive.spec.equals(spec);
    }

    /** A node may be a device's now that another node was made for, and the other way round. */
    private boolean isUsed(Drive drive) {
        return drive.isNode ? drive.node != null && !graph.rootsOf(drive.node).isEmpty() : drive.disk != null;
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
        if (isUsed(drive)) {
            throw new HotplugException(Kind.IN_USE, id, isNode ? "Node " + id + " is in use"
                    : "Drive '" + id + "' is in use by a device");
        }
        if (isNode && drive.node != null) {
            graph.requireUnused(drive.node);
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
        close(spec, () -> graph.release(graph.open(spec, false, this::named)));
    }

    /** The disk for a device, which {@link #giveBack} follows. One without a name, or whose name is taken, is new. */
    synchronized DiskRoot take(DriveSpec spec) {
        Drive drive = drives.get(spec.id());
        if (drive == null || drive.disk != null || !drive.spec.equals(spec)) {
            BlockNode node = graph.open(spec, false, this::named);
            DiskRoot disk = graph.attach(node, spec.id());
            releaseQuietly(node);
            return disk;
        }
        requireNoJob(open(drive));
        drive.disk = graph.attach(drive.node, drive.isNode ? "" : spec.id());
        if (!drive.isNode) {
            releaseQuietly(drive.node);
            drive.node = null;
        }
        return drive.disk;
    }

    /** A job that copies a node hears of the writes of those alone that had it at its start. */
    private static void requireNoJob(BlockNode node) {
        try {
            node.requireNoJob();
        } catch (NodeException e) {
            throw new HotplugException(Kind.IN_USE, node.name(), e.getMessage());
        }
    }

    /** The disk has it. */
    private void releaseQuietly(BlockNode node) {
        try {
            graph.release(node);
        } catch (IOException e) {
            throw new IllegalStateException("a node in use is not closed", e);
        }
    }

    /**
     * The device is gone: closes the disk unless it is a node.
     *
     * @throws IOException if something could not be saved
     */
    synchronized void giveBack(DriveSpec spec, DiskRoot disk) throws IOException {
        Drive drive = drives.get(spec.id());
        boolean isNamed = drive != null && drive.disk == disk;
        close(spec, () -> graph.detach(disk));
        if (isNamed) {
            drive.disk = null;
            if (!drive.isNode) {
                drives.remove(spec.id());
                close(drive);
            }
        }
    }

    private void close(Drive drive) throws IOException {
        if (drive.node != null) {
            close(drive.spec, () -> graph.release(drive.node));
        }
    }

    private static void close(DriveSpec spec, HostSides.Closing closing) throws IOException {
        try {
            closing.close();
        } catch (IOException e) {
            throw new IOException("disk image %s: not everything was saved: %s".formatted(spec.image().text(),
                    e.getMessage()), e);
        }
    }

    /** Closes those that are open; the devices have given theirs back. */
    synchronized void close() throws IOException {
        drives.clear();
        graph.close();
    }
}

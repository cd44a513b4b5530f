package jkvm.host.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Function;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockFile.Access;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageInfo;

/**
 * The images of a running machine's disks and how they are put together: files, formats over files, backing images.
 * All may change under a disk that is in use: {@link #held} holds its requests back meanwhile.
 *
 * <p>Any thread may call, but none that is in a request to a disk of the graph. Lock: this object's, then that of each
 * {@link DiskRoot}.
 */
public final class BlockGraph {
    private final DiskImages images;
    private final Opener opener;
    private final NodeOpener nodeOpener;
    private final List<BlockNode> nodes = new CopyOnWriteArrayList<>();
    private final List<DiskRoot> roots = new CopyOnWriteArrayList<>();
    private final DiskHandover handover = new DiskHandover(this);
    private boolean isHeld;

    public BlockGraph(DiskImages images) {
        this.images = images;
        opener = images.opener();
        nodeOpener = new NodeOpener(this, images);
    }

    /** A change of the graph, or a look at it. */
    @FunctionalInterface
    public interface Change<T> {
        T run() throws IOException;
    }

    /** Passes the disks to another machine and takes them from it. */
    public DiskHandover handover() {
        return handover;
    }

    /** Opens and makes images. */
    public DiskImages images() {
        return images;
    }

    /** Runs a change while no disk has a request in progress; the users of all wait. May be called within a change. */
    public synchronized <T> T held(Change<T> change) throws IOException {
        if (isHeld) {
            return change.run();
        }
        List<DiskRoot> all = List.copyOf(roots);
        long[] stamps = all.stream().mapToLong(DiskRoot::hold).toArray();
        isHeld = true;
        try {
            return change.run();
        } finally {
            isHeld = false;
            for (int i = 0; i < stamps.length; i++) {
                all.get(i).letGo(stamps[i]);
            }
        }
    }

    /** All nodes, in the order in which they came. */
    public List<BlockNode> nodes() {
        return List.copyOf(nodes);
    }

    /** The node of a name that the user or the graph has given; empty if there is none. */
    public Optional<BlockNode> find(String name) {
        return nodes.stream().filter(node -> node.name().equals(name)).findFirst();
    }

    /** The disks that have the node at their top. */
    public List<DiskRoot> rootsOf(BlockNode node) {
        return roots.stream().filter(root -> root.node() == node).toList();
    }

    /** The disk of a drive; empty if no device has it. */
    public Optional<DiskRoot> rootOf(String drive) {
        return roots.stream().filter(root -> !drive.isEmpty() && root.user().equals(drive)).findFirst();
    }

    /** The nodes that have this one below them. */
    public List<BlockNode> overlaysOf(BlockNode node) {
        return nodes.stream().filter(each -> each.backing() == node).toList();
    }

    /**
     * Refuses to let a node go that others use besides the user who has named it.
     *
     * @throws NodeException with QEMU's text
     */
    public void requireUnused(BlockNode node) {
        node.requireNoJob();
        List<BlockNode> overlays = overlaysOf(node);
        if (!overlays.isEmpty()) {
            throw new NodeException("Node '" + node.name() + "' is busy: node is used as backing hd of '"
                    + overlays.getFirst().name() + "'");
        }
        if (node.users() > 1) {
            throw new NodeException("Block device " + node.name() + " is in use");
        }
    }

    /**
     * Opens a node with all that belongs to it. The caller is its user: {@link #release} ends that.
     *
     * @param named finds the nodes that the user has named
     * @throws DiskException if that is not possible
     */
    public synchronized BlockNode open(DriveSpec spec, boolean isNamed, Function<String, BlockNode> named) {
        return nodeOpener.open(spec, isNamed, named);
    }

    BlockNode added(BlockNode node) {
        node.use();
        nodes.add(node);
        return node;
    }

    /**
     * Ends a use of a node: the last one closes it, with all below it that nobody else uses.
     *
     * @throws IOException if something of it could not be saved; it is closed even so
     */
    public synchronized void release(BlockNode node) throws IOException {
        if (!node.leave()) {
            return;
        }
        nodes.remove(node);
        try {
            if (node.image() != null) {
                node.image().close();
            }
        } finally {
            if (node.isFile()) {
                node.bytes().close();
            }
            if (node.file() != null) {
                leaveFile(node.file());
            }
            if (node.backing() != null) {
                release(node.backing());
            }
        }
    }

    void leaveFile(BlockNode file) throws IOException {
        file.bytes().access(Access.NONE, true);
        release(file);
    }

    void releaseQuietly(BlockNode node) {
        Opener.closeQuietly(node == null ? null : () -> release(node));
    }

    /**
     * Gives a node to a device or a job, which ends its use by {@link #detach}.
     *
     * @param user the name of the drive; empty for none
     * @throws DiskException if a file cannot be used as a disk
     */
    public synchronized DiskRoot attach(BlockNode node, String user) {
        if (node.isFile() && node.image() == null) {
            try {
                DriveSpec spec = node.spec();
                boolean isLeft = handover.areAway() && !spec.options().readOnly();
                ImageLayer wanted = opener.layer(spec.image(), spec.options(), NodeOpener.accessed(node, isLeft
                        ? spec.options().withReadOnly(true).withLocked(false) : spec.options()));
                ImageLayer layer = isLeft ? wanted.withReadOnly(true).withoutLocks() : wanted;
                DiskImage opened = openAnew(layer, node.bytes(), null);
                node.shows(layer, isLeft ? new LeftDisk(opened) : opened, !wanted.options().readOnly());
                node.leaves(isLeft ? wanted : null);
            } catch (IOException e) {
                throw DiskException.of(node.spec().image().text(), null, e);
            }
        }
        node.use();
        DiskRoot root = new DiskRoot(user, node);
        roots.add(root);
        return root;
    }

    /**
     * Ends the use of a disk.
     *
     * @throws IOException if something of it could not be saved; it is closed even so
     */
    public synchronized void detach(DiskRoot root) throws IOException {
        roots.remove(root);
        BlockNode node = root.node();
        if (node.isFile() && rootsOf(node).isEmpty()) {
            DiskImage image = node.image();
            node.shows(node.layer(), null, false);
            image.close();
            node.bytes().access(Access.NONE, true);
        }
        release(node);
    }

    /**
     * Lets somebody hear what a disk's user writes.
     *
     * @param watch null for nobody
     */
    public synchronized void watch(DiskRoot root, WriteWatch watch) {
        long stamp = isHeld ? 0 : root.hold();
        root.watchBy(watch);
        if (!isHeld) {
            root.letGo(stamp);
        }
    }

    /** Lets all that have a node have another one. Within {@link #held}. */
    public void replace(BlockNode node, BlockNode other) throws IOException {
        other.use();
        node.use();
        for (DiskRoot root : rootsOf(node)) {
            move(node, other);
            root.to(other);
        }
        for (BlockNode overlay : overlaysOf(node)) {
            if (overlay != other) {
                move(node, other);
                overlay.isOver(other);
                overlay.link().to(other.image());
            }
        }
        release(other);
        release(node);
    }

    private static void move(BlockNode from, BlockNode to) {
        from.leave();
        to.use();
    }

    /** Opens an image in a file that its node keeps open. */
    DiskImage openAnew(ImageLayer layer, BlockFile bytes, BackingLink link) throws IOException {
        return opener.openOver(layer, new SharedFile(bytes), link);
    }

    /** Within {@link #held}. */
    void show(BlockNode node, ImageLayer layer, DiskImage image) {
        node.shows(layer, image, !layer.options().readOnly());
        rootsOf(node).forEach(root -> root.to(node));
        overlaysOf(node).forEach(overlay -> overlay.link().to(image));
    }

    /**
     * Lets a node's content be written, or not. Within {@link #held}.
     *
     * @throws IOException if that is not possible; nothing has changed
     */
    public void reopen(BlockNode node, boolean isWritable) throws IOException {
        if (node.layer() == null || node.isWritable() == isWritable) {
            return;
        }
        boolean isLocked = node.layer().options().locked();
        if (isWritable) {
            node.bytes().access(Access.WRITE, isLocked);
        }
        try {
            rebuild(node, node.layer().withReadOnly(!isWritable), node.link());
        } catch (IOException e) {
            node.bytes().access(node.isWritable() ? Access.WRITE : Access.READ, isLocked);
            throw e;
        }
        if (!isWritable) {
            node.bytes().access(Access.READ, isLocked);
        }
    }

    /** Opens an image anew. One that is written is closed first: two of them would not agree. */
    private void rebuild(BlockNode node, ImageLayer layer, BackingLink link) throws IOException {
        DiskImage old = node.image();
        boolean wasWritable = node.isWritable();
        if (wasWritable) {
            old.flush();
            old.close();
        }
        DiskImage next;
        try {
            next = opener.openOver(layer, new SharedFile(node.bytes()), link);
        } catch (IOException e) {
            if (wasWritable) {
                show(node, node.layer(), opener.openOver(node.layer(), new SharedFile(node.bytes()), node.link()));
            }
            throw e;
        }
        if (!wasWritable) {
            Opener.closeQuietly(old);
        }
        node.linkBy(link);
        show(node, layer, next);
    }

    /**
     * Puts another node below an image, whatever its header says. Within {@link #held}.
     *
     * @param backing null for none
     * @throws IOException if that is not possible; nothing has changed
     */
    public void setBacking(BlockNode node, BlockNode backing) throws IOException {
        BlockNode before = node.backing();
        if (before != null && backing != null) {
            node.link().to(backing.image());
        } else {
            rebuild(node, node.layer(), backing == null ? null : new BackingLink(backing.image()));
        }
        node.isOver(backing);
        if (backing != null) {
            backing.use();
        }
        if (before != null) {
            release(before);
        }
    }

    /**
     * Changes an image as a whole. Within {@link #held}.
     *
     * @throws IOException if that is not possible
     */
    public void edit(BlockNode node, DiskImages.Edit edit) throws IOException {
        if (node.layer() == null) {
            throw new NodeException("Node '" + node.name() + "' is a temporary image");
        }
        node.requireHere();
        boolean wasWritable = node.isWritable();
        reopen(node, true);
        ImageLayer layer = node.layer();
        node.image().flush();
        node.image().close();
        try {
            edit.on(layer.driver().editor(new SharedFile(node.bytes()), opener.filesOf(layer.image(),
                    layer.options())));
        } finally {
            show(node, layer, opener.openOver(layer, new SharedFile(node.bytes()), node.link()));
            reopen(node, wasWritable);
        }
    }

    /** Describes a node's image, without those below it. */
    public ImageInfo info(BlockNode node) throws IOException {
        ImageLayer layer = node.layer();
        if (node.isFile() || layer == null) {
            long size = node.isFile() ? node.bytes().size() : node.image().capacity();
            return ImageInfo.of(ImageFormat.RAW, size, node.isFile() ? node.bytes().allocated() : BlockFile.UNKNOWN);
        }
        BlockFile bytes = new SharedFile(node.bytes());
        ImageInfo info = layer.driver().info(bytes, opener.filesOf(layer.image(), layer.options()),
                opener.properties(layer.image(), layer.options()));
        return info.backingFile() == null ? info
                : info.withBackingPath(DiskImages.backingPath(layer.image().file().text(), info.backingFile()));
    }

    /**
     * Makes an image in the file of a node, in the place of what it holds.
     *
     * @throws IOException if that is not possible
     */
    public synchronized void create(BlockNode file, ImageFormat format, CreateValues values) throws IOException {
        if (!file.isFile() || file.users() > 1) {
            throw new NodeException("Node '" + file.name() + "' is in use");
        }
        FormatDriver driver = Formats.driver(format);
        values.check(DiskImages.createOptions(format));
        driver.checkNew(values);
        BlockFile bytes = file.bytes();
        bytes.access(Access.WRITE, file.spec().options().locked());
        try {
            bytes.truncate(0);
            driver.create(bytes, values, opener.filesOf(file.fileName()));
            bytes.flush();
        } finally {
            bytes.access(Access.NONE, true);
        }
    }

    /** Closes what is left, whoever uses it. */
    public synchronized void close() throws IOException {
        IOException unsaved = null;
        for (BlockNode node : new ArrayList<>(nodes)) {
            try {
                if (node.image() != null) {
                    node.image().close();
                }
            } catch (IOException e) {
                unsaved = e;
            }
        }
        for (BlockNode node : nodes) {
            if (node.isFile()) {
                Opener.closeQuietly(node.bytes());
            }
        }
        nodes.clear();
        if (unsaved != null) {
            throw unsaved;
        }
    }
}

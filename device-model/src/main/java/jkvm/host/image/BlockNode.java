package jkvm.host.image;

import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;

/**
 * A node of a machine's block graph: a file, or an image over one. All but its constants is the graph's, which changes
 * it under its lock; any thread may look.
 */
public final class BlockNode {
    private final String name;
    private final boolean isNamed;
    private final DriveSpec spec;
    /** Null for a file, and for a temporary image, which has all by itself. */
    private final BlockNode file;
    /** Null for an image. */
    private final BlockFile bytes;
    /** Null for a file that no device uses as a disk, and for a temporary image. */
    private volatile ImageLayer layer;
    private volatile DiskImage image;
    private volatile BlockNode backing;
    private volatile BackingLink link;
    private volatile boolean isWritable;
    /** How it is to be opened when another machine gives it back; null while this one has it. */
    private volatile ImageLayer left;
    /** Why no other job or change may have it; null if one may. */
    private volatile String blocker;
    /** Nodes, disks, jobs, and the user who has named it. Guarded by the graph. */
    private int users;

    /** @param spec as the user asked for it, or for the one that it belongs to */
    BlockNode(String name, boolean isNamed, DriveSpec spec, BlockNode file, BlockFile bytes) {
        this.name = name;
        this.isNamed = isNamed;
        this.spec = spec;
        this.file = file;
        this.bytes = bytes;
    }

    /** Its own name, or one that was made up. */
    public String name() {
        return name;
    }

    /** True if the user has named it. */
    public boolean isNamed() {
        return isNamed;
    }

    /** As the user asked for it. */
    public DriveSpec spec() {
        return spec;
    }

    /** The node that has its bytes; null for a file, and for a temporary image. */
    public BlockNode file() {
        return file;
    }

    /** The node that shows through where it has nothing; null for none. */
    public BlockNode backing() {
        return backing;
    }

    /** True for a node that is a file without a format. */
    public boolean isFile() {
        return bytes != null;
    }

    /** The content; null for a file that no device uses as a disk. */
    public DiskImage image() {
        return image;
    }

    /** True if its content may be written. */
    public boolean isWritable() {
        return isWritable;
    }

    /** The name of its file, for messages and headers. */
    public String fileName() {
        return layer != null && layer.image().file() instanceof ImageName.File path ? path.path()
                : layer != null ? layer.image().file().text() : bytes != null ? bytes.name() : spec.image().text();
    }

    /**
     * Keeps other jobs and changes away.
     *
     * @param reason in QEMU's words; null lets them come again
     */
    public void block(String reason) {
        blocker = reason;
    }

    /** @throws NodeException if a job or another machine has it */
    public void requireFree() {
        requireHere();
        requireNoJob();
    }

    /** @throws NodeException if another machine has it */
    void requireHere() {
        if (left != null) {
            throw new NodeException("Node '" + name + "' is with another machine");
        }
    }

    /** @throws NodeException if a job has it */
    public void requireNoJob() {
        String reason = blocker;
        if (reason != null) {
            throw new NodeException("Node '" + name + "' is busy: " + reason);
        }
    }

    BlockFile bytes() {
        return bytes != null ? bytes : file.bytes;
    }

    ImageLayer layer() {
        return layer;
    }

    BackingLink link() {
        return link;
    }

    void isOver(BlockNode node) {
        backing = node;
    }

    /** Null for an image that can have nothing below it. */
    void linkBy(BackingLink next) {
        link = next;
    }

    void shows(ImageLayer how, DiskImage next, boolean canWrite) {
        layer = how;
        image = next;
        isWritable = canWrite;
    }

    ImageLayer left() {
        return left;
    }

    /** @param wanted null for an image that this machine has */
    void leaves(ImageLayer wanted) {
        left = wanted;
    }

    void use() {
        users++;
    }

    /** True if that was the last user. */
    boolean leave() {
        users--;
        return users == 0;
    }

    int users() {
        return users;
    }
}

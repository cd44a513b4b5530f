package jkvm.control.block;

import java.io.IOException;
import java.time.Instant;
import java.util.Optional;
import jkvm.host.disk.DiskSnapshots;
import jkvm.host.disk.InternalSnapshot;
import jkvm.host.disk.NewSnapshot;
import jkvm.host.image.BlockNode;
import jkvm.host.image.NodeException;

/** Keeps a disk's content as a snapshot inside its image. */
public final class InternalSnapshotChange implements GraphChange {
    private static final System.Logger LOG = System.getLogger("jkvm.control");

    private final String device;
    private final BlockNode image;
    private final String name;

    /** @param device the disk's name, for refusals */
    public InternalSnapshotChange(String device, BlockNode image, String name) {
        this.device = device;
        this.image = image;
        this.name = name;
    }

    private DiskSnapshots snapshots() {
        return image.image().snapshots().orElseThrow(() -> new NodeException("Block format '"
                + image.image().format().text() + "' used by device '" + device
                + "' does not support internal snapshots"));
    }

    private Optional<InternalSnapshot> find() throws IOException {
        return snapshots().list().stream().filter(each -> each.name().equals(name)).findFirst();
    }

    @Override
    public void prepare() throws IOException {
        image.requireFree();
        if (!image.isWritable()) {
            throw new NodeException("Device '" + device + "' is read only");
        }
        if (name.isEmpty()) {
            throw new NodeException("Name is empty");
        }
        if (find().isPresent()) {
            throw new NodeException("Snapshot with name '" + name + "' already exists on device '" + device + "'");
        }
        snapshots().create(NewSnapshot.ofDisk(name, Instant.now()), Optional.empty());
    }

    @Override
    public void commit() {
        // It is there.
    }

    @Override
    public void abort() {
        try {
            Optional<InternalSnapshot> made = find();
            if (made.isPresent()) {
                snapshots().delete(made.get());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "snapshot " + name + " is left in " + image.fileName() + ": "
                    + e.getMessage());
        }
    }
}

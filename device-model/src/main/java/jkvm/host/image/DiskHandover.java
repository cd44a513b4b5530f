package jkvm.host.image;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockFile.Access;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;

/**
 * Passes the disks of a machine that can be written to another machine, and takes them from it. While another machine
 * has them this one holds no lock on them, writes nothing, and keeps what it had read of them for nothing: it opens
 * them anew. Any thread may call.
 */
public final class DiskHandover {
    private final BlockGraph graph;
    /** Guarded by the graph. */
    private boolean areAway;

    DiskHandover(BlockGraph graph) {
        this.graph = graph;
    }

    /** Disks that are opened from now on are looked at and left to another machine, until {@link #takeBack()}. */
    public void leaveAway() {
        synchronized (graph) {
            areAway = true;
        }
    }

    /** Whether another machine has the disks. */
    boolean areAway() {
        return areAway;
    }

    /**
     * Saves all disks and lets another machine have them.
     *
     * @throws IOException   if one could not be saved: all are here then
     * @throws NodeException if a job uses one: all are here then
     */
    public void giveUp() throws IOException {
        graph.held(() -> {
            try {
                areAway = true;
                for (BlockNode node : graph.nodes()) {
                    if (node.layer() != null && node.isWritable() && node.left() == null) {
                        node.requireFree();
                        giveUp(node);
                    }
                }
            } catch (IOException | RuntimeException e) {
                takeBack();
                throw e;
            }
            return null;
        });
    }

    private void giveUp(BlockNode node) throws IOException {
        DiskImage image = node.image();
        image.flush();
        node.leaves(node.layer());
        image.close();
        node.bytes().access(Access.NONE, true);
        graph.show(node, node.layer(), new LeftDisk(image));
    }

    /**
     * Takes all disks for this machine. Where it has them it does nothing.
     *
     * @throws DiskException if another machine has one: all are left to it then
     */
    public void takeBack() {
        List<BlockNode> taken = new ArrayList<>();
        try {
            graph.held(() -> {
                for (BlockNode node : graph.nodes()) {
                    if (node.left() != null) {
                        take(node);
                        taken.add(node);
                    }
                }
                areAway = false;
                return null;
            });
        } catch (IOException e) {
            taken.forEach(this::giveUpQuietly);
            throw DiskException.of("of this machine", null, e);
        }
    }

    private void take(BlockNode node) throws IOException {
        ImageLayer layer = node.left();
        BlockFile bytes = node.bytes();
        bytes.access(Access.WRITE, layer.options().locked());
        try {
            for (BlockNode below = node.backing(); below != null; below = below.backing()) {
                below.bytes().access(Access.READ, layer.options().locked());
            }
            DiskImage image = graph.openAnew(layer, bytes, node.link());
            if (image.capacity() != node.image().capacity()) {
                Opener.closeQuietly(image);
                throw new ImageException(DiskException.Kind.UNUSABLE, node.fileName() + " has another size now");
            }
            Opener.closeQuietly(node.image());
            graph.show(node, layer, image);
            node.leaves(null);
        } catch (IOException e) {
            bytes.access(Access.NONE, true);
            throw new ImageException(e instanceof ImageException known ? known.kind() : DiskException.Kind.UNUSABLE,
                    node.fileName() + ": " + e.getMessage());
        }
    }

    private void giveUpQuietly(BlockNode node) {
        try {
            graph.held(() -> {
                giveUp(node);
                return null;
            });
        } catch (IOException _) {
            // Nothing was written since it was taken.
        }
    }
}

package jkvm.control.block;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.Preallocation;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskRoot;

/** The image that a job writes, with all nodes that it keeps others away from. */
final class CopyTarget {
    private static final System.Logger LOG = System.getLogger("jkvm.control");

    private final BlockGraph graph;
    private final BlockNode node;
    private final DiskRoot disk;
    private final boolean wasWritable;
    private final List<BlockNode> blocked = new ArrayList<>();

    private CopyTarget(BlockGraph graph, BlockNode node, boolean wasWritable) {
        this.graph = graph;
        this.node = node;
        this.wasWritable = wasWritable;
        disk = graph.attach(node, "");
    }

    /**
     * Makes an image writable for a job.
     *
     * @param from the image that is copied; all below it down to {@code node} are kept from others too
     * @param job  its type, for refusals of others
     * @throws IOException if it cannot be written
     */
    static CopyTarget open(BlockGraph graph, BlockNode from, BlockNode node, String job) throws IOException {
        List<BlockNode> chain = new ArrayList<>();
        for (BlockNode each = from; each != null && each != node; each = each.backing()) {
            chain.add(each);
        }
        chain.add(node);
        return graph.held(() -> {
            chain.forEach(BlockNode::requireFree);
            boolean wasWritable = node.isWritable();
            graph.reopen(node, true);
            CopyTarget target = new CopyTarget(graph, node, wasWritable);
            chain.forEach(each -> each.block("block device is in use by block job: " + job));
            target.blocked.addAll(chain);
            return target;
        });
    }

    BlockNode node() {
        return node;
    }

    DiskRoot disk() {
        return disk;
    }

    /** Makes it as large as what is copied, if it is smaller. */
    void growTo(long size) throws IOException {
        if (disk.capacity() < size) {
            graph.held(() -> {
                graph.edit(node, editor -> editor.resize(size, Preallocation.OFF));
                return null;
            });
        }
    }

    /** Lets others come again, and makes it read-only if it was and is below an image still. */
    void close() {
        blocked.forEach(each -> each.block(null));
        detach(graph, disk);
        try {
            graph.held(() -> {
                if (!wasWritable && graph.rootsOf(node).isEmpty()) {
                    graph.reopen(node, false);
                }
                return null;
            });
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, node.fileName() + " stays writable: " + e.getMessage());
        }
    }

    static void detach(BlockGraph graph, DiskRoot disk) {
        try {
            graph.detach(disk);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, disk.name() + ": not everything was saved: " + e.getMessage());
        }
    }
}

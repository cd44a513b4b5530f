package jkvm.control.block;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import jkvm.control.job.JobSpec;
import jkvm.control.job.JobTask;
import jkvm.control.job.JobType;
import jkvm.control.job.Jobs;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.Preallocation;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskRoot;
import jkvm.host.image.NodeException;
import jkvm.machine.Machine;
import jkvm.machine.MachineDisks;

/**
 * Changes the images of a machine's disks while it runs. Any thread may call but the machine's, a vCPU's and a worker's
 * of the machine. Refusals are {@link NodeException}s with QEMU's texts; failures of the host are {@link
 * IOException}s and {@link jkvm.host.HostException}s.
 */
public final class BlockJobs {
    private final Jobs jobs;
    private final MachineDisks disks;

    public BlockJobs(Machine machine, Jobs jobs) {
        this.jobs = jobs;
        disks = machine.devices().disks();
    }

    /** The images of the machine's disks. */
    public BlockGraph graph() {
        return disks.graph();
    }

    /** The node of a name. */
    public BlockNode node(String name) {
        return disks.node(name).orElseThrow(() -> NodeException.absent("", name));
    }

    /** The node of a name, or the one at the top of a drive's disk; empty if there is neither. */
    public Optional<BlockNode> find(String device) {
        return disks.disk(device).map(DiskRoot::node).or(() -> disks.node(device));
    }

    /** The name of the drive whose disk has the node at its top; empty if there is none. */
    private String driveOf(BlockNode node) {
        return graph().rootsOf(node).stream().map(DiskRoot::user).filter(user -> !user.isEmpty()).findFirst()
                .orElse("");
    }

    private void start(JobSpec spec, Callable<JobTask> maker) throws IOException {
        jobs.check(spec.id());
        JobTask task;
        try {
            task = maker.call();
        } catch (RuntimeException | IOException e) {
            throw e;
        } catch (Exception e) {
            throw new IOException(e);
        }
        try {
            jobs.start(spec, task);
        } catch (RuntimeException e) {
            task.abort();
            throw e;
        }
    }

    /**
     * Starts to copy images down to one below them.
     *
     * @param active      the topmost image
     * @param topName     by node; empty for the active one
     * @param baseName    by node; empty for the lowest
     * @param backingFile the name of the base as an image above is to store it
     */
    public void commit(JobRequest request, BlockNode active, Optional<BlockNode> topName, Optional<BlockNode> baseName,
            Optional<String> backingFile) throws IOException {
        BlockNode top = topName.orElse(active);
        requireBelow(active, top);
        BlockNode base = baseName.orElseGet(() -> lowest(top));
        if (top == base) {
            throw new NodeException("cannot commit an image into itself");
        }
        requireBelow(top, base);
        boolean isActive = top == active;
        if (isActive && backingFile.isPresent()) {
            throw new NodeException("'backing-file' specified, but 'top' is the active layer");
        }
        int depth = ChainCut.depth(top, base).orElseThrow();
        start(request.spec(JobType.COMMIT, driveOf(active)), () -> isActive
                ? new MirrorTask(graph(), top, base, depth, request.policy(), JobType.COMMIT.text())
                : new CommitTask(graph(), top, base, backingFile, request.policy()));
    }

    private static BlockNode lowest(BlockNode top) {
        BlockNode node = top;
        while (node.backing() != null) {
            node = node.backing();
        }
        return node;
    }

    private static void requireBelow(BlockNode top, BlockNode node) {
        if (ChainCut.depth(top, node).isEmpty()) {
            throw new NodeException("'" + node.name() + "' is not in this backing file chain");
        }
    }

    /**
     * Starts to copy into an image what those below it show.
     *
     * @param base the one that stays below it; empty for none
     */
    public void stream(JobRequest request, BlockNode overlay, Optional<BlockNode> base, Optional<String> backingFile)
            throws IOException {
        base.ifPresent(each -> requireBelow(overlay, each));
        start(request.spec(JobType.STREAM, driveOf(overlay)), () -> new StreamTask(graph(), overlay,
                base.orElse(null), backingFile, request.policy()));
    }

    /** The images of a chain that a copy gets. */
    public enum Extent {
        /** All. */
        FULL,
        /** The topmost. */
        TOP,
        /** None: what is written from now on. */
        NONE
    }

    /** Starts to copy a disk to another image, to which it is switched in the end. */
    public void mirror(JobRequest request, BlockNode source, BlockNode copy, Extent extent) throws IOException {
        if (source == copy) {
            throw new NodeException("Can't mirror node into itself");
        }
        if (!graph().rootsOf(copy).isEmpty()) {
            throw new NodeException("Node '" + copy.name() + "' is in use");
        }
        int depth = switch (extent) {
            case FULL -> Integer.MAX_VALUE;
            case TOP -> 1;
            case NONE -> 0;
        };
        start(request.spec(JobType.MIRROR, driveOf(source)), () ->
                new MirrorTask(graph(), source, copy, depth, request.policy(), JobType.MIRROR.text()));
    }

    /** Starts to do something that is done at once. */
    public void create(String id, JobTask task) throws IOException {
        start(JobSpec.of(id, JobType.CREATE), () -> task);
    }

    /** Changes the size of a disk. */
    public void resize(BlockNode node, long size) throws IOException {
        node.requireFree();
        if (!node.isWritable()) {
            throw new NodeException("Block node is read-only");
        }
        graph().held(() -> {
            graph().edit(node, editor -> editor.resize(size, Preallocation.OFF));
            return null;
        });
    }

    /** Makes an image of a disk's chain name another backing file; the chain that is in use stays. */
    public void changeBackingFile(BlockNode active, BlockNode image, String name) throws IOException {
        requireBelow(active, image);
        image.requireFree();
        if (image.backing() == null) {
            throw new NodeException("not allowing backing file change on an image without a backing file");
        }
        Optional<String> format = Optional.of(image.backing().image().format()).map(ImageFormat::text);
        graph().held(() -> {
            graph().edit(image, editor -> editor.setBacking(Optional.of(name), format));
            return null;
        });
    }
}

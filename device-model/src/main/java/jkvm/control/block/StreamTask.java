package jkvm.control.block;

import java.io.IOException;
import java.util.Optional;
import jkvm.control.job.JobControl;
import jkvm.control.job.JobTask;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskRoot;

/** Copies what the images below an overlay show into the overlay, and takes them out of the chain. */
final class StreamTask implements JobTask {
    private final BlockGraph graph;
    private final CopyTarget target;
    private final BlockNode base;
    private final int depth;
    private final Optional<String> backingFile;
    private final ErrorPolicy policy;

    /**
     * Keeps others away from the images from now on.
     *
     * @param base null to leave nothing below the overlay
     * @throws IOException if the overlay cannot be written
     */
    StreamTask(BlockGraph graph, BlockNode overlay, BlockNode base, Optional<String> backingFile, ErrorPolicy policy)
            throws IOException {
        this.graph = graph;
        this.base = base;
        this.backingFile = backingFile;
        this.policy = policy;
        depth = base == null ? Integer.MAX_VALUE : ChainCut.depth(overlay, base).orElseThrow();
        target = CopyTarget.open(graph, overlay, overlay, "stream");
    }

    @Override
    public void run(JobControl control) throws Exception {
        DiskRoot disk = target.disk();
        long size = disk.capacity();
        control.setTotal(size);
        try (DiskCopier copier = new DiskCopier(policy)) {
            for (long at = 0; at < size; ) {
                control.pausePoint();
                BlockStatus status = disk.statusInChain(at, size - at);
                long length = status.length();
                if (isBetween(status)) {
                    length = Math.min(DiskCopier.CHUNK, length);
                    copy(control, copier, at, length);
                    control.advance(length);
                } else {
                    control.skip(length);
                }
                at += length;
            }
        }
        disk.flush();
    }

    private boolean isBetween(BlockStatus status) {
        return status.depth() > 0 && status.depth() < depth && (status.allocated() || status.zero());
    }

    private void copy(JobControl control, DiskCopier copier, long offset, long length) throws Exception {
        boolean isDone = false;
        while (!isDone) {
            try {
                copyUnlessWritten(copier, offset, length);
                isDone = true;
            } catch (IOException e) {
                isDone = !policy.isTriedAgain(control, true, e);
            }
        }
    }

    /** The disk's user waits meanwhile, so that nothing newer is overwritten. */
    private void copyUnlessWritten(DiskCopier copier, long offset, long size) throws IOException {
        graph.held(() -> {
            DiskImage image = target.node().image();
            for (long at = offset; at < offset + size; ) {
                BlockStatus status = BlockStatus.inChain(image, at, offset + size - at);
                if (isBetween(status)) {
                    copier.copyOnce(image, image, at, status.length(), status.zero());
                }
                at += status.length();
            }
            return null;
        });
    }

    @Override
    public void prepare() throws Exception {
        graph.held(() -> {
            ChainCut.join(graph, target.node(), base, backingFile);
            return null;
        });
    }

    @Override
    public void commit() {
        target.close();
    }

    @Override
    public void abort() {
        target.close();
    }
}

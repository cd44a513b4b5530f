package jkvm.control.block;

import java.io.IOException;
import java.util.Optional;
import jkvm.control.job.JobControl;
import jkvm.control.job.JobTask;
import jkvm.host.disk.BlockStatus;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskRoot;

/**
 * Copies the images from one in the middle of a chain down to another into that one, and takes them out of the chain.
 * What is copied lies below what hides it, so that the disk shows the same all the time.
 */
final class CommitTask implements JobTask {
    private final BlockGraph graph;
    private final BlockNode top;
    private final CopyTarget target;
    private final int depth;
    private final Optional<String> backingFile;
    private final ErrorPolicy policy;
    private final DiskRoot from;

    /**
     * Keeps others away from the images from now on.
     *
     * @param base        below {@code top}
     * @param backingFile the name of the base as images above are to store it
     * @throws IOException if the base cannot be written
     */
    CommitTask(BlockGraph graph, BlockNode top, BlockNode base, Optional<String> backingFile, ErrorPolicy policy)
            throws IOException {
        this.graph = graph;
        this.top = top;
        this.backingFile = backingFile;
        this.policy = policy;
        depth = ChainCut.depth(top, base).orElseThrow();
        target = CopyTarget.open(graph, top, base, "commit");
        from = graph.attach(top, "");
    }

    @Override
    public void run(JobControl control) throws Exception {
        target.growTo(from.capacity());
        long size = from.capacity();
        control.setTotal(size);
        try (DiskCopier copier = new DiskCopier(policy)) {
            for (long at = 0; at < size; ) {
                control.pausePoint();
                BlockStatus status = from.statusInChain(at, size - at);
                boolean isAbove = status.depth() < depth && (status.zero() || status.allocated());
                long length = isAbove ? Math.min(DiskCopier.CHUNK, status.length()) : status.length();
                if (isAbove) {
                    copier.copy(control, from, target.disk(), at, length, status.zero());
                    control.advance(length);
                } else {
                    control.skip(length);
                }
                at += length;
            }
        }
    }

    @Override
    public void prepare() throws Exception {
        try {
            target.disk().flush();
        } catch (IOException e) {
            throw new IOException(ErrorPolicy.text(e), e);
        }
        graph.held(() -> {
            for (BlockNode overlay : graph.overlaysOf(top)) {
                ChainCut.join(graph, overlay, target.node(), backingFile);
            }
            return null;
        });
    }

    @Override
    public void commit() {
        end();
    }

    @Override
    public void abort() {
        end();
    }

    private void end() {
        target.close();
        CopyTarget.detach(graph, from);
    }
}

package jkvm.control.block;

import java.io.IOException;
import java.util.List;
import jkvm.control.job.JobCancelledException;
import jkvm.control.job.JobControl;
import jkvm.control.job.JobControl.Wish;
import jkvm.control.job.JobTask;
import jkvm.host.disk.BlockStatus;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskRoot;

/**
 * Copies a disk to another image and follows what its user writes meanwhile; in the end the disk is switched to the
 * copy. A commit of the topmost image is the same, with an image below as the copy.
 */
final class MirrorTask implements JobTask {
    private static final long ROUND_MILLIS = 100;
    /** The most that is left for the moment in which the disk's user waits. */
    private static final long LAST_BYTES = 4L << 20;

    private final BlockGraph graph;
    private final BlockNode top;
    private final CopyTarget target;
    private final int depth;
    private final ErrorPolicy policy;
    private final DiskRoot from;
    private final List<DiskRoot> watched;
    private final DirtyMap dirty;
    /** Made on the job's thread. */
    private DiskCopier copier;
    private Wish wish = Wish.GO_ON;
    private boolean isSwitched;

    /**
     * Follows what is written from now on.
     *
     * @param depth how many images of the chain, from the top on, are copied
     * @param job   its type
     * @throws IOException if the target cannot be written
     */
    MirrorTask(BlockGraph graph, BlockNode top, BlockNode to, int depth, ErrorPolicy policy, String job)
            throws IOException {
        this.graph = graph;
        this.top = top;
        this.depth = depth;
        this.policy = policy;
        target = CopyTarget.open(graph, top, to, job);
        from = graph.attach(top, "");
        dirty = new DirtyMap(from.capacity());
        watched = graph.rootsOf(top).stream().filter(root -> root != from).toList();
        watched.forEach(root -> graph.watch(root, dirty));
    }

    @Override
    public void run(JobControl control) throws Exception {
        target.growTo(from.capacity());
        copier = new DiskCopier(policy);
        copyAll(control);
        boolean isReady = false;
        while (wish == Wish.GO_ON) {
            copyDirty(control);
            if (dirty.count() > LAST_BYTES) {
                continue;
            }
            flush();
            if (!isReady) {
                control.ready();
                isReady = true;
            }
            wish = control.await(ROUND_MILLIS);
        }
    }

    /** What there was before the job. Counts on what the user writes meanwhile being copied later. */
    private void copyAll(JobControl control) throws IOException, JobCancelledException {
        long size = from.capacity();
        long copied = 0;
        for (long at = 0; depth > 0 && at < size; ) {
            control.pausePoint();
            BlockStatus status = from.statusInChain(at, size - at);
            boolean isCopied = status.depth() < depth && (status.zero() || status.allocated());
            long length = isCopied ? Math.min(DiskCopier.CHUNK, status.length()) : status.length();
            if (isCopied) {
                copier.copy(control, from, target.disk(), at, length, status.zero());
                copied += length;
                control.setTotal(copied + dirty.count());
                control.advance(length);
            }
            at += length;
        }
    }

    private void copyDirty(JobControl control) throws IOException, JobCancelledException {
        for (long at = dirty.take(0); at >= 0; at = dirty.take(at)) {
            control.pausePoint();
            long length = dirty.length(at);
            for (long part = at; part < at + length; part += DiskCopier.CHUNK) {
                copier.copy(control, from, target.disk(), part, Math.min(DiskCopier.CHUNK, at + length - part), false);
            }
            control.advance(length);
        }
    }

    private void flush() throws IOException {
        try {
            target.node().image().flush();
        } catch (IOException e) {
            throw new IOException(ErrorPolicy.text(e), e);
        }
    }

    /** While the disk's user waits: copies what is left, and switches. */
    @Override
    public void prepare() throws Exception {
        graph.held(() -> {
            for (long at = dirty.take(0); at >= 0; at = dirty.take(at)) {
                long length = dirty.length(at);
                for (long part = at; part < at + length; part += DiskCopier.CHUNK) {
                    copier.copyOnce(top.image(), target.node().image(), part,
                            Math.min(DiskCopier.CHUNK, at + length - part), false);
                }
            }
            flush();
            if (wish == Wish.COMPLETE) {
                graph.detach(from);
                isSwitched = true;
                graph.replace(top, target.node());
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
        watched.forEach(root -> graph.watch(root, null));
        if (!isSwitched) {
            CopyTarget.detach(graph, from);
        }
        target.close();
        if (copier != null) {
            copier.close();
        }
    }
}

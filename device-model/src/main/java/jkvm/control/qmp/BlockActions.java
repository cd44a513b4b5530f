package jkvm.control.qmp;

import java.io.IOException;
import java.io.UncheckedIOException;
import jkvm.control.block.BlockJobs;
import jkvm.control.job.JobException;
import jkvm.host.HostException;
import jkvm.host.image.BlockNode;
import jkvm.host.image.NodeException;

/** Runs changes of disks for clients, and words their refusals. */
final class BlockActions {
    private BlockActions() {
    }

    /** A change, or a look at the disks. */
    @FunctionalInterface
    interface Action<T> {
        T run() throws IOException, QmpException;
    }

    static <T> T run(Action<T> action) throws QmpException {
        try {
            return action.run();
        } catch (NodeException | JobException | HostException | UncheckedIOException | IOException e) {
            throw new QmpException(e.getMessage());
        } catch (UnsupportedOperationException e) {
            throw new QmpException("the image's format cannot do that");
        }
    }

    /** The image at the top of a drive's disk, or the node of that name. */
    static BlockNode device(BlockJobs disks, String name) throws QmpException {
        return disks.find(name).orElseThrow(() -> QmpException.deviceNotFound(name));
    }
}

package jkvm.control.block;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.image.BlockGraph;

/** One of several changes of which all happen or none. Requests to the disks are held back all the time. */
public interface GraphChange {
    /**
     * Does all that may fail.
     *
     * @throws IOException if that is not possible; nothing of it is left
     */
    void prepare() throws IOException;

    /** Makes the prepared change valid. */
    void commit();

    /** Takes the prepared change back. */
    void abort();

    /**
     * Makes all changes or none.
     *
     * @throws IOException if one is not possible
     */
    static void all(BlockGraph graph, List<GraphChange> changes) throws IOException {
        graph.held(() -> {
            List<GraphChange> prepared = new ArrayList<>();
            try {
                for (GraphChange change : changes) {
                    change.prepare();
                    prepared.add(change);
                }
            } catch (IOException | RuntimeException e) {
                prepared.reversed().forEach(GraphChange::abort);
                throw e;
            }
            prepared.forEach(GraphChange::commit);
            return null;
        });
    }
}

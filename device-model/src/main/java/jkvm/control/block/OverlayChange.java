package jkvm.control.block;

import java.io.IOException;
import java.util.List;
import jkvm.host.disk.DiskImage;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.NodeException;

/** Puts an overlay over an image: those who had the image have the overlay from then on. */
public final class OverlayChange implements GraphChange {
    private static final System.Logger LOG = System.getLogger("jkvm.control");

    private final BlockGraph graph;
    private final BlockNode image;
    private final BlockNode overlay;

    /** @param overlay without anything below it, and without a user */
    public OverlayChange(BlockGraph graph, BlockNode image, BlockNode overlay) {
        this.graph = graph;
        this.image = image;
        this.overlay = overlay;
    }

    @Override
    public void prepare() throws IOException {
        image.requireFree();
        overlay.requireFree();
        List<BlockNode> overlays = graph.overlaysOf(image);
        if (!overlays.isEmpty()) {
            throw new NodeException("Node '" + image.name() + "' is busy: node is used as backing hd of '"
                    + overlays.getFirst().name() + "'");
        }
        if (overlay.isFile() || !graph.rootsOf(overlay).isEmpty() || !graph.overlaysOf(overlay).isEmpty()) {
            throw new NodeException("The overlay is already in use");
        }
        if (overlay.backing() != null) {
            throw new NodeException("The overlay already has a backing image");
        }
        DiskImage top = overlay.image();
        if (!DiskImages.hasBacking(top.format())) {
            throw new NodeException("The overlay does not support backing images");
        }
        if (image.image() == null || image.isWritable() && !overlay.isWritable()) {
            throw new NodeException("Block node is read-only");
        }
        if (image.isWritable()) {
            image.image().flush();
        }
        graph.setBacking(overlay, image);
    }

    @Override
    public void commit() {
        try {
            graph.replace(image, overlay);
            graph.reopen(image, false);
        } catch (IOException e) {
            // The overlay has its place; only the image below stays open for writing.
            LOG.log(System.Logger.Level.WARNING, image.fileName() + " stays writable: " + e.getMessage());
        }
    }

    @Override
    public void abort() {
        try {
            graph.setBacking(overlay, null);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, overlay.fileName() + ": " + e.getMessage());
        }
    }
}

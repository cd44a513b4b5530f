package jkvm.control.block;

import java.io.IOException;
import java.util.Optional;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;

/** Takes images out of the middle of a chain. */
final class ChainCut {
    private ChainCut() {
    }

    /** The images above one in a chain, down from its top; empty if it is not in the chain. */
    static Optional<Integer> depth(BlockNode top, BlockNode below) {
        int depth = 0;
        for (BlockNode node = top; node != null; node = node.backing()) {
            if (node == below) {
                return Optional.of(depth);
            }
            depth++;
        }
        return Optional.empty();
    }

    /**
     * Lets an image have another one below it, in its header first. Requests are held back.
     *
     * @param base null for none
     * @param name as it is to be stored; empty for the base's own
     */
    static void join(BlockGraph graph, BlockNode overlay, BlockNode base, Optional<String> name) throws IOException {
        Optional<String> stored = base == null ? Optional.empty() : name.or(() -> Optional.of(base.fileName()));
        Optional<String> format = Optional.ofNullable(base).map(BlockNode::image).map(image -> image.format())
                .map(ImageFormat::text);
        DiskImages.Edit edit = editor -> editor.setBacking(stored, format);
        graph.edit(overlay, edit);
        graph.setBacking(overlay, base);
    }
}

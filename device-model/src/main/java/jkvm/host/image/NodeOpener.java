package jkvm.host.image;

import java.io.IOException;
import java.util.function.Function;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.BlockFile.Access;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageOptions;

/** Opens the nodes of a graph: files, and images with all below them. With the graph's lock held. */
final class NodeOpener {
    private final BlockGraph graph;
    private final DiskImages images;
    private final Opener opener;
    private int unnamed;

    NodeOpener(BlockGraph graph, DiskImages images) {
        this.graph = graph;
        this.images = images;
        opener = images.opener();
    }

    /** As {@link BlockGraph#open}. */
    BlockNode open(DriveSpec spec, boolean isNamed, Function<String, BlockNode> named) {
        try {
            if (spec.parts().isFile()) {
                return openFile(spec, isNamed);
            }
            if (spec.options().temporary()) {
                BlockNode node = new BlockNode(name(spec, isNamed), isNamed, spec, null, null);
                node.shows(null, images.open(spec.image(), spec.options()), true);
                return graph.added(node);
            }
            return openImage(spec, isNamed, ImageChain.from(spec.image()), named);
        } catch (IOException e) {
            throw DiskException.of(spec.image().text(), null, e);
        }
    }

    private String name(DriveSpec spec, boolean isNamed) {
        return isNamed ? spec.id() : "#block%03d".formatted(unnamed++);
    }

    private BlockNode openFile(DriveSpec spec, boolean isNamed) throws IOException {
        ImageOptions options = NodeOptions.apply(spec.image().properties(), spec.options());
        BlockFile bytes;
        try {
            bytes = opener.openUnused(spec.image().file(), options);
        } catch (ImageException e) {
            if (e.kind() != Kind.NOT_WRITABLE || options.readOnly() || !isNamed) {
                throw e;
            }
            bytes = opener.openUnused(spec.image().file(), options.withReadOnly(true));
        }
        return graph.added(new BlockNode(name(spec, isNamed), isNamed, spec, null, bytes));
    }

    private BlockNode openImage(DriveSpec spec, boolean isNamed, ImageChain chain, Function<String, BlockNode> named)
            throws IOException {
        ImageDescription image = spec.image();
        String name = name(spec, isNamed);
        ImageChain whole;
        BlockNode file;
        try {
            whole = chain.with(image);
            file = spec.parts().file().isPresent() ? usedFile(named.apply(spec.parts().file().get()))
                    : openFile(new DriveSpec("", image, spec.options(), NodeParts.FILE), false);
        } catch (IOException e) {
            throw chain.failure(image, e);
        }
        BlockNode node = new BlockNode(name, isNamed, spec, file, null);
        try {
            ImageOptions options = NodeOptions.apply(image.properties(), spec.options());
            boolean isLeft = graph.handover().areAway() && !options.readOnly();
            ImageLayer wanted = opener.layer(image, spec.options(),
                    accessed(file, isLeft ? options.withReadOnly(true).withLocked(false) : options));
            ImageLayer layer = isLeft ? wanted.withReadOnly(true).withoutLocks() : wanted;
            DiskImage opened = opener.open(layer, new SharedFile(file.bytes()), whole, (below, how, downTo) ->
                    link(node, spec.parts().backing().isPresent() ? used(named.apply(spec.parts().backing().get()))
                            : openImage(new DriveSpec("", below, how), false, downTo, named)));
            node.shows(layer, isLeft ? new LeftDisk(opened) : opened, !wanted.options().readOnly());
            node.leaves(isLeft ? wanted : null);
            return graph.added(node);
        } catch (IOException | RuntimeException e) {
            graph.releaseQuietly(node.backing());
            graph.leaveFile(file);
            throw e instanceof IOException failure ? chain.failure(image, failure) : (RuntimeException) e;
        }
    }

    static BlockFile accessed(BlockNode file, ImageOptions options) throws IOException {
        file.bytes().access(options.readOnly() ? Access.READ : Access.WRITE, options.locked());
        return file.bytes();
    }

    private static BlockNode usedFile(BlockNode file) {
        if (!file.isFile() || file.users() > 1) {
            throw new NodeException("Node '" + file.name() + "' is in use");
        }
        return used(file);
    }

    private static BlockNode used(BlockNode node) {
        node.use();
        return node;
    }

    private static BackingLink link(BlockNode node, BlockNode backing) {
        BackingLink link = new BackingLink(backing.image());
        node.isOver(backing);
        node.linkBy(link);
        return link;
    }
}

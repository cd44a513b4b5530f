package jkvm.control.block;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.BackingChoice;
import jkvm.host.image.BlockGraph;
import jkvm.host.image.BlockNode;
import jkvm.host.image.DiskImages;
import jkvm.host.image.DriveSpec;
import jkvm.host.image.NodeException;

/** Makes an overlay over an image, and puts it there. */
public final class NewOverlayChange implements GraphChange {
    private static final System.Logger LOG = System.getLogger("jkvm.control");

    private final BlockGraph graph;
    private final BlockNode image;
    private final Overlay wanted;
    private BlockNode overlay;
    private OverlayChange change;
    private Optional<Path> made = Optional.empty();

    /**
     * The overlay as the user asks for it.
     *
     * @param file    its name
     * @param node    the name of its node; empty for one that is made up
     * @param isThere true if the file is an image already
     */
    public record Overlay(String file, Optional<String> node, ImageFormat format, boolean isThere) {
    }

    public NewOverlayChange(BlockGraph graph, BlockNode image, Overlay wanted) {
        this.graph = graph;
        this.image = image;
        this.wanted = wanted;
    }

    @Override
    public void prepare() throws IOException {
        image.requireFree();
        if (wanted.node().flatMap(graph::find).isPresent()) {
            throw new NodeException("New overlay node-name already in use");
        }
        if (!DiskImages.hasBacking(wanted.format())) {
            throw new NodeException("The overlay does not support backing images");
        }
        try {
            if (!wanted.isThere()) {
                make();
            }
            ImageOptions options = ImageOptions.WRITABLE.withFormat(wanted.format())
                    .withCache(image.spec().options().cache()).withUnmap(image.spec().options().unmap());
            DriveSpec spec = new DriveSpec(wanted.node().orElse(""), DiskImages.parse(wanted.file())
                    .with(Map.of(BackingChoice.NAME, BackingChoice.NONE)), options);
            overlay = graph.open(spec, wanted.node().isPresent(), name -> {
                throw NodeException.absent("", name);
            });
            change = new OverlayChange(graph, image, overlay);
            change.prepare();
        } catch (IOException | RuntimeException e) {
            release();
            remove();
            throw e;
        }
    }

    private void make() {
        Path path = Path.of(wanted.file());
        boolean isNew = !Files.exists(path);
        CreateValues values = CreateValues.ofSize(image.image().capacity())
                .withBacking(image.fileName(), image.image().format());
        graph.images().create(wanted.file(), wanted.format(), values);
        made = isNew ? Optional.of(path) : Optional.empty();
    }

    private void release() {
        if (overlay != null) {
            try {
                graph.release(overlay);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, wanted.file() + ": " + e.getMessage());
            }
        }
    }

    private void remove() {
        try {
            if (made.isPresent()) {
                Files.deleteIfExists(made.get());
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, wanted.file() + " is left: " + e.getMessage());
        }
    }

    @Override
    public void commit() {
        change.commit();
        // The disk has it now.
        release();
    }

    @Override
    public void abort() {
        change.abort();
        release();
        remove();
    }
}

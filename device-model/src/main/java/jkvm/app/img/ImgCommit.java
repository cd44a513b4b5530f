package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Preallocation;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;
import jkvm.linux.Fd;

/** {@code jkvm img commit}: writes what an image has into its backing file, and empties the image. */
final class ImgCommit {
    private static final int CHUNK = 2 << 20;
    private static final float PROGRESS_STEP = 1;

    private final DiskImages images;
    private final PrintStream out;

    ImgCommit(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    /** An image of the chain, how to open it, and the name by which the one above it knows it. */
    private record Link(ImageDescription image, ImageOptions options, String stored) {
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("commit", words, "f:t:b:dpqr:", ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        CacheMode cache = ImgCommand.cache(arguments, "t", CacheMode.WRITEBACK);
        RateLimit rate = new RateLimit(arguments.size("r", "-r", 0));
        ImageOptions options = ImageOptions.WRITABLE.withFormat(ImgCommand.format(arguments, "f")).withCache(cache)
                .withUnmap(true);
        List<Link> chain = chain(new Link(arguments.image(file), options, file));
        if (chain.size() < 2) {
            throw arguments.error("Image does not have a backing file");
        }
        int depth = arguments.value("b").map(name -> find(chain, name).orElseThrow(() -> arguments.error(
                "Did not find '" + name + "' in the backing chain of '" + file + "'"))).orElse(1);
        ImgProgress progress = ImgProgress.of(arguments, out, PROGRESS_STEP);
        progress.set(0);
        try {
            commit(arguments, chain, depth, rate, progress);
            // The images between would be wrong: they are left as they are, and so is the top.
            if (!arguments.has("d") && !arguments.has("b")) {
                empty(chain.getFirst());
            }
            progress.set(100);
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        } finally {
            progress.end();
        }
        if (!arguments.has("q")) {
            out.println("Image committed.");
        }
        return 0;
    }

    private List<Link> chain(Link top) {
        List<Link> chain = new ArrayList<>(List.of(top));
        // This finds loops too.
        refuseIfInUse(top);
        ImageInfo info = images.info(top.image, top.options);
        while (info.backingPath() != null) {
            ImageOptions options = top.options.withFormat(Optional.ofNullable(info.backingFormat())
                    .flatMap(DiskImages::format));
            Link next = new Link(DiskImages.parse(info.backingPath()), options, info.backingFile());
            chain.add(next);
            info = images.info(next.image, options);
        }
        return chain;
    }

    private void refuseIfInUse(Link top) {
        try {
            images.open(top.image, top.options).close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Optional<Integer> find(List<Link> chain, String name) {
        for (int i = 1; i < chain.size(); i++) {
            if (chain.get(i).stored.equals(name) || isSameFile(chain.get(i).image.file().text(), name)) {
                return Optional.of(i);
            }
        }
        return Optional.empty();
    }

    private static boolean isSameFile(String one, String other) {
        try {
            return Files.isSameFile(Path.of(one), Path.of(other));
        } catch (IOException | RuntimeException _) {
            return false;
        }
    }

    private void commit(ImgArguments arguments, List<Link> chain, int depth, RateLimit rate, ImgProgress progress)
            throws IOException {
        Link top = chain.getFirst();
        Link below = chain.get(depth);
        enlarge(arguments, top, below);
        try (DiskImage source = images.open(top.image, top.options.withReadOnly(true).withLocked(false));
                DiskImage base = images.open(below.image, below.options);
                Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT);
            for (long at = 0; at < source.capacity(); ) {
                BlockStatus status = BlockStatus.inChain(source, at, source.capacity() - at);
                long length = status.length();
                if (status.depth() < depth && status.zero()) {
                    base.writeZeroes(at, length, true);
                } else if (status.depth() < depth && status.allocated()) {
                    length = Math.min(CHUNK, length);
                    rate.await(length);
                    source.read(at, buffer, 0, length);
                    base.write(at, buffer, 0, length);
                }
                at += length;
                progress.set(100f * at / source.capacity());
            }
            base.flush();
        }
    }

    /** Makes the lower image as large as the upper one, if it is smaller. */
    private void enlarge(ImgArguments arguments, Link top, Link below) {
        long size = images.info(top.image, top.options).virtualSize();
        if (size <= images.info(below.image, below.options).virtualSize()) {
            return;
        }
        try {
            images.edit(below.image, below.options, editor -> editor.resize(size, Preallocation.OFF));
        } catch (UnsupportedOperationException e) {
            throw arguments.error("the backing file is smaller than the image, and its format cannot grow: convert "
                    + below.image.text() + " first");
        }
    }

    private void empty(Link top) throws IOException {
        try (DiskImage image = images.open(top.image, top.options)) {
            image.makeEmpty();
            image.flush();
        } catch (UnsupportedOperationException _) {
            // The format keeps what it has: it shows the same.
        }
    }
}

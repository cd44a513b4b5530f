package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.BlockStatus;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.Extent;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;
import jkvm.linux.Fd;

/** {@code jkvm img rebase}: gives an image another backing file, and copies what the old one showed and it does not. */
final class ImgRebase {
    private static final int CHUNK = 2 << 20;
    private static final float PROGRESS_STEP = 1;

    private final DiskImages images;
    private final PrintStream out;

    ImgRebase(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("rebase", words, "f:F:b:upt:T:qU", "force-share:U",
                ImgArguments.IMAGE_OPTS);
        ImageDescription image = arguments.image(arguments.files(1, 1, "one image file name").getFirst());
        boolean unsafe = arguments.has("u");
        if (!unsafe && !arguments.has("b")) {
            throw arguments.error("Must specify backing file (-b) or use unsafe mode (-u)");
        }
        Optional<String> name = arguments.value("b").filter(text -> !text.isEmpty());
        Optional<ImageFormat> format = arguments.value("F").map(text -> DiskImages.format(text)
                .orElseThrow(() -> arguments.error("Invalid format name: '" + text + "'")));
        if (name.isPresent() && format.isEmpty()) {
            throw arguments.error("Could not change the backing file to '" + name.get()
                    + "': backing format must be specified (-F)");
        }
        ImageOptions options = ImageOptions.WRITABLE.withFormat(ImgCommand.format(arguments, "f"))
                .withCache(ImgCommand.cache(arguments, "t", CacheMode.WRITEBACK));
        CacheMode sourceCache = ImgCommand.cache(arguments, "T", CacheMode.WRITEBACK);
        ImgProgress progress = new ImgProgress(out, arguments.has("p") && !arguments.has("q") && !unsafe,
                PROGRESS_STEP);
        progress.set(0);
        try {
            if (!unsafe) {
                Optional<ImageDescription> base = name.map(each -> DiskImages.parse(
                        DiskImages.backingPath(image.file().text(), each)));
                copy(image, options, base, ImageOptions.READ_ONLY.withFormat(format).withCache(sourceCache), progress);
            }
            images.edit(image, options, editor -> editor.setBacking(name, format.map(ImageFormat::text)));
            progress.set(100);
            return 0;
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        } finally {
            progress.end();
        }
    }

    private void copy(ImageDescription image, ImageOptions options, Optional<ImageDescription> base,
            ImageOptions baseOptions, ImgProgress progress) throws IOException {
        try (DiskImage top = images.open(image, options);
                DiskImage after = base.isEmpty() ? null : images.open(base.get(), baseOptions);
                Arena arena = Arena.ofConfined()) {
            if (top.backing() == null && !canHaveBacking(top)) {
                throw new DiskException(DiskException.Kind.UNUSABLE, image.text(), null, "Operation not supported",
                        null);
            }
            Copy copy = new Copy(top, top.backing(), after, depth(top.backing(), after),
                    arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT), arena.allocate(CHUNK, Fd.DIRECT_ALIGNMENT));
            long size = top.capacity();
            float step = size == 0 ? 0 : 100f / Bytes.divideUp(size, Math.min(size, CHUNK));
            long counted = 0;
            for (long at = 0; at < size; ) {
                long kept = copy.kept(at);
                if (kept == 0) {
                    // qemu-img counts runs that the image does not have, or chunks of them.
                    counted = at < counted ? counted : at + copy.missing(at);
                    at += copy.step(at, counted - at);
                    if (at >= counted) {
                        progress.add(step);
                    }
                }
                at += kept;
            }
            top.flush();
        }
    }

    /** In which image of a chain another one is, by its file; a large number if it is in none. */
    private static int depth(DiskImage chain, DiskImage wanted) {
        int depth = 0;
        for (DiskImage each = chain; each != null && wanted != null; each = each.backing()) {
            if (Path.of(each.name()).toAbsolutePath().normalize()
                    .equals(Path.of(wanted.name()).toAbsolutePath().normalize())) {
                return depth;
            }
            depth++;
        }
        return Integer.MAX_VALUE;
    }

    private static boolean canHaveBacking(DiskImage image) {
        return image.format() == ImageFormat.QCOW2;
    }

    /**
     * Makes an image keep what it shows.
     *
     * @param before its backing image until now, or null
     * @param after  its next one, or null
     * @param common in which image of the old chain the next one is
     */
    private record Copy(DiskImage top, DiskImage before, DiskImage after, int common, MemorySegment old,
            MemorySegment shown) {
        /** @return how many bytes need no copy, as the image has them itself, or both chains have the same */
        long kept(long at) throws IOException {
            BlockStatus status = top.status(at, top.capacity() - at);
            if (status.allocated() || before == null && after == null) {
                return status.length();
            }
            if (common == Integer.MAX_VALUE || at >= before.capacity() || at >= after.capacity()) {
                return 0;
            }
            long length = Math.min(status.length(), Math.min(before.capacity(), after.capacity()) - at);
            BlockStatus below = BlockStatus.inChain(before, at, length);
            return below.depth() >= common ? below.length() : 0;
        }

        /** @return how many bytes qemu-img would look at together, of those that are not {@link #kept} */
        long missing(long at) throws IOException {
            long limit = Math.min(CHUNK, top.status(at, top.capacity() - at).length());
            return common == Integer.MAX_VALUE || at >= before.capacity() ? limit
                    : BlockStatus.inChain(before, at, Math.min(limit, before.capacity() - at)).length();
        }

        /** @return how many bytes are done, at most {@code most} */
        long step(long at, long most) throws IOException {
            long limit = Math.min(most, missing(at));
            boolean past = before == null || at >= before.capacity();
            Extent was = extent(before, at, limit);
            Extent is = extent(after, at, was.length());
            long length = is.length();
            if (was.zero() && is.zero()) {
                return length;
            }
            read(before, at, old, length, was);
            read(after, at, shown, length, is);
            for (long from = 0; from < length; ) {
                boolean same = isSame(from, length);
                long to = from;
                while (to < length && isSame(to, length) == same) {
                    to += DiskImage.SECTOR_SIZE;
                }
                to = Math.min(to, length);
                if (!same && past) {
                    top.writeZeroes(at + from, to - from, true);
                } else if (!same) {
                    top.write(at + from, old, from, to - from);
                }
                from = to;
            }
            return length;
        }

        private boolean isSame(long from, long length) {
            long size = Math.min(DiskImage.SECTOR_SIZE, length - from);
            return MemorySegment.mismatch(old, from, from + size, shown, from, from + size) < 0;
        }

        private static Extent extent(DiskImage image, long at, long length) throws IOException {
            return image == null || at >= image.capacity() ? new Extent(length, true)
                    : image.extent(at, Math.min(length, image.capacity() - at));
        }

        private static void read(DiskImage image, long at, MemorySegment to, long length, Extent extent)
                throws IOException {
            if (extent.zero()) {
                to.asSlice(0, length).fill((byte) 0);
            } else {
                image.read(at, to, 0, length);
            }
        }
    }
}

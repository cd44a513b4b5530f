package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import jkvm.app.options.OptionValues;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.SnapshotChoice;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** {@code jkvm img convert}: copies disks to an image, without the zeros. */
final class ImgConvert {
    private static final int MAX_SPARSE_SIZE = 16 << 20, MAX_TASKS = 16;
    private static final String TARGET_OPTS = "target-image-opts";
    private static final String BITMAPS = "bitmaps", TARGET_IS_ZERO = "target-is-zero", SALVAGE = "salvage",
            SKIP_BROKEN = "skip-broken-bitmaps";
    private static final float PROGRESS_STEP = 1;

    private final DiskImages images;
    private final PrintStream out;
    private final PrintStream err;

    ImgConvert(DiskImages images, PrintStream out, PrintStream err) {
        this.images = images;
        this.out = out;
        this.err = err;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("convert", words, "npqUcWCf:t:T:O:B:F:o:l:m:S:r:",
                "force-share:U", TARGET_IS_ZERO, SALVAGE, BITMAPS, SKIP_BROKEN, TARGET_OPTS,
                ImgArguments.IMAGE_OPTS);
        ImageFormat format = ImgCommand.format(arguments, "O").orElse(ImageFormat.RAW);
        if (arguments.value("o").filter(text -> text.equals("help") || text.equals("?")).isPresent()) {
            out.print(ImgTarget.help(format, arguments.count() > 0));
            return 0;
        }
        List<String> files = arguments.files(2, Integer.MAX_VALUE, "image files and an output file");
        int sparseSize = sparseSize(arguments);
        check(arguments, files.size() - 1);
        CacheMode cache = ImgCommand.cache(arguments, "t", CacheMode.UNSAFE);
        RateLimit rate = new RateLimit(arguments.size("r", "-r", 0));
        ImgTarget target = arguments.has("n") ? ImgTarget.there(arguments, format)
                : new ImgTarget(arguments, format, "B");
        if (arguments.has("B") && files.size() > 2) {
            throw arguments.error("a backing file for the target makes no sense when several images are put together");
        }
        ImgProgress progress = ImgProgress.of(arguments, out, PROGRESS_STEP);
        progress.set(0);
        List<DiskImage> sources = new ArrayList<>();
        try {
            for (String file : files.subList(0, files.size() - 1)) {
                sources.add(images.open(arguments.image(file), source(arguments)));
            }
            ImgBitmapCopy bitmaps = new ImgBitmapCopy(images, arguments, err, arguments.has(SKIP_BROKEN));
            if (arguments.has(BITMAPS)) {
                bitmaps.check(files.getFirst(), target.format());
            }
            convert(new Job(arguments, sources, target, Path.of(files.getLast()), sparseSize, cache, rate), progress);
            if (arguments.has(BITMAPS)) {
                bitmaps.copy(arguments.has(TARGET_OPTS) ? arguments.properties(files.getLast())
                        : DiskImages.parse(files.getLast()), target.format());
            }
            progress.set(100);
            return 0;
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        } finally {
            sources.forEach(ImgConvert::close);
            progress.end();
        }
    }

    private static void check(ImgArguments arguments, int sources) {
        if (arguments.has("C") && (arguments.has("S") || arguments.has("c"))) {
            throw arguments.error("-C copies stored data as it is: leave " + (arguments.has("S") ? "-S" : "-c")
                    + " out");
        }
        if (arguments.has("n") && arguments.has("o")) {
            throw arguments.error("-o has no effect on an image that is there: leave it or -n out");
        }
        if (arguments.has(TARGET_IS_ZERO) && !arguments.has("n")) {
            throw arguments.error("--target-is-zero is for an image that is there: it needs -n");
        }
        if (arguments.has(TARGET_OPTS) && !arguments.has("n")) {
            throw arguments.error("--target-image-opts is for an image that is there: it needs -n");
        }
        if (arguments.has(TARGET_OPTS) && arguments.has("O")) {
            throw arguments.error("--target-image-opts and -O are mutually exclusive: driver= names the format");
        }
        if (arguments.has(SKIP_BROKEN) && !arguments.has(BITMAPS)) {
            throw arguments.error("Use of --" + SKIP_BROKEN + " requires --" + BITMAPS);
        }
        if (arguments.has(BITMAPS) && sources > 1) {
            throw arguments.error("Copying bitmaps only possible with single source");
        }
        if (arguments.has("l") && sources > 1) {
            throw arguments.error("-l is for one source");
        }
        long tasks = arguments.value("m").map(text -> new OptionValues("-m", text, "").size(text, 'B')).orElse(1L);
        if (tasks < 1 || tasks > MAX_TASKS) {
            throw arguments.error("-m must be between 1 and " + MAX_TASKS);
        }
    }

    private record Job(ImgArguments arguments, List<DiskImage> sources, ImgTarget target, Path path, int sparseSize,
            CacheMode cache, RateLimit rate) {
    }

    private void convert(Job job, ImgProgress progress) throws IOException {
        ImgArguments arguments = job.arguments;
        ImgTarget target = job.target;
        Path path = job.path;
        boolean isThere = arguments.has("n");
        boolean isNew = !isThere && !Files.exists(path);
        try {
            long size = job.sources.stream().mapToLong(DiskImage::capacity).sum();
            long backing = target.hasBackingFile() ? target.backingSize(images, path) : -1;
            if (arguments.has("c") && target.isEncrypted()) {
                throw arguments.error("Compression and encryption not supported at the same time");
            }
            if (!isThere) {
                target.create(images, path, size);
            }
            ImageOptions options = ImageOptions.WRITABLE.withUnmap(job.sparseSize > 0).withCache(job.cache)
                    .withProperties(target.secretIds());
            if (!arguments.has(TARGET_OPTS)) {
                options = options.withFormat(target.format());
            }
            ImageDescription name = arguments.has(TARGET_OPTS) ? arguments.properties(path.toString())
                    : DiskImages.parse(path.toString());
            try (DiskImage copy = images.open(name, options)) {
                if (copy.capacity() < size) {
                    throw arguments.error("the output file is smaller than the image: " + copy.capacity()
                            + " bytes, not " + size);
                }
                boolean compressed = arguments.has("c") || copy.needsCompressedWrites();
                if (compressed && !copy.canCompress()) {
                    throw arguments.error("the format " + copy.format().text() + " holds no compressed data");
                }
                boolean zeroed = arguments.has(TARGET_IS_ZERO) || !isThere && job.sparseSize > 0
                        && !target.hasBackingFile() && isZeroed(path, copy.format());
                // One that is there is taken to show what the source's backing image does, if -B says that it has one.
                boolean overBacking = isThere ? arguments.has("B") : target.hasBackingFile();
                CopySource source = new CopySource(job.sources, overBacking, backing, salvage(arguments));
                new ImgCopy(source, copy, new ImgCopy.Manner(job.sparseSize, compressed, arguments.has("C"), zeroed,
                        job.cache.writesThrough()), job.rate, progress).run();
                copy.flush();
            }
        } catch (IOException | RuntimeException e) {
            delete(path, isNew);
            throw e;
        }
    }

    /** Whether a new image at this place reads as zeros: what a device holds stays there, and LUKS decrypts holes. */
    private static boolean isZeroed(Path path, ImageFormat format) {
        return Files.isRegularFile(path) && format != ImageFormat.LUKS;
    }

    private Consumer<String> salvage(ImgArguments arguments) {
        return !arguments.has(SALVAGE) ? null
                : arguments.has("q") ? _ -> { } : text -> err.println("jkvm: img convert: warning: " + text);
    }

    /** From how many bytes of zeros on none are written; zero if all are. */
    private static int sparseSize(ImgArguments arguments) {
        long size = arguments.size("S", "-S", ImgCopy.DEFAULT_SPARSE_SIZE);
        if (size % DiskImage.SECTOR_SIZE != 0 || size > MAX_SPARSE_SIZE) {
            throw arguments.error("-S must be a multiple of 512 up to " + MAX_SPARSE_SIZE
                    + "; 0 writes zeros too, so that the output is allocated as a whole");
        }
        return (int) size;
    }

    private static void close(DiskImage image) {
        try {
            image.close();
        } catch (IOException _) {
            // It was only read.
        }
    }

    private static void delete(Path path, boolean isNew) {
        try {
            if (isNew) {
                Files.deleteIfExists(path);
            }
        } catch (IOException _) {
            // The error before this one matters more.
        }
    }

    private static ImageOptions source(ImgArguments arguments) {
        return withSnapshot(arguments, ImgCommand.source(arguments)
                .withCache(ImgCommand.cache(arguments, "T", CacheMode.WRITEBACK)));
    }

    /** With the snapshot that {@code -l} names. */
    static ImageOptions withSnapshot(ImgArguments arguments, ImageOptions options) {
        return arguments.value("l").map(text -> options.withSnapshot(snapshot(text))).orElse(options);
    }

    private static SnapshotChoice snapshot(String text) {
        if (!text.startsWith("snapshot.")) {
            return SnapshotChoice.idOrName(text);
        }
        OptionValues values = new OptionValues("-l", text, "");
        SnapshotChoice choice = SnapshotChoice.of(values.take("snapshot.id"), values.take("snapshot.name"));
        values.end();
        return choice;
    }
}

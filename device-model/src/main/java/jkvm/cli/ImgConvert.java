package jkvm.cli;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import jkvm.disk.CacheMode;
import jkvm.disk.DiskImage;
import jkvm.disk.DiskImages;
import jkvm.disk.Extent;
import jkvm.disk.ImageFormat;
import jkvm.disk.ImageOptions;

/** {@code jkvm img convert}: copies a disk's content, without the zeros. */
final class ImgConvert {
    private static final int CHUNK = 2 << 20, GRANULE = 4096;
    private static final MemorySegment ZEROS = MemorySegment.ofArray(new byte[GRANULE]).asReadOnly();
    private static final double PROGRESS_STEP = 1.0;

    private final DiskImages images;
    private final PrintStream out;
    private double shown = -PROGRESS_STEP;

    ImgConvert(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("convert", words, "pqUcWf:t:T:O:B:F:o:l:m:", "force-share:U");
        if (arguments.has("c")) {
            throw arguments.error("writing compressed clusters is not supported: leave -c out");
        }
        ImageFormat format = ImgCommand.format(arguments, "O").orElse(ImageFormat.RAW);
        if (arguments.value("o").filter(text -> text.equals("help") || text.equals("?")).isPresent()) {
            out.print(ImgTarget.help(format));
            return 0;
        }
        List<String> files = arguments.files(2, 2, "an image file and an output file");
        ImgTarget target = new ImgTarget(arguments, format, "B");
        boolean progress = arguments.has("p") && !arguments.has("q");
        ImageOptions options = ImageOptions.WRITABLE.withFormat(format)
                .withCache(ImgCommand.cache(arguments, "t", CacheMode.UNSAFE));
        try (DiskImage source = images.open(Path.of(files.getFirst()), source(arguments))) {
            Path path = Path.of(files.get(1));
            if (target.hasBackingFile()) {
                target.backingSize(images, path);
            }
            target.create(images, path, target.size().orElse(source.capacity()));
            try (DiskImage copy = images.open(path, options)) {
                copy(source, copy, target.hasBackingFile(), progress);
                copy.flush();
            }
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
        return 0;
    }

    private static ImageOptions source(ImgArguments arguments) {
        ImageOptions options = ImgCommand.source(arguments)
                .withCache(ImgCommand.cache(arguments, "T", CacheMode.WRITEBACK));
        Optional<String> snapshot = arguments.value("l").map(text -> {
            if (!text.startsWith("snapshot.")) {
                return text;
            }
            OptionValues values = new OptionValues("-l", text, "");
            Optional<String> id = values.take("snapshot.id");
            Optional<String> name = values.take("snapshot.name");
            values.end();
            return id.or(() -> name).orElseThrow(() -> values.error("name a snapshot"));
        });
        return snapshot.map(options::withSnapshot).orElse(options);
    }

    private void copy(DiskImage source, DiskImage copy, boolean overBacking, boolean progress) throws IOException {
        long size = Math.min(source.capacity(), copy.capacity());
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment buffer = arena.allocate(CHUNK, GRANULE);
            MemorySegment there = arena.allocate(overBacking ? CHUNK : 1, GRANULE);
            for (long at = 0; at < size; ) {
                progress(progress, at, size);
                Extent extent = source.extent(at, size - at);
                if (extent.zero() && !overBacking) {
                    at += extent.length();
                    continue;
                }
                MemorySegment part = buffer.asSlice(0, Math.min(CHUNK, extent.length()));
                source.read(at, part);
                MemorySegment old = there.asSlice(0, overBacking ? part.byteSize() : 0);
                if (overBacking) {
                    copy.read(at, old);
                }
                copyChanged(copy, at, part, old);
                at += part.byteSize();
            }
        }
        progress(progress, size, size);
        if (progress) {
            out.println();
        }
    }

    /** Writes what differs from {@code old}, or from zeros if that is empty. */
    private static void copyChanged(DiskImage copy, long at, MemorySegment part, MemorySegment old)
            throws IOException {
        long start = -1;
        for (long i = 0; i < part.byteSize(); i += GRANULE) {
            long length = Math.min(GRANULE, part.byteSize() - i);
            boolean same = old.byteSize() == 0 ? isZero(part.asSlice(i, length))
                    : part.asSlice(i, length).mismatch(old.asSlice(i, length)) < 0;
            if (same && start >= 0) {
                copy.write(at + start, part.asSlice(start, i - start));
                start = -1;
            } else if (!same && start < 0) {
                start = i;
            }
        }
        if (start >= 0) {
            copy.write(at + start, part.asSlice(start));
        }
    }

    private static boolean isZero(MemorySegment bytes) {
        return bytes.mismatch(ZEROS.asSlice(0, bytes.byteSize())) < 0;
    }

    private void progress(boolean wanted, long done, long size) {
        double percent = size == 0 ? 100 : done * 100.0 / size;
        if (wanted && (percent - shown >= PROGRESS_STEP || done == size)) {
            out.printf(Locale.ROOT, "    (%.2f/100%%)\r", percent);
            out.flush();
            shown = percent;
        }
    }
}

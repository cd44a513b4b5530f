package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.OptionValues;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;

/** {@code jkvm img convert}: copies a disk's content, without the zeros. */
final class ImgConvert {
    private final DiskImages images;
    private final PrintStream out;

    ImgConvert(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("convert", words, "npqUcWf:t:T:O:B:F:o:l:m:S:", "force-share:U");
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
        Path path = Path.of(files.get(1));
        boolean isThere = arguments.has("n");
        if (isThere && (arguments.has("o") || arguments.has("B"))) {
            throw arguments.error("-n writes into an image that is there: leave -o and -B out");
        }
        ImageOptions options = ImageOptions.WRITABLE.withFormat(format)
                .withCache(ImgCommand.cache(arguments, "t", CacheMode.UNSAFE));
        int sparseSize = sparseSize(arguments);
        boolean isNew = !isThere && !Files.exists(path);
        try (DiskImage source = images.open(Path.of(files.getFirst()), source(arguments))) {
            if (!isThere) {
                create(target, path, source.capacity());
            }
            try (DiskImage copy = images.open(path, options)) {
                if (isThere && copy.capacity() < source.capacity()) {
                    throw arguments.error("the output file is smaller than the image: " + copy.capacity()
                            + " bytes, not " + source.capacity());
                }
                boolean onDevice = format == ImageFormat.RAW && !Files.isRegularFile(path);
                new ImgCopy(source, copy, isThere || onDevice || target.hasBackingFile(), sparseSize,
                        progress(arguments)).run();
                copy.flush();
            }
            return 0;
        } catch (IOException e) {
            delete(path, isNew);
            throw arguments.error(e.getMessage());
        } catch (RuntimeException e) {
            delete(path, isNew);
            throw e;
        }
    }

    private void create(ImgTarget target, Path path, long size) {
        if (target.hasBackingFile()) {
            target.backingSize(images, path);
        }
        target.create(images, path, target.size().orElse(size));
    }

    private Optional<PrintStream> progress(ImgArguments arguments) {
        return arguments.has("p") && !arguments.has("q") ? Optional.of(out) : Optional.empty();
    }

    /** From how many bytes of zeros on none are written; zero if all are. */
    private static int sparseSize(ImgArguments arguments) {
        Optional<String> text = arguments.value("S");
        long size = text.isEmpty() ? ImgCopy.DEFAULT_SPARSE_SIZE
                : new OptionValues("-S", text.get(), "").size(text.get(), 'B');
        if (size % DiskImage.SECTOR_SIZE != 0 || size > ImgCopy.CHUNK) {
            throw arguments.error("-S must be a multiple of 512, at most " + ImgCopy.CHUNK + " bytes");
        }
        return (int) size;
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
}

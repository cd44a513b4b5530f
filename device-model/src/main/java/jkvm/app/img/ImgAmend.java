package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import jkvm.host.disk.CacheMode;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.CreateValues;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** {@code jkvm img amend}: changes options that an image was made with. */
final class ImgAmend {
    private static final float PROGRESS_STEP = 1;

    private final DiskImages images;
    private final PrintStream out;

    ImgAmend(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("amend", words, "f:o:t:pq", "force", ImgArguments.IMAGE_OPTS);
        if (!arguments.has("o")) {
            throw arguments.error("Must specify options (-o)");
        }
        boolean help = ImgTarget.asksForHelp(arguments);
        if (help && arguments.has("f")) {
            out.print(help(arguments, ImgCommand.format(arguments, "f").get()));
            return 0;
        }
        ImageDescription image = arguments.image(arguments.files(1, 1, "one image file name").getFirst());
        ImageOptions options = ImageOptions.WRITABLE.withFormat(ImgCommand.format(arguments, "f"))
                .withCache(ImgCommand.cache(arguments, "t", CacheMode.WRITEBACK));
        ImageFormat format = images.formatOf(image, options);
        if (help) {
            out.print(help(arguments, format));
            return 0;
        }
        amend(arguments, image, options, format);
        return 0;
    }

    private void amend(ImgArguments arguments, ImageDescription image, ImageOptions options, ImageFormat format) {
        ImgProgress progress = ImgProgress.of(arguments, out, PROGRESS_STEP);
        try {
            // This finds a missing backing file, and a missing passphrase.
            images.open(image, options).close();
            CreateValues values = values(arguments, format);
            progress.set(0);
            try {
                images.edit(image, options, editor -> editor.amend(values, arguments.has("force"),
                        percent -> progress.set((float) percent)));
            } finally {
                progress.set(100);
            }
        } catch (DiskException e) {
            throw e.kind() == DiskException.Kind.INVALID_OPTION ? arguments.error(e.getCause().getMessage()) : e;
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        } finally {
            progress.end();
        }
    }

    private static CreateValues values(ImgArguments arguments, ImageFormat format) {
        List<CreateOption> known = options(arguments, format);
        CreateValues values = ImgTarget.values(arguments, known);
        for (CreateOption each : DiskImages.createOptions(format)) {
            if (values.has(each.name()) && !known.contains(each) && !CreateOption.OF_FILE.contains(each)) {
                throw arguments.error("Invalid parameter '" + each.name()
                        + "'\nThis option is only supported for image creation");
            }
        }
        try {
            values.check(known);
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
        return values;
    }

    private static List<CreateOption> options(ImgArguments arguments, ImageFormat format) {
        List<CreateOption> options = DiskImages.amendOptions(format);
        if (options.isEmpty()) {
            throw arguments.error("Format driver '" + format.text() + "' does not support option amendment");
        }
        return options;
    }

    private static String help(ImgArguments arguments, ImageFormat format) {
        return "Amend options for '" + format.text() + "':\n" + ImgTarget.help(options(arguments, format));
    }
}

package jkvm.app.img;

import java.io.PrintStream;
import java.util.Arrays;
import java.util.List;
import jkvm.app.options.UsageException;
import jkvm.host.disk.ByteSize;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.Preallocation;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** {@code jkvm img resize}: the last argument is the new size, or with a sign the change. */
final class ImgResize {
    private final DiskImages images;
    private final PrintStream out;
    private final PrintStream err;

    ImgResize(DiskImages images, PrintStream out, PrintStream err) {
        this.images = images;
        this.out = out;
        this.err = err;
    }

    int run(List<String> words) {
        if (words.isEmpty() || words.size() < 2) {
            throw new UsageException("img resize: Not enough arguments");
        }
        // The size comes last, and may begin like an option.
        String size = words.getLast();
        ImgArguments arguments = new ImgArguments("resize", words.subList(0, words.size() - 1), "f:q",
                "preallocation=", "shrink", ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "image file name and size").getFirst();
        String mode = arguments.value("preallocation").orElse("off");
        Preallocation preallocation = Arrays.stream(Preallocation.values()).filter(each -> each.text().equals(mode))
                .findFirst().orElseThrow(() -> arguments.error("Invalid preallocation mode '" + mode + "'"));
        ImageDescription image = arguments.image(file);
        ImageOptions options = ImgCommand.source(arguments);
        long now = images.info(image, options).virtualSize();
        long wanted = wanted(arguments, size, now);
        if (wanted <= now && preallocation != Preallocation.OFF) {
            throw arguments.error("Preallocation can only be used for growing images");
        }
        if (wanted < now) {
            if (!arguments.has("shrink")) {
                err.println("jkvm: img resize: warning: Shrinking an image will delete all data beyond the shrunken"
                        + " image's end. Before performing such an operation, make sure there is no important data"
                        + " there.");
                throw arguments.error("Use the --shrink option to perform a shrink operation.");
            }
        }
        try {
            images.edit(image, options, editor -> editor.resize(wanted, preallocation));
        } catch (UnsupportedOperationException e) {
            throw arguments.error("Image format driver does not support resize");
        }
        if (!arguments.has("q")) {
            out.println("Image resized.");
        }
        return 0;
    }

    private static long wanted(ImgArguments arguments, String text, long now) {
        char sign = text.charAt(0);
        boolean relative = sign == '+' || sign == '-';
        long amount = ByteSize.parse(relative ? text.substring(1) : text).orElseThrow(() -> arguments.error(
                "Parameter 'size' expects a non-negative number below 2^64, and may have a suffix k, M, G, T, P or E"));
        long wanted = sign == '+' ? now + amount : sign == '-' ? now - amount : amount;
        if (wanted <= 0) {
            throw arguments.error("New image size must be positive");
        }
        return wanted;
    }
}

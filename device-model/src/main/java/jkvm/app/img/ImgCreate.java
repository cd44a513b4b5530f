package jkvm.app.img;

import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.ByteSize;
import jkvm.host.disk.ImageFormat;
import jkvm.host.image.DiskImages;

/** {@code jkvm img create}. */
final class ImgCreate {
    private final DiskImages images;
    private final PrintStream out;

    ImgCreate(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("create", words, "qf:b:F:uo:");
        ImageFormat format = ImgCommand.format(arguments, "f").orElse(ImageFormat.RAW);
        if (ImgTarget.asksForHelp(arguments)) {
            out.print(ImgTarget.help(format, arguments.count() > 0));
            return 0;
        }
        List<String> files = arguments.files(1, 2, "a file name and maybe a size");
        String file = files.getFirst();
        Optional<Long> wanted = files.size() < 2 ? Optional.empty() : Optional.of(size(arguments, files.get(1)));
        DiskImages.parse(file);
        ImgTarget target = new ImgTarget(arguments, format, "b");
        if (wanted.isPresent() && target.size().isPresent()) {
            throw arguments.error(file + ": The image size must be specified only once");
        }
        Optional<Long> size = wanted.or(target::size);
        if (target.hasBackingFile() && target.isBackingFile(file)) {
            throw arguments.error(file + ": Trying to create an image with the same filename as the backing file");
        }
        if (target.hasBackingFile() && !arguments.has("u")) {
            long backing = target.backingSize(images, file);
            size = size.or(() -> Optional.of(backing));
        }
        long bytes = size.orElseThrow(() -> arguments.error(file + ": Image creation needs a size parameter"));
        if (!arguments.has("q")) {
            out.println(target.describe(file, bytes));
        }
        target.create(images, file, bytes);
        return 0;
    }

    private static long size(ImgArguments arguments, String text) {
        return ByteSize.parse(text).orElseThrow(() -> arguments.error("Invalid image size specified: " + text
                + "; it is a number from 0 to " + Long.MAX_VALUE + ", maybe with the suffix k, M, G, T, P or E"));
    }
}

package jkvm.app.img;

import java.io.PrintStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.OptionValues;
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
        if (arguments.value("o").filter(text -> text.equals("help") || text.equals("?")).isPresent()) {
            out.print(ImgTarget.help(format));
            return 0;
        }
        List<String> files = arguments.files(1, 2, "a file name and maybe a size");
        Path path = Path.of(files.getFirst());
        ImgTarget target = new ImgTarget(arguments, format, "b");
        if (files.size() == 2 && target.size().isPresent()) {
            throw arguments.error(files.getFirst() + ": The image size must be specified only once");
        }
        Optional<Long> size = files.size() < 2 ? target.size()
                : Optional.of(new OptionValues("size", files.get(1), "").size(files.get(1), 'B'));
        if (target.hasBackingFile() && !(arguments.has("u") && size.isPresent())) {
            long backing = target.backingSize(images, path);
            size = size.or(() -> Optional.of(backing));
        }
        long bytes = size.orElseThrow(() -> arguments.error("needs a size"));
        if (bytes > Long.MAX_VALUE - 511) {
            throw arguments.error("the size is too large");
        }
        if (!arguments.has("q")) {
            out.println(target.describe(files.getFirst(), bytes));
        }
        target.create(images, path, bytes);
        return 0;
    }
}

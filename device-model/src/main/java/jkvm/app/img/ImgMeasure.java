package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.util.List;
import java.util.Optional;
import jkvm.host.disk.CreateOption;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.MeasuredSize;
import jkvm.host.image.DiskImages;
import jkvm.json.JsonWriter;

/** {@code jkvm img measure}: tells how large the file of a new image will be. */
final class ImgMeasure {
    private static final String SIZE = "size";

    private final DiskImages images;
    private final PrintStream out;

    ImgMeasure(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("measure", words, "f:l:o:O:U", "force-share:U", "output=",
                SIZE + "=", ImgArguments.IMAGE_OPTS);
        boolean json = arguments.json();
        ImageFormat format = ImgCommand.format(arguments, "O").orElse(ImageFormat.RAW);
        List<String> files = arguments.files(0, 1, "at most one image file name");
        if (files.isEmpty() && (arguments.has("f") || arguments.has("l") || arguments.has(ImgArguments.IMAGE_OPTS))) {
            throw arguments.error("-f, -l and --image-opts are for an image: name one");
        }
        if (files.isEmpty() == !arguments.has(SIZE)) {
            throw arguments.error("needs either --size or an image file name");
        }
        ImgTarget target = new ImgTarget(arguments, format, "b");
        try (DiskImage source = files.isEmpty() ? null : images.open(arguments.image(files.getFirst()),
                source(arguments))) {
            long size = source == null ? arguments.size(SIZE, "--size", 0) : source.capacity();
            MeasuredSize found = images.measure(format, target.values().with(CreateOption.SIZE, Long.toString(size)),
                    Optional.ofNullable(source)).orElseThrow(() -> arguments.error("the size of images of the format "
                    + format.text() + " cannot be told before they are made"));
            print(found, json);
            return 0;
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    private static ImageOptions source(ImgArguments arguments) {
        return ImgConvert.withSnapshot(arguments, ImgCommand.source(arguments));
    }

    private void print(MeasuredSize size, boolean json) {
        if (json) {
            JsonWriter document = new JsonWriter().begin('{');
            size.bitmaps().ifPresent(bytes -> document.member("bitmaps", bytes));
            out.print(document.member("required", size.required()).member("fully-allocated", size.fullyAllocated())
                    .end('}').document());
        } else {
            out.println("required size: " + size.required());
            out.println("fully allocated size: " + size.fullyAllocated());
            size.bitmaps().ifPresent(bytes -> out.println("bitmaps size: " + bytes));
        }
    }
}

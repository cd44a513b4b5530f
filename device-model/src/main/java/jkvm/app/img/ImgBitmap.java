package jkvm.app.img;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import jkvm.app.options.UsageException;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** {@code jkvm img bitmap}: changes a bitmap that an image keeps, by actions in the order in which they are given. */
final class ImgBitmap {
    private static final String[] ACTIONS = {"add", "remove", "clear", "enable", "disable", "merge"};

    private final DiskImages images;

    ImgBitmap(DiskImages images) {
        this.images = images;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("bitmap", words, "b:f:F:g:", "add", "remove", "clear", "enable",
                "disable", "merge=", "source-file=:b", "source-format=:F", "granularity=:g", ImgArguments.IMAGE_OPTS);
        List<ImgArguments.Given> actions = arguments.given(ACTIONS);
        check(arguments, actions.isEmpty());
        List<String> files = arguments.files(2, 2, "filename and bitmap name");
        long granularity = arguments.size("g", "-g", 0);
        Job job = new Job(arguments.image(files.getFirst()), ImgCommand.source(arguments), actions, files.getLast(),
                granularity);
        Optional<String> source = arguments.value("b");
        if (source.isEmpty()) {
            change(job, Optional.empty());
        } else {
            ImageOptions how = ImageOptions.READ_ONLY.withFormat(ImgCommand.format(arguments, "F"));
            images.inspect(DiskImages.parse(source.get()), how, from -> change(job, Optional.of(from)));
        }
        return 0;
    }

    private static void check(ImgArguments arguments, boolean nothing) {
        if (nothing) {
            throw arguments.error("Need at least one of --add, --remove, --clear, --enable, --disable, or --merge");
        }
        if (arguments.has("g") && !arguments.has("add")) {
            throw arguments.error("granularity only supported with --add");
        }
        if (arguments.has("F") && !arguments.has("b")) {
            throw arguments.error("-F only supported with -b");
        }
        if (arguments.has("b") && !arguments.has("merge")) {
            throw arguments.error("Merge bitmap source file only supported with --merge");
        }
    }

    private record Job(ImageDescription image, ImageOptions options, List<ImgArguments.Given> actions, String bitmap,
            long granularity) {
    }

    private void change(Job job, Optional<ImageEditor> source) {
        images.edit(job.image, job.options, editor -> {
            for (ImgArguments.Given action : job.actions) {
                run(job, action, editor, source.orElse(editor));
            }
        });
    }

    private static void run(Job job, ImgArguments.Given action, ImageEditor editor, ImageEditor source) {
        String bitmap = job.bitmap;
        try {
            switch (action.name()) {
                case "add" -> editor.addBitmap(bitmap, job.granularity);
                case "remove" -> editor.removeBitmap(bitmap);
                case "clear" -> editor.clearBitmap(bitmap);
                case "enable" -> editor.enableBitmap(bitmap, true);
                case "disable" -> editor.enableBitmap(bitmap, false);
                default -> editor.mergeBitmap(bitmap, source.bitmap(action.value()));
            }
        } catch (UnsupportedOperationException e) {
            throw failure(action, bitmap, "the image's format has no bitmaps");
        } catch (IOException e) {
            throw failure(action, bitmap, e.getMessage());
        }
    }

    private static UsageException failure(ImgArguments.Given action, String bitmap, String why) {
        return new UsageException("img bitmap: Operation " + action.name() + " on bitmap " + bitmap + " failed: "
                + why);
    }
}

package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.time.Instant;
import java.util.List;
import jkvm.app.options.UsageException;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.ImageInfo;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** {@code jkvm img snapshot}: lists, takes, applies and deletes the snapshots that an image keeps. */
final class ImgSnapshot {
    private final DiskImages images;
    private final PrintStream out;

    ImgSnapshot(DiskImages images, PrintStream out) {
        this.images = images;
        this.out = out;
    }

    int run(List<String> words) {
        ImgArguments arguments = new ImgArguments("snapshot", words, "la:c:d:qf:U", "force-share:U",
                ImgArguments.IMAGE_OPTS);
        String file = arguments.files(1, 1, "one image file name").getFirst();
        List<String> actions = List.of("l", "a", "c", "d").stream().filter(arguments::has).toList();
        if (actions.size() > 1) {
            throw arguments.error("Cannot mix '-l', '-a', '-c', '-d'");
        }
        ImageOptions options = ImgCommand.source(arguments);
        // This finds a missing backing file.
        open(arguments, arguments.image(file), options);
        if (actions.isEmpty()) {
            return 0;
        }
        String action = actions.getFirst();
        if (action.equals("l")) {
            ImageInfo info = images.info(arguments.image(file), options);
            if (!info.snapshots().isEmpty()) {
                out.print(ImgInfo.list(info.snapshots()));
            }
            return 0;
        }
        change(arguments.image(file), options, action, arguments.value(action).orElseThrow());
        return 0;
    }

    private void open(ImgArguments arguments, ImageDescription image, ImageOptions options) {
        try {
            images.open(image, options).close();
        } catch (IOException e) {
            throw arguments.error(e.getMessage());
        }
    }

    private void change(ImageDescription image, ImageOptions options, String action, String name) {
        String verb = action.equals("c") ? "create" : action.equals("a") ? "apply" : "delete";
        try {
            images.edit(image, options, editor -> {
                switch (action) {
                    case "c" -> editor.createSnapshot(name, Instant.now());
                    case "a" -> editor.applySnapshot(name);
                    default -> editor.deleteSnapshot(name);
                }
            });
        } catch (UnsupportedOperationException e) {
            throw new UsageException("img snapshot: Could not " + verb + " snapshot '" + name
                    + "': the image's format has no snapshots");
        } catch (DiskException e) {
            if (e.kind() != DiskException.Kind.UNUSABLE) {
                throw e;
            }
            throw new UsageException("img snapshot: Could not " + verb + " snapshot '" + name + "': "
                    + e.getCause().getMessage());
        }
    }
}

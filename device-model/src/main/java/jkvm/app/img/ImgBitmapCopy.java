package jkvm.app.img;

import java.io.IOException;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import jkvm.host.disk.BitmapState;
import jkvm.host.disk.ImageEditor;
import jkvm.host.disk.ImageFormat;
import jkvm.host.disk.ImageOptions;
import jkvm.host.image.DiskImages;
import jkvm.host.image.ImageDescription;

/** Copies the bitmaps that an image keeps to the one that its disk is converted to. */
final class ImgBitmapCopy {
    private final DiskImages images;
    private final ImgArguments arguments;
    private final PrintStream err;
    private final boolean skipBroken;
    private final List<BitmapState> wanted = new ArrayList<>();
    private ImageDescription source;

    /** @param skipBroken whether bitmaps that tell nothing are left out; else they are an error */
    ImgBitmapCopy(DiskImages images, ImgArguments arguments, PrintStream err, boolean skipBroken) {
        this.images = images;
        this.arguments = arguments;
        this.err = err;
        this.skipBroken = skipBroken;
    }

    /** Refuses what cannot be copied, before anything is. */
    void check(String file, ImageFormat target) {
        if (target != ImageFormat.QCOW2) {
            throw arguments.error("Format driver '" + target.text() + "' does not support bitmaps");
        }
        source = arguments.image(file);
        try {
            images.inspect(source, ImgCommand.source(arguments), from -> wanted.addAll(from.bitmaps()));
        } catch (UnsupportedOperationException e) {
            throw arguments.error("Source lacks bitmap support");
        }
        for (BitmapState each : wanted) {
            if (each.inUse() && !skipBroken) {
                throw arguments.error("Cannot copy inconsistent bitmap '" + each.name()
                        + "': try --skip-broken-bitmaps, or remove it with img bitmap --remove");
            }
        }
    }

    /** Copies them to an image that has the disk's content already. */
    void copy(ImageDescription target, ImageFormat format) {
        images.inspect(source, ImgCommand.source(arguments), from -> images.edit(target,
                ImageOptions.WRITABLE.withFormat(format), to -> copy(from, to)));
    }

    private void copy(ImageEditor from, ImageEditor to) {
        for (BitmapState each : wanted) {
            if (each.inUse()) {
                err.println("jkvm: img convert: warning: Skipping inconsistent bitmap '" + each.name() + "'");
                continue;
            }
            try {
                to.addBitmap(each.name(), each.granularity());
                to.mergeBitmap(each.name(), from.bitmap(each.name()));
                to.enableBitmap(each.name(), each.enabled());
            } catch (IOException e) {
                throw arguments.error("Failed to create bitmap " + each.name() + ": " + e.getMessage());
            }
        }
    }
}

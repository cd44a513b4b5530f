package jkvm.host.image;

import java.nio.file.Path;
import jkvm.host.disk.ImageOptions;

/**
 * A disk image as the user asks for it; nothing is opened yet.
 *
 * @param id      the drive's name on the command line, for messages
 * @param image   where it is, its format if that is named, and the format's settings
 * @param options how it is opened
 * @param parts   the nodes of which a block node is put together
 */
public record DriveSpec(String id, ImageDescription image, ImageOptions options, NodeParts parts) {
    /** A disk that has all by itself. */
    public DriveSpec(String id, ImageDescription image, ImageOptions options) {
        this(id, image, options, NodeParts.OWN);
    }

    /** A drive without a medium, into which the user may put one. */
    public static DriveSpec empty(String id) {
        return new DriveSpec(id, ImageDescription.ofPath(""), ImageOptions.READ_ONLY);
    }

    /** True for a drive without a medium. */
    public boolean isEmpty() {
        return image.text().isEmpty();
    }

    /** A drive of the file with this path, whatever characters it has. */
    public static DriveSpec ofPath(String id, Path file, ImageOptions options) {
        return new DriveSpec(id, ImageDescription.ofPath(file.toString()), options);
    }
}

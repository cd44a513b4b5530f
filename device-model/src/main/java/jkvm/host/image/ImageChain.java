package jkvm.host.image;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskException.Kind;
import jkvm.host.disk.ImageException;

/**
 * The images that lead to one through their backing files.
 *
 * @param top        the first, as the user wrote it
 * @param identities of all of them
 */
record ImageChain(String top, List<String> identities) {
    /** Far more than people have, and few enough for a thread's stack. */
    private static final int MAX = 400;

    /** Without any image as yet. */
    static ImageChain from(ImageDescription image) {
        return new ImageChain(image.text(), List.of());
    }

    /** Of one image, which need not be there. */
    static ImageChain of(String image) {
        return new ImageChain(image, List.of(image));
    }

    /**
     * The chain that goes on with an image.
     *
     * @throws IOException if the image is in it, or there are too many
     */
    ImageChain with(ImageDescription image) throws IOException {
        String identity = identity(image.file());
        if (identities.contains(identity)) {
            throw new ImageException(Kind.BACKING_LOOP, "the backing files form a loop");
        }
        if (identities.size() > MAX) {
            throw new ImageException(Kind.TOO_MANY_BACKING_FILES, "it is the last of more than " + MAX
                    + " backing files");
        }
        return new ImageChain(top, Stream.concat(identities.stream(), Stream.of(identity)).toList());
    }

    DiskException failure(ImageDescription image, IOException cause) {
        return DiskException.of(top, identities.isEmpty() ? null : image.text(), cause);
    }

    private static String identity(ImageName name) throws IOException {
        if (!(name instanceof ImageName.File file)) {
            return name.text();
        }
        try {
            Path path = Path.of(file.path());
            return Files.exists(path) ? path.toRealPath().toString() : name.text();
        } catch (InvalidPathException e) {
            throw new IOException("no file has such a name: " + e.getReason(), e);
        }
    }
}

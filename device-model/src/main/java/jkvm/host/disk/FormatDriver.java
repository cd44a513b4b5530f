package jkvm.host.disk;

import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * A format of disk images: tells whether a file has it, opens, describes, makes and checks such files. Has no state:
 * any thread may call.
 */
public interface FormatDriver {
    /** The answer of {@link #probe} for a file that can be nothing else. */
    int SURE = 100;

    ImageFormat format();

    /**
     * How well a file's content fits the format: 0 for not at all, {@link #SURE} at most. Of all formats the one with
     * the highest answer is taken.
     */
    int probe(BlockFile file) throws IOException;

    /**
     * Opens an image.
     *
     * @param file  closed by the image; it stays open if this method throws
     * @param files opens the other files that the image names
     * @throws IOException if the file is damaged, or cannot be opened so
     */
    DiskImage open(BlockFile file, ImageOptions options, NamedFiles files) throws IOException;

    /** Describes the file by its own words, without its backing files. */
    ImageInfo info(BlockFile file, NamedFiles files) throws IOException;

    /**
     * Describes an image that is opened with settings.
     *
     * @param properties as {@link ImageOptions#properties}
     */
    default ImageInfo info(BlockFile file, NamedFiles files, Map<String, String> properties) throws IOException {
        return info(file, files);
    }

    /**
     * Names of the settings of {@link ImageOptions#properties} that the format has; settings of others are refused
     * before the image is opened. One that ends in a dot stands for all names that begin so.
     */
    default Set<String> openProperties() {
        return Set.of();
    }

    /** True if images of the format may have a backing image. */
    default boolean hasBacking() {
        return false;
    }

    /**
     * The format's own options of new images, in the order in which QEMU prints them, {@code size} and backing file
     * included; those of the file under it are added by the caller ({@link CreateOption#OF_FILE}).
     *
     * @return empty for a format that cannot be made
     */
    default List<CreateOption> createOptions() {
        return List.of();
    }

    /**
     * The options that {@link ImageEditor#amend} takes.
     *
     * @return empty for a format whose images keep theirs
     */
    default List<CreateOption> amendOptions() {
        return List.of();
    }

    /**
     * Refuses what cannot be made, before a file is touched.
     *
     * @param values known names with values of the right type
     * @throws IOException if a value is wrong, or values do not go together
     */
    default void checkNew(CreateValues values) throws IOException {
        // Any values are well.
    }

    /**
     * Makes an image.
     *
     * @param file   empty, or of fixed size; open for reading and writing, and closed by the caller
     * @param values as {@link #checkNew} has found well
     * @param files  makes and opens the other files that the new image names
     * @throws IOException if writing fails
     */
    default void create(BlockFile file, CreateValues values, NamedFiles files) throws IOException {
        throw new IOException("Format driver '" + format().text() + "' does not support image creation");
    }

    /** The editor of the file as a whole. The file has no other user meanwhile, and stays open. */
    default ImageEditor editor(BlockFile file, NamedFiles files) {
        return new ImageEditor() { };
    }

    /**
     * Tells how large a new image's file will be.
     *
     * @param values as for {@link #create}
     * @param source the disk that is copied into it; empty for an empty one
     * @return empty for a format that cannot tell
     * @throws IOException if a value is wrong, or the source cannot be read
     */
    default Optional<MeasuredSize> measure(CreateValues values, Optional<DiskImage> source) throws IOException {
        return Optional.empty();
    }

    /**
     * Checks the file's tables, and repairs them if asked to. The file has no other user meanwhile.
     *
     * @param files opens the other files that the image names: without them there is no check
     * @param lines takes a line of text for each error and each repair
     * @return empty for a format that cannot be checked
     * @throws IOException if the check is not possible, or the repair has to be a wider one
     */
    default Optional<CheckResult> check(BlockFile file, Repair repair, NamedFiles files, Consumer<String> lines)
            throws IOException {
        return Optional.empty();
    }
}

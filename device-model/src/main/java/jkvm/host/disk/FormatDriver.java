package jkvm.host.disk;

import java.io.IOException;
import java.util.Optional;

/**
 * A format of disk images: tells whether a file has it, opens, describes and checks such files. Has no state: any
 * thread may call.
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

    /** What the file says of itself, without its backing files. */
    ImageInfo info(BlockFile file) throws IOException;

    /**
     * Checks the file's tables, and repairs them if asked to. The file has no other user meanwhile.
     *
     * @return empty for a format that cannot be checked
     */
    default Optional<CheckResult> check(BlockFile file, Repair repair) throws IOException {
        return Optional.empty();
    }
}

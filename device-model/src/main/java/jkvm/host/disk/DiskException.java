package jkvm.host.disk;

import java.io.IOException;
import java.util.Optional;
import jkvm.host.HostException;

/** A disk image cannot be opened, made, described or checked. */
public final class DiskException extends HostException {
    private static final long serialVersionUID = 1L;

    /** The reasons that ask for different remedies. */
    public enum Kind {
        NOT_FOUND,
        /** It may be read, but not written. */
        NOT_WRITABLE,
        /** Another user, in this process or another, has it. */
        IN_USE,
        /** The file system cannot pass by the host's cache. */
        NO_DIRECT_ACCESS,
        /** A name that begins with a protocol, like {@code http:}, which is not supported. */
        UNKNOWN_PROTOCOL,
        NO_SNAPSHOT,
        BACKING_LOOP,
        TOO_MANY_BACKING_FILES,
        /** The image says so of itself. */
        MARKED_CORRUPT,
        /** A disk of this size needs larger clusters. */
        CLUSTERS_TOO_SMALL,
        /** An option that the format does not have, or a value that it does not take. */
        INVALID_OPTION,
        /** There is no room for what a guest writes to a temporary image. */
        NO_TEMPORARY_FILE,
        /** Any other: the host failed, or the image is damaged or has what is not supported. */
        UNUSABLE
    }

    private final Kind kind;
    private final String image;
    private final String backingFile;

    /** @param backingFile the file of the image's chain that is at fault; null if it is the image itself */
    public DiskException(Kind kind, String image, String backingFile, String reason, IOException cause) {
        super("disk image " + image + (backingFile == null ? "" : ": its backing file " + backingFile), reason, cause);
        this.kind = kind;
        this.image = image;
        this.backingFile = backingFile;
    }

    /** The kind is the failure's own, if it has one. */
    public static DiskException of(String image, String backingFile, IOException cause) {
        Kind kind = cause instanceof ImageException e ? e.kind() : Kind.UNUSABLE;
        return new DiskException(kind, image, backingFile, cause.getMessage(), cause);
    }

    public Kind kind() {
        return kind;
    }

    /** The image that was asked for. */
    public String image() {
        return image;
    }

    /** The file of its chain that is at fault, if it is not the image itself. */
    public Optional<String> backingFile() {
        return Optional.ofNullable(backingFile);
    }
}

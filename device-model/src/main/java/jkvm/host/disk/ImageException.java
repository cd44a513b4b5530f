package jkvm.host.disk;

import java.io.IOException;

/** Why a file cannot be used as an image, as one of the kinds that {@link DiskException} tells apart. */
public final class ImageException extends IOException {
    private static final long serialVersionUID = 1L;
    private final DiskException.Kind kind;

    /** @param reason a few words for the end of a message that names the image */
    public ImageException(DiskException.Kind kind, String reason) {
        this(kind, reason, null);
    }

    public ImageException(DiskException.Kind kind, String reason, Throwable cause) {
        super(reason, cause);
        this.kind = kind;
    }

    /** The reason, as far as it asks for a remedy of its own. */
    public DiskException.Kind kind() {
        return kind;
    }
}

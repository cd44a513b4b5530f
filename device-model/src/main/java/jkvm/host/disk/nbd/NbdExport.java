package jkvm.host.disk.nbd;

import jkvm.host.disk.DiskImage;

/**
 * A disk that a server offers.
 *
 * @param name     by which clients ask for it, at most 4096 bytes; may be empty
 * @param image    closed by the caller once the server has ended
 * @param readOnly whether clients may not write; an image that is read-only needs it
 */
public record NbdExport(String name, DiskImage image, boolean readOnly) {
    public NbdExport {
        if (NbdStream.bytes(name).length > Nbd.MAX_TEXT) {
            throw new IllegalArgumentException("the name of an export has at most " + Nbd.MAX_TEXT + " bytes");
        }
        if (image.isReadOnly() && !readOnly) {
            throw new IllegalArgumentException("the image is read-only");
        }
    }

    /** The transmission flags. A flush covers the writes of all connections, as the image does it. */
    int flags() {
        int reading = Nbd.FLAG_HAS_FLAGS | Nbd.FLAG_SEND_FLUSH | Nbd.FLAG_SEND_FUA | Nbd.FLAG_SEND_DF
                | Nbd.FLAG_SEND_CACHE | Nbd.FLAG_CAN_MULTI_CONN;
        return readOnly ? reading | Nbd.FLAG_READ_ONLY : reading | Nbd.FLAG_SEND_TRIM | Nbd.FLAG_SEND_WRITE_ZEROES;
    }
}

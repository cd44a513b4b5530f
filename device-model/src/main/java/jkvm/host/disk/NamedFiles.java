package jkvm.host.disk;

import java.io.IOException;
import java.util.Optional;

/**
 * Things outside an image that its format needs: files that it names, relative to its own folder, and settings and
 * secrets that the user has given.
 */
public interface NamedFiles {
    /**
     * Opens the backing image, read-only: the one that the user names in place of the stored one, or that.
     *
     * @param name   as it is stored in the image; null if it stores none
     * @param format as it is stored; empty if the image does not say
     * @return null if there is none, or the user wants none
     */
    DiskImage backing(String name, Optional<String> format) throws IOException;

    /**
     * Opens another file of the image, such as an external data file or an extent. It has the cache mode and the lock
     * of the image.
     *
     * @param name as it is stored in the image
     * @throws IOException also where there are no such files, as under a test's file in memory
     */
    default BlockFile file(String name, boolean writable) throws IOException {
        throw new IOException("cannot open " + name + ": the image has no folder");
    }

    /**
     * Makes another file of a new image, or empties it if it is there; the caller closes it.
     *
     * @param name as it is to be stored in the image
     */
    default BlockFile create(String name) throws IOException {
        throw new IOException("cannot make " + name + ": the image has no folder");
    }

    /**
     * A setting that the user gave with the image's name, such as {@code encrypt.key-secret}.
     *
     * @param name QEMU's
     */
    default Optional<String> setting(String name) {
        return Optional.empty();
    }

    /**
     * The bytes of a secret, such as a passphrase.
     *
     * @param id as the user named it: {@code --object secret,id=}
     * @throws IOException if there is none
     */
    default byte[] secret(String id) throws IOException {
        throw new ImageException(DiskException.Kind.INVALID_OPTION, "No secret with id '" + id + "'");
    }
}

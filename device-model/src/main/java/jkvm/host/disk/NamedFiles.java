package jkvm.host.disk;

import java.io.IOException;
import java.util.Optional;

/** Opens files that an image names: names are relative to the image's own folder. */
public interface NamedFiles {
    /**
     * Opens a backing image, read-only.
     *
     * @param name   as it is stored in the image
     * @param format as it is stored; empty if the image does not say
     */
    DiskImage backing(String name, Optional<String> format) throws IOException;
}

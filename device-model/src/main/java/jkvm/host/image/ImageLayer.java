package jkvm.host.image;

import jkvm.host.disk.BlockFile;
import jkvm.host.disk.FormatDriver;
import jkvm.host.disk.ImageOptions;

/**
 * One image of a chain: a format over a file that is open.
 *
 * @param options as its properties want them
 */
record ImageLayer(ImageDescription image, ImageOptions options, FormatDriver driver, BlockFile file) {

    ImageLayer withoutLocks() {
        return new ImageLayer(image, options.withLocked(false), driver, file);
    }

    ImageLayer withReadOnly(boolean isReadOnly) {
        return new ImageLayer(image, options.withReadOnly(isReadOnly), driver, file);
    }
}

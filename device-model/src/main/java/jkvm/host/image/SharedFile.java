package jkvm.host.image;

import jkvm.host.disk.BlockFile;
import jkvm.host.disk.ForwardingFile;

/** The file of a node as the image over it has it: it stays open when that image is closed. */
final class SharedFile extends ForwardingFile {
    SharedFile(BlockFile file) {
        super(file);
    }

    @Override
    public void close() {
        // The node closes it.
    }
}

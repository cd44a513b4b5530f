package jkvm.host.image;

import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ForwardingDisk;

/** The image below an overlay, as that has it: another one may take its place while no request is in progress. */
final class BackingLink extends ForwardingDisk {
    BackingLink(DiskImage image) {
        super(image);
    }

    void to(DiskImage image) {
        inner = image;
    }

    @Override
    public void close() {
        // The graph closes what nobody uses any more.
    }
}

/**
 * qcow2 images, versions 2 and 3 (the QEMU project's docs/interop/qcow2).
 *
 * <p>Supported: growing on demand, backing files, zero clusters, compressed ones (deflate; zstd by the host's
 * library), subclusters, external data files, preallocation, discard, lazy refcounts, repair of dirty images, internal
 * snapshots, with a machine's state too, also of an image in use, persistent bitmaps that note what is written, data
 * encrypted with LUKS or, as old images have it, with AES alone.
 *
 * <p>An image may be hostile. Sizes in headers are bounded before memory is taken for them; tables have to lie apart
 * from each other before an image may be written; a cluster is taken for free only once it is known that nothing refers
 * to it.
 */
package jkvm.host.disk.qcow2;

/**
 * Disk images: raw, and qcow2 versions 2 and 3 (the QEMU project's docs/interop/qcow2). {@link DiskImages}
 * opens and creates them, {@link DiskImage} is what a disk device talks to; nothing here knows of virtio.
 *
 * <p>Supported of qcow2: growing on demand, backing files, zero and compressed (deflate) clusters, discard, lazy
 * refcounts, repair of dirty images, internal snapshots to list and to read. Not supported and refused by name: zstd,
 * extended L2 entries, external data files, encryption, {@code json:} and protocol file names. Persistent bitmaps are
 * dropped when an image that has some is written.
 *
 * <p>An image may be hostile, and a guest writes every byte of a raw disk. Sizes in headers are bounded
 * before memory is taken for them; tables have to lie apart from each other before an image may be written; a cluster
 * is taken for free only once it is known that nothing refers to it; the format of a writable image is never guessed.
 * Damage ends in an {@link java.io.IOException} for the request that meets it, and no more is written to that
 * image.
 */
package jkvm.host.disk;

/**
 * Disk images as devices and formats see them: {@link jkvm.host.disk.DiskImage} is what a disk device talks to,
 * {@link jkvm.host.disk.BlockFile} what a format lies in, {@link jkvm.host.disk.FormatDriver} what joins the two. Each
 * format has a package below; nothing here knows of virtio.
 *
 * <p>An image may be hostile, and a guest writes every byte of a raw disk. Damage ends in an
 * {@link java.io.IOException} for the request that meets it, and no more is written to that image.
 */
package jkvm.host.disk;

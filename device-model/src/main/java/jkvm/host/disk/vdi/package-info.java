/**
 * VirtualBox disk images (VDI 1.1): dynamic and static ones with blocks of 1 MiB, without a parent, as QEMU reads and
 * makes them. The format is described by VirtualBox's VDICore.h.
 *
 * <p>A crash may leave a block that counts as allocated and is not used; its place is taken again when the image is
 * written the next time.
 */
package jkvm.host.disk.vdi;

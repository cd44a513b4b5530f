/**
 * Virtual PC disk images (VHD, QEMU's vpc): fixed and dynamic ones, after Microsoft's "Virtual Hard Disk Image Format
 * Specification" of 2006. Differencing disks are refused.
 *
 * <p>A disk's size follows from its geometry or from the footer's size, depending on the program that made it: see
 * {@link jkvm.host.disk.vpc.VpcFooter}. The bitmap before each block says which sectors were written: it is set as a
 * whole with the first write, and not looked at in reading, as QEMU does.
 */
package jkvm.host.disk.vpc;

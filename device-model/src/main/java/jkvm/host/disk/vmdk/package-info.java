/**
 * VMware disk images, after VMware's "Virtual Disk Format 5.0": monolithicSparse, monolithicFlat, twoGbMaxExtentSparse,
 * twoGbMaxExtentFlat and streamOptimized, the latter with its tables at either end; a parent image for disks of one
 * extent. ESX server's own sparse extents are refused.
 *
 * <p>Grains are written before the tables that refer to them; a crash leaves grains that nothing refers to. Compressed
 * grains are written once.
 */
package jkvm.host.disk.vmdk;

/**
 * Hyper-V disk images (VHDX), after Microsoft's "[MS-VHDX]: Virtual Hard Disk v2": dynamic and fixed ones. Differencing
 * disks are refused.
 *
 * <p>A log that another program left is replayed when the image is opened for writing, or by a repair; until then the
 * image cannot be read. This package writes no log: entries of the table of blocks lie in one sector each, are written
 * once the data is durable, and mean the same before and after.
 */
package jkvm.host.disk.vhdx;

/**
 * Disks of blocks of one size, each of which has a place in the file or none: {@link jkvm.host.disk.table.BlockDisk} is
 * the disk, {@link jkvm.host.disk.table.BlockTable} what each format adds, {@link jkvm.host.disk.table.EntryTable} the
 * numbers that say where the blocks are, and {@link jkvm.host.disk.table.TableCache} the parts of them in memory.
 *
 * <p>An image may be hostile. Tables are read in pieces, as requests need them, so that a size in a header takes no
 * memory; a block that lies on a table is neither read nor written.
 */
package jkvm.host.disk.table;

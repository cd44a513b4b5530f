package jkvm.host.disk.qcow2;

import java.io.IOException;
import java.util.List;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.Bytes;
import jkvm.host.disk.DiskException;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ImageException;
import jkvm.host.disk.ImageOptions;
import jkvm.host.disk.NamedFiles;
import jkvm.host.disk.Preallocation;

/** Changes the size of a disk, and of its bitmaps. */
final class Qcow2Resize {
    private final BlockFile file;
    private final NamedFiles files;

    Qcow2Resize(BlockFile file, NamedFiles files) {
        this.file = file;
        this.files = files;
    }

    void run(long size, Preallocation preallocation) throws IOException {
        if (size % DiskImage.SECTOR_SIZE != 0) {
            throw new ImageException(DiskException.Kind.INVALID_OPTION, "The new size must be a multiple of "
                    + DiskImage.SECTOR_SIZE);
        }
        Qcow2Tables tables = new Qcow2Tables(file);
        Qcow2Header header = tables.header();
        Qcow2Driver.requireBacking(header, files);
        if (preallocation != Preallocation.OFF && !header.encryption().isNone()) {
            throw new ImageException(DiskException.Kind.INVALID_OPTION, "an encrypted image grows with"
                    + " preallocation=off only");
        }
        if (header.snapshotCount() > 0 && header.version() < 3) {
            throw new IOException("Can't resize a v2 image which has snapshots");
        }
        long perTable = (long) header.l2Entries() << header.clusterBits();
        long l1Size = Bytes.divideUp(size, perTable);
        if (l1Size > Qcow2Header.MAX_L1_BYTES / 8) {
            throw new IOException("Failed to grow the L1 table: a disk of " + size + " bytes needs larger clusters");
        }
        List<BitmapEditor.Kept> bitmaps = new BitmapEditor(file).takeAll(size);
        if (l1Size > header.l1Size()) {
            (bitmaps.isEmpty() ? tables : new Qcow2Tables(file)).growL1((int) l1Size);
        }
        if (size < header.size()) {
            file.flush();
            writeSize(size);
            cut(size, header.size());
        } else if (size > header.size()) {
            grow(header.size(), size, preallocation);
        }
        BitmapEditor.putBack(file, bitmaps);
    }

    /** Gives up the clusters of the disk's former end. */
    private void cut(long from, long to) throws IOException {
        Qcow2Header header = Qcow2Header.read(file);
        Qcow2Files all = Qcow2Driver.openFiles(file, header, files, true);
        Qcow2Image image = Qcow2Image.open(all, header.withSize(to), ImageOptions.WRITABLE.withUnmap(true));
        image.drop(from);
        if (all.hasOtherData()) {
            all.stored().truncate(from);
        }
        image.closeTables();
        new Qcow2Tables(file).shorten();
    }

    /** The disk's new end reads as zeros, though old content or the backing image may have been there. */
    private void grow(long from, long to, Preallocation preallocation) throws IOException {
        Qcow2Header header = Qcow2Header.read(file).withSize(to);
        long start = preallocation == Preallocation.OFF ? to
                : Math.min(to, Bytes.roundUp(from, header.clusterSize()));
        clear(header, from, start);
        if (start < to) {
            Qcow2Files all = Qcow2Driver.openFiles(file, header, files, true);
            try {
                Qcow2Preallocator.extend(all, Qcow2Header.read(file).withSize(to), preallocation, start);
            } finally {
                all.closeOthers();
            }
        }
        file.flush();
        writeSize(to);
    }

    private void writeSize(long size) throws IOException {
        Bytes.writeLong(file, Qcow2Header.SIZE_FIELD, size);
        file.flush();
    }

    /** Makes what there is up to {@code to} zeros, and leaves nothing after it. */
    private void clear(Qcow2Header header, long from, long to) throws IOException {
        Qcow2Files all = Qcow2Driver.openFiles(file, header, files, true);
        if (all.hasOtherData()) {
            all.stored().truncate(header.size());
        }
        Qcow2Image image = Qcow2Image.open(all, header, ImageOptions.WRITABLE.withUnmap(true));
        image.writeZeroes(from, Math.min(to, image.capacity()) - from, true);
        image.drop(to);
        image.closeTables();
    }
}

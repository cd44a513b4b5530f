package jkvm.host.image;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jkvm.host.disk.BlockFile;
import jkvm.host.disk.DiskImage;
import jkvm.host.disk.ForwardingFile;
import jkvm.host.disk.ImageFormat;

/**
 * The file of a raw image whose format nobody told: the guest must not write a header into its first sector that makes
 * it an image of another kind, the next time it is opened. Such a write fails, as on QEMU; all others pass.
 */
final class GuardedFile extends ForwardingFile {
    private static final int GUARDED = DiskImage.SECTOR_SIZE;

    /** Two writes to parts of the first sector are looked at one after the other. */
    private final Object firstSector = new Object();

    GuardedFile(BlockFile file) {
        super(file);
    }

    @Override
    public void write(long position, MemorySegment memory, long at, long length) throws IOException {
        if (position >= GUARDED || length == 0) {
            file.write(position, memory, at, length);
            return;
        }
        synchronized (firstSector) {
            refuseHeader(position, memory, at, length);
            file.write(position, memory, at, length);
        }
    }

    /** Looks at the first sector as it would be. */
    private void refuseHeader(long position, MemorySegment memory, long at, long length) throws IOException {
        byte[] sector = new byte[GUARDED];
        file.read(0, MemorySegment.ofArray(sector));
        int count = (int) Math.min(length, GUARDED - position);
        MemorySegment.copy(memory, ValueLayout.JAVA_BYTE, at, sector, (int) position, count);
        if (Formats.probe(new SectorFile(sector)) != ImageFormat.RAW) {
            throw new IOException("write " + name() + ": the first sector would make this raw image one of another"
                    + " format; name the format raw to write there");
        }
    }
}

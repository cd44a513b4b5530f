package jkvm.bios.disk;

import jkvm.bios.BootDisk;

/** A disk in memory, which is busy once for each request if a test wants so. */
final class FakeDisk implements BootDisk {
    private final byte[] content;
    private final int sectorSize;
    private boolean isReadOnly;
    private boolean isSlow;
    private boolean wasBusy;

    FakeDisk(int sectors, int sectorSize) {
        content = new byte[sectors * sectorSize];
        this.sectorSize = sectorSize;
        for (int i = 0; i < content.length; i++) {
            content[i] = (byte) (i / sectorSize);
        }
    }

    FakeDisk slow() {
        isSlow = true;
        return this;
    }

    FakeDisk readOnly() {
        isReadOnly = true;
        return this;
    }

    /** Loses what is under way. */
    void forget() {
        wasBusy = false;
    }

    byte[] content() {
        return content;
    }

    @Override
    public long sectors() {
        return content.length / sectorSize;
    }

    @Override
    public int sectorSize() {
        return sectorSize;
    }

    @Override
    public boolean isReadOnly() {
        return isReadOnly;
    }

    @Override
    public boolean isRemovable() {
        return false;
    }

    @Override
    public boolean takeChange() {
        return false;
    }

    private Status status(long sector, int count) {
        if (sector < 0 || sector > sectors() || count > sectors() - sector) {
            return Status.OUT_OF_RANGE;
        }
        wasBusy = isSlow && !wasBusy;
        return wasBusy ? Status.BUSY : Status.DONE;
    }

    @Override
    public Status read(long sector, int count, byte[] target) {
        Status status = status(sector, count);
        if (status == Status.DONE) {
            System.arraycopy(content, (int) sector * sectorSize, target, 0, count * sectorSize);
        }
        return status;
    }

    @Override
    public Status write(long sector, int count, byte[] source) {
        Status status = isReadOnly ? Status.READ_ONLY : status(sector, count);
        if (status == Status.DONE) {
            System.arraycopy(source, 0, content, (int) sector * sectorSize, count * sectorSize);
        }
        return status;
    }
}

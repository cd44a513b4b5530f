package jkvm.bios.disk;

import jkvm.bios.BootDisk;

/** The boot image of a CD as a disk with sectors of 512 bytes, which cannot be written. */
final class EmulatedDisk implements BootDisk {
    private static final int SECTOR_SIZE = 512;
    private static final int SECTORS_OF_A_BLOCK = BootCatalog.BLOCK_SIZE / SECTOR_SIZE;

    private final BootDisk cd;
    private final long firstBlock;

    EmulatedDisk(BootDisk cd, long firstBlock) {
        this.cd = cd;
        this.firstBlock = firstBlock;
    }

    @Override
    public long sectors() {
        return Math.max(0, cd.sectors() - firstBlock) * SECTORS_OF_A_BLOCK;
    }

    @Override
    public int sectorSize() {
        return SECTOR_SIZE;
    }

    @Override
    public boolean isReadOnly() {
        return true;
    }

    @Override
    public boolean isRemovable() {
        return cd.isRemovable();
    }

    @Override
    public boolean takeChange() {
        return cd.takeChange();
    }

    @Override
    public Status read(long sector, int count, byte[] target) {
        long block = sector / SECTORS_OF_A_BLOCK;
        int before = (int) (sector % SECTORS_OF_A_BLOCK);
        int blocks = (before + count + SECTORS_OF_A_BLOCK - 1) / SECTORS_OF_A_BLOCK;
        byte[] whole = new byte[blocks * BootCatalog.BLOCK_SIZE];
        Status status = cd.read(firstBlock + block, blocks, whole);
        if (status == Status.DONE) {
            System.arraycopy(whole, before * SECTOR_SIZE, target, 0, count * SECTOR_SIZE);
        }
        return status;
    }

    @Override
    public Status write(long sector, int count, byte[] source) {
        return Status.READ_ONLY;
    }
}

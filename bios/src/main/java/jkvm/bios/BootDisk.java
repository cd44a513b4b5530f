package jkvm.bios;

/**
 * A disk as the services of INT 13h use it. Reads and writes are done by another thread: the first call of one begins
 * it and answers {@link Status#BUSY}, and so does each further call with the same arguments until it is complete; the
 * machine then rings the {@link Alarm}. A call with other arguments drops the result of the one before. On a vCPU's
 * thread.
 */
public interface BootDisk {

    /** How a request ends. */
    enum Status {
        /** Complete. */
        DONE,
        /** Under way. */
        BUSY,
        /** The host could not do it. */
        ERROR,
        /** It reaches beyond the end. */
        OUT_OF_RANGE,
        /** Writing is not allowed. */
        READ_ONLY,
        /** There is no medium in the drive. */
        NO_MEDIUM
    }

    /** Its size in sectors; 0 without a medium. */
    long sectors();

    /** 512, or 2048 of a CD. */
    int sectorSize();

    /** True if guests may not write to it. */
    boolean isReadOnly();

    /** True if the medium can be changed. */
    boolean isRemovable();

    /** True once after another medium was put in. */
    boolean takeChange();

    /**
     * Reads sectors.
     *
     * @param target gets them when the answer is {@link Status#DONE}; at least as long as they are
     */
    Status read(long sector, int count, byte[] target);

    /**
     * Writes sectors.
     *
     * @param source has them, at each call
     */
    Status write(long sector, int count, byte[] source);
}

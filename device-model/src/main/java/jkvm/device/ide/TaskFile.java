package jkvm.device.ide;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers of a drive (ATA-6 section 7). Count and address have two bytes each: writing one moves the byte that
 * was there into the high half, which 48-bit commands use. Its owner guards it.
 */
final class TaskFile {
    static final int DATA = 0;
    static final int ERROR = 1;
    static final int FEATURES = 1;
    static final int COUNT = 2;
    static final int LBA_LOW = 3;
    static final int LBA_MID = 4;
    static final int LBA_HIGH = 5;
    static final int DEVICE = 6;
    static final int STATUS = 7;
    static final int COMMAND = 7;
    static final int REGISTERS = 8;

    static final int BSY = 0x80;
    static final int DRDY = 0x40;
    static final int DSC = 0x10;
    static final int DRQ = 0x08;
    static final int ERR = 0x01;

    static final int UNC = 0x40;
    static final int MC = 0x20;
    static final int IDNF = 0x10;
    static final int ABRT = 0x04;
    /** The code of a drive that has passed its diagnostic. */
    static final int DIAGNOSTIC_PASSED = 0x01;

    static final int LBA_BIT = 0x40;
    static final int DEVICE_1_BIT = 0x10;
    static final int OBSOLETE_BITS = 0xA0;
    private static final int HEAD_MASK = 0x0F;
    private static final int STATE_VERSION = 1;

    private final int[] low = new int[REGISTERS];
    private final int[] high = new int[REGISTERS];
    private int status;
    private int error;

    /** The host writes a register, 1 to 6. */
    void write(int register, int value) {
        high[register] = low[register];
        low[register] = value & 0xFF;
    }

    /** A register as it was written last, 1 to 6. */
    int get(int register) {
        return low[register];
    }

    /** Its value before that. */
    int previous(int register) {
        return high[register];
    }

    /** The drive sets a register. */
    void set(int register, int value) {
        low[register] = value & 0xFF;
    }

    int status() {
        return status;
    }

    void status(int value) {
        status = value;
    }

    int error() {
        return error;
    }

    void error(int value) {
        error = value;
    }

    void device(int value) {
        low[DEVICE] = value & 0xFF;
    }

    /** True where the address is a block's number, and not cylinder, head and sector. */
    boolean isLba() {
        return (low[DEVICE] & LBA_BIT) != 0;
    }

    int head() {
        return low[DEVICE] & HEAD_MASK;
    }

    int cylinder() {
        return low[LBA_HIGH] << 8 | low[LBA_MID];
    }

    /** The count, in which 0 stands for the largest number. */
    int count(boolean isWide) {
        if (isWide) {
            int count = high[COUNT] << 8 | low[COUNT];
            return count == 0 ? 0x10000 : count;
        }
        return low[COUNT] == 0 ? 0x100 : low[COUNT];
    }

    /** A 28-bit or 48-bit address. */
    long lba(boolean isWide) {
        long first = (long) low[LBA_HIGH] << 16 | low[LBA_MID] << 8 | low[LBA_LOW];
        return isWide ? first | ((long) high[LBA_HIGH] << 16 | high[LBA_MID] << 8 | high[LBA_LOW]) << 24
                : first | (long) head() << 24;
    }

    void lba(long address, boolean isWide) {
        set(LBA_LOW, (int) address);
        set(LBA_MID, (int) (address >> 8));
        set(LBA_HIGH, (int) (address >> 16));
        if (isWide) {
            high[LBA_LOW] = (int) (address >> 24) & 0xFF;
            high[LBA_MID] = (int) (address >> 32) & 0xFF;
            high[LBA_HIGH] = (int) (address >> 40) & 0xFF;
        } else {
            low[DEVICE] = low[DEVICE] & ~HEAD_MASK | (int) (address >> 24) & HEAD_MASK;
        }
    }

    void chs(int cylinder, int head, int sector) {
        set(LBA_LOW, sector);
        set(LBA_MID, cylinder);
        set(LBA_HIGH, cylinder >> 8);
        low[DEVICE] = low[DEVICE] & ~HEAD_MASK | head & HEAD_MASK;
    }

    /**
     * The values by which a drive says after a reset what it is.
     *
     * @param cylinder 0 for a disk, EB14h for one that takes packets
     */
    void signature(int cylinder) {
        low[COUNT] = 1;
        low[LBA_LOW] = 1;
        low[LBA_MID] = cylinder & 0xFF;
        low[LBA_HIGH] = cylinder >> 8;
        low[DEVICE] = low[DEVICE] & ~HEAD_MASK & ~LBA_BIT | OBSOLETE_BITS;
        high[COUNT] = 0;
        high[LBA_LOW] = 0;
        high[LBA_MID] = 0;
        high[LBA_HIGH] = 0;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        for (int i = 0; i < REGISTERS; i++) {
            out.putInt("register", high[i] << 8 | low[i]);
        }
        out.putInt("status", status);
        out.putInt("error", error);
    }

    void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        for (int i = 0; i < REGISTERS; i++) {
            int both = in.getInt("register", 0, 0xFFFF);
            high[i] = both >> 8;
            low[i] = both & 0xFF;
        }
        status = in.getInt("status", 0, 0xFF);
        error = in.getInt("error", 0, 0xFF);
    }
}

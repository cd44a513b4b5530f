package jkvm.device.e1000;

/**
 * The statistics registers: counters that stop at their greatest value, and read as what they have counted since
 * they were last read. Guarded by the device's lock.
 */
final class Statistics {
    static final int MPC_OFFSET = 0x4010;
    static final int PRC64_OFFSET = 0x405C;
    static final int GPRC_OFFSET = 0x4074;
    static final int BPRC_OFFSET = 0x4078;
    static final int MPRC_OFFSET = 0x407C;
    static final int GPTC_OFFSET = 0x4080;
    static final int GORCL_OFFSET = 0x4088;
    static final int GOTCL_OFFSET = 0x4090;
    static final int RNBC_OFFSET = 0x40A0;
    static final int RUC_OFFSET = 0x40A4;
    static final int ROC_OFFSET = 0x40AC;
    static final int TORL_OFFSET = 0x40C0;
    static final int TOTL_OFFSET = 0x40C8;
    static final int TPR_OFFSET = 0x40D0;
    static final int TPT_OFFSET = 0x40D4;
    static final int PTC64_OFFSET = 0x40D8;
    static final int MPTC_OFFSET = 0x40F0;
    static final int BPTC_OFFSET = 0x40F4;
    static final int TSCTC_OFFSET = 0x40F8;
    static final int TSCTFC_OFFSET = 0x40FC;
    private static final int END_OFFSET = 0x4100;
    private static final int FCS_SIZE = 4;

    private final RegisterFile registers;

    Statistics(RegisterFile registers) {
        this.registers = registers;
    }

    static boolean isStatistic(int offset) {
        return offset >= RegisterMap.STATISTICS_OFFSET && offset < END_OFFSET;
    }

    /** Reads and clears. The high half of a 64-bit counter clears both, the low half none. */
    int read(int offset) {
        int value = registers.get(offset);
        if (!isLowHalf(offset)) {
            registers.set(offset, 0);
            if (isLowHalf(offset - Integer.BYTES)) {
                registers.set(offset - Integer.BYTES, 0);
            }
        }
        return value;
    }

    private static boolean isLowHalf(int offset) {
        return offset == GORCL_OFFSET || offset == GOTCL_OFFSET || offset == TORL_OFFSET || offset == TOTL_OFFSET;
    }

    void count(int offset) {
        int value = registers.get(offset);
        if (value != -1) {
            registers.set(offset, value + 1);
        }
    }

    private void add(int lowOffset, int amount) {
        long value = registers.get(lowOffset) & 0xFFFFFFFFL | (long) registers.get(lowOffset + Integer.BYTES) << 32;
        long sum = Long.compareUnsigned(value + amount, value) < 0 ? -1 : value + amount;
        registers.set(lowOffset, (int) sum);
        registers.set(lowOffset + Integer.BYTES, (int) (sum >>> 32));
    }

    /**
     * Counts a frame by its length.
     *
     * @param firstOffset of the six registers for frames of 64 to 1522 bytes
     */
    private void countLength(int firstOffset, int length) {
        int index = length <= 64 ? 0 : Math.min(5, 26 - Integer.numberOfLeadingZeros(length));
        count(firstOffset + index * Integer.BYTES);
    }

    /**
     * A frame was sent.
     *
     * @param length without its checksum
     */
    void sent(int length, boolean multicast, boolean broadcast) {
        int total = length + FCS_SIZE;
        count(TPT_OFFSET);
        count(GPTC_OFFSET);
        add(TOTL_OFFSET, total);
        add(GOTCL_OFFSET, total);
        countLength(PTC64_OFFSET, total);
        if (broadcast) {
            count(BPTC_OFFSET);
        } else if (multicast) {
            count(MPTC_OFFSET);
        }
    }

    /**
     * A frame was stored.
     *
     * @param total its length with its checksum
     */
    void received(int total, boolean multicast, boolean broadcast) {
        count(TPR_OFFSET);
        count(GPRC_OFFSET);
        add(TORL_OFFSET, total);
        add(GORCL_OFFSET, total);
        countLength(PRC64_OFFSET, total);
        if (broadcast) {
            count(BPRC_OFFSET);
        } else if (multicast) {
            count(MPRC_OFFSET);
        }
    }
}

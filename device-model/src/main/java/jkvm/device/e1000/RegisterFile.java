package jkvm.device.e1000;

import java.nio.ByteBuffer;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers that hold what is written to them, and those that the device alone writes. A register that is not
 * defined here reads 0 and keeps nothing. Guarded by the device's lock.
 */
final class RegisterFile {
    private static final int END = 0xA000;
    private static final int WORDS = END / Integer.BYTES;
    private static final int ALL = -1;
    private static final int BITS_16 = 0xFFFF;

    private final int[] values = new int[WORDS];
    private final int[] defaults = new int[WORDS];
    private final int[] writable = new int[WORDS];

    RegisterFile() {
        define(RegisterMap.CTRL_OFFSET, RegisterMap.DEFAULT_CTRL,
                ~(RegisterMap.CTRL_RST_BIT | RegisterMap.CTRL_PHY_RST_BIT));
        define(RegisterMap.STATUS_OFFSET, RegisterMap.DEFAULT_STATUS, 0);
        define(RegisterMap.LEDCTL_OFFSET, RegisterMap.DEFAULT_LEDCTL, ALL);
        define(RegisterMap.PBA_OFFSET, RegisterMap.DEFAULT_PBA, BITS_16);
        define(RegisterMap.VET_OFFSET, RegisterMap.DEFAULT_VET, BITS_16);
        for (int offset : new int[] {RegisterMap.CTRL_EXT_OFFSET, RegisterMap.FCAL_OFFSET, RegisterMap.FCAH_OFFSET,
                RegisterMap.FCT_OFFSET, RegisterMap.RCTL_OFFSET, RegisterMap.FCTTV_OFFSET, RegisterMap.TXCW_OFFSET,
                RegisterMap.TCTL_OFFSET, RegisterMap.TIPG_OFFSET, RegisterMap.AIT_OFFSET, RegisterMap.FCRTL_OFFSET,
                RegisterMap.FCRTH_OFFSET, RegisterMap.RXDCTL_OFFSET, RegisterMap.TXDMAC_OFFSET,
                RegisterMap.TXDCTL_OFFSET, RegisterMap.TSPMT_OFFSET, RegisterMap.RXCSUM_OFFSET, RegisterMap.WUC_OFFSET,
                RegisterMap.WUFC_OFFSET, RegisterMap.WUS_OFFSET, RegisterMap.MANC_OFFSET, RegisterMap.IPAV_OFFSET,
                RegisterMap.WUPL_OFFSET}) {
            define(offset, 0, ALL);
        }
        define(RegisterMap.RSRPD_OFFSET, 0, 0xFFF);
        defineAll(RegisterMap.RDFH_OFFSET, 5, 2, BITS_16);
        defineAll(RegisterMap.TDFH_OFFSET, 5, 2, BITS_16);
        defineAll(RegisterMap.MTA_OFFSET, RegisterMap.TABLE_WORDS, 1, ALL);
        defineAll(RegisterMap.RAL_OFFSET, 2 * RegisterMap.ADDRESSES, 1, ALL);
        defineAll(RegisterMap.VFTA_OFFSET, RegisterMap.TABLE_WORDS, 1, ALL);
        defineAll(RegisterMap.IP4AT_OFFSET, 4, 2, ALL);
        defineAll(RegisterMap.IP6AT_OFFSET, 4, 1, ALL);
        defineAll(RegisterMap.WUPM_OFFSET, 32, 1, ALL);
        defineAll(RegisterMap.FFLT_OFFSET, 4, 2, ALL);
        defineAll(RegisterMap.FFMT_OFFSET, 128, 2, ALL);
        defineAll(RegisterMap.FFVT_OFFSET, 128, 2, ALL);
        reset();
    }

    private void define(int offset, int value, int writableBits) {
        defaults[offset >> 2] = value;
        writable[offset >> 2] = writableBits;
    }

    /** @param step words from one to the next */
    private void defineAll(int offset, int count, int step, int writableBits) {
        for (int i = 0; i < count; i++) {
            define(offset + i * step * Integer.BYTES, 0, writableBits);
        }
    }

    void reset() {
        System.arraycopy(defaults, 0, values, 0, WORDS);
    }

    /** @param offset a multiple of four */
    int get(int offset) {
        return offset < END ? values[offset >> 2] : 0;
    }

    /** Sets a register whatever the guest may do to it. */
    void set(int offset, int value) {
        values[offset >> 2] = value;
    }

    /**
     * The guest writes.
     *
     * @param offset a multiple of four
     */
    void write(int offset, int value) {
        if (offset < END) {
            int index = offset >> 2;
            values[index] = values[index] & ~writable[index] | value & writable[index];
        }
    }

    void save(StateWriter out) {
        ByteBuffer bytes = ByteBuffer.allocate(END);
        bytes.asIntBuffer().put(values);
        out.putBytes("registers", bytes.array());
    }

    void load(StateReader in) {
        ByteBuffer.wrap(in.getBytes("registers", END)).asIntBuffer().get(values);
    }
}

package jkvm.device.e1000;

import java.nio.ByteBuffer;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers that hold what is written to them, and those that the device alone writes. What is not defined here
 * reads 0 and keeps nothing. Guarded by the device's lock.
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
        define(Registers.CTRL_OFFSET, Registers.DEFAULT_CTRL, ~(Registers.CTRL_RST_BIT | Registers.CTRL_PHY_RST_BIT));
        define(Registers.STATUS_OFFSET, Registers.DEFAULT_STATUS, 0);
        define(Registers.LEDCTL_OFFSET, Registers.DEFAULT_LEDCTL, ALL);
        define(Registers.PBA_OFFSET, Registers.DEFAULT_PBA, BITS_16);
        define(Registers.VET_OFFSET, Registers.DEFAULT_VET, BITS_16);
        for (int offset : new int[] {Registers.CTRL_EXT_OFFSET, Registers.FCAL_OFFSET, Registers.FCAH_OFFSET,
                Registers.FCT_OFFSET, Registers.RCTL_OFFSET, Registers.FCTTV_OFFSET, Registers.TXCW_OFFSET,
                Registers.TCTL_OFFSET, Registers.TIPG_OFFSET, Registers.AIT_OFFSET, Registers.FCRTL_OFFSET,
                Registers.FCRTH_OFFSET, Registers.RXDCTL_OFFSET, Registers.TXDMAC_OFFSET, Registers.TXDCTL_OFFSET,
                Registers.TSPMT_OFFSET, Registers.RXCSUM_OFFSET, Registers.WUC_OFFSET, Registers.WUFC_OFFSET,
                Registers.WUS_OFFSET, Registers.MANC_OFFSET, Registers.IPAV_OFFSET, Registers.WUPL_OFFSET}) {
            define(offset, 0, ALL);
        }
        define(Registers.RSRPD_OFFSET, 0, 0xFFF);
        defineAll(Registers.RDFH_OFFSET, 5, 2, BITS_16);
        defineAll(Registers.TDFH_OFFSET, 5, 2, BITS_16);
        defineAll(Registers.MTA_OFFSET, Registers.TABLE_WORDS, 1, ALL);
        defineAll(Registers.RAL_OFFSET, 2 * Registers.ADDRESSES, 1, ALL);
        defineAll(Registers.VFTA_OFFSET, Registers.TABLE_WORDS, 1, ALL);
        defineAll(Registers.IP4AT_OFFSET, 4, 2, ALL);
        defineAll(Registers.IP6AT_OFFSET, 4, 1, ALL);
        defineAll(Registers.WUPM_OFFSET, 32, 1, ALL);
        defineAll(Registers.FFLT_OFFSET, 4, 2, ALL);
        defineAll(Registers.FFMT_OFFSET, 128, 2, ALL);
        defineAll(Registers.FFVT_OFFSET, 128, 2, ALL);
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

    /** The guest writes. @param offset a multiple of four */
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

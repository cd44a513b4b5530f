package jkvm.device.scsi;

import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The reason of the last CHECK CONDITION, in the fixed format (SPC-3 section 4.5.3). */
final class Sense {
    static final int NO_SENSE = 0x0;
    static final int NOT_READY = 0x2;
    static final int MEDIUM_ERROR = 0x3;
    static final int ILLEGAL_REQUEST = 0x5;
    static final int UNIT_ATTENTION = 0x6;
    static final int DATA_PROTECT = 0x7;

    static final int WRITE_ERROR = 0x0C00;
    static final int UNRECOVERED_READ_ERROR = 0x1100;
    static final int PARAMETER_LIST_LENGTH_ERROR = 0x1A00;
    static final int INVALID_OPERATION = 0x2000;
    static final int BLOCK_OUT_OF_RANGE = 0x2100;
    static final int INVALID_FIELD_IN_CDB = 0x2400;
    static final int UNIT_NOT_SUPPORTED = 0x2500;
    static final int INVALID_FIELD_IN_PARAMETERS = 0x2600;
    static final int WRITE_PROTECTED = 0x2700;
    static final int MEDIUM_MAY_HAVE_CHANGED = 0x2800;
    static final int POWER_ON_OR_RESET = 0x2900;
    static final int INCOMPATIBLE_FORMAT = 0x3000;
    static final int SAVING_NOT_SUPPORTED = 0x3900;
    static final int MEDIUM_NOT_PRESENT = 0x3A00;
    static final int MEDIA_REMOVAL_PREVENTED = 0x5302;

    static final int SIZE = 18;
    /** The current command's, in the fixed format, with the bit that makes the field of information valid. */
    private static final int CURRENT_FIXED = 0xF0;
    private static final int STATE_VERSION = 1;

    private int key;
    private int code;

    /** @param newCode additional sense code, and its qualifier in the low byte */
    void set(int newKey, int newCode) {
        key = newKey;
        code = newCode;
    }

    void clear() {
        set(NO_SENSE, 0);
    }

    int key() {
        return key;
    }

    /** Puts it into an array. */
    int put(byte[] to) {
        Arrays.fill(to, 0, SIZE, (byte) 0);
        to[0] = (byte) CURRENT_FIXED;
        to[2] = (byte) key;
        to[7] = SIZE - 8;
        to[12] = (byte) (code >> Byte.SIZE);
        to[13] = (byte) code;
        return SIZE;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putInt("key", key);
        out.putInt("code", code);
    }

    void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        key = in.getInt("key", 0, 0xF);
        code = in.getInt("code", 0, 0xFFFF);
    }
}

package jkvm.device.ide;

import java.util.Arrays;

/**
 * The meaning of a command's code.
 *
 * @param isWide     with a 48-bit address and a count of two bytes
 * @param isDma      the bus master moves the data
 * @param isMultiple several sectors between two interrupts
 */
record AtaOperation(Kind kind, boolean isWide, boolean isDma, boolean isMultiple) {
    private static final int CODES = 256;
    private static final AtaOperation UNKNOWN = plain(Kind.UNKNOWN);
    private static final AtaOperation[] ALL = table();

    /** The action. */
    enum Kind {
        READ, WRITE, VERIFY, SEEK, IDENTIFY, FLUSH, TRIM, SET_FEATURES, SET_MULTIPLE, INITIALIZE_PARAMETERS,
        NATIVE_MAX, SMART, CHECK_POWER,
        /** Succeeds and does nothing: power conditions, calibration. */
        NOTHING,
        UNKNOWN
    }

    static AtaOperation of(int code) {
        return ALL[code];
    }

    private static AtaOperation plain(Kind kind) {
        return new AtaOperation(kind, false, false, false);
    }

    private static AtaOperation[] table() {
        AtaOperation[] all = new AtaOperation[CODES];
        Arrays.fill(all, UNKNOWN);
        fill(all, new AtaOperation(Kind.READ, false, false, false), 0x20, 0x21);
        fill(all, new AtaOperation(Kind.READ, true, false, false), 0x24);
        fill(all, new AtaOperation(Kind.READ, true, true, false), 0x25);
        fill(all, new AtaOperation(Kind.READ, true, false, true), 0x29);
        fill(all, new AtaOperation(Kind.READ, false, false, true), 0xC4);
        fill(all, new AtaOperation(Kind.READ, false, true, false), 0xC8, 0xC9);
        fill(all, new AtaOperation(Kind.WRITE, false, false, false), 0x30, 0x31, 0x38, 0x3C);
        fill(all, new AtaOperation(Kind.WRITE, true, false, false), 0x34);
        fill(all, new AtaOperation(Kind.WRITE, true, true, false), 0x35);
        fill(all, new AtaOperation(Kind.WRITE, true, false, true), 0x39);
        fill(all, new AtaOperation(Kind.WRITE, false, false, true), 0xC5, 0xCD);
        fill(all, new AtaOperation(Kind.WRITE, false, true, false), 0xCA, 0xCB);
        fill(all, plain(Kind.VERIFY), 0x40, 0x41);
        fill(all, new AtaOperation(Kind.VERIFY, true, false, false), 0x42);
        fill(all, plain(Kind.NATIVE_MAX), 0xF8);
        fill(all, new AtaOperation(Kind.NATIVE_MAX, true, false, false), 0x27);
        for (int i = 0; i < 0x10; i++) {
            fill(all, plain(Kind.NOTHING), 0x10 + i);
            fill(all, plain(Kind.SEEK), 0x70 + i);
        }
        fill(all, plain(Kind.NOTHING), 0x94, 0x95, 0x96, 0x97, 0x99, 0xE0, 0xE1, 0xE2, 0xE3, 0xE6);
        fill(all, plain(Kind.CHECK_POWER), 0x98, 0xE5);
        fill(all, plain(Kind.FLUSH), 0xE7, 0xEA);
        fill(all, plain(Kind.TRIM), 0x06);
        fill(all, plain(Kind.INITIALIZE_PARAMETERS), 0x91);
        fill(all, plain(Kind.SMART), 0xB0);
        fill(all, plain(Kind.SET_MULTIPLE), 0xC6);
        fill(all, plain(Kind.IDENTIFY), 0xEC);
        fill(all, plain(Kind.SET_FEATURES), 0xEF);
        return all;
    }

    private static void fill(AtaOperation[] all, AtaOperation operation, int... codes) {
        for (int code : codes) {
            all[code] = operation;
        }
    }
}

package jkvm.device.ide;

/** Two places for drives, which take in all writes to the command block together. Guarded by the channel. */
final class IdeCable {
    static final int PLACES = 2;

    private final AtaUnit[] units = new AtaUnit[PLACES];
    private int selected;

    void plug(int place, AtaUnit drive) {
        units[place] = drive;
    }

    /** The drive there, or null. */
    AtaUnit unit(int place) {
        return units[place];
    }

    /** The place that the guest has chosen. */
    int selected() {
        return selected;
    }

    void select(int place) {
        selected = place;
    }

    /** The chosen drive, or null. */
    AtaUnit selectedUnit() {
        return units[selected];
    }

    /** @param isHighOrder the guest asks for the bytes that were written before the last ones */
    int read(int register, boolean isHighOrder) {
        AtaUnit unit = units[selected];
        if (unit == null) {
            return emptyPlace(register);
        }
        if (register == TaskFile.STATUS) {
            return unit.file.status();
        }
        if (register == TaskFile.ERROR) {
            return unit.file.error();
        }
        return isHighOrder && register != TaskFile.DEVICE ? unit.file.previous(register) : unit.file.get(register);
    }

    /** The other drive answers for one that is not there; the status of none reads as zero. */
    private int emptyPlace(int register) {
        AtaUnit other = units[1 - selected];
        if (other == null || register == TaskFile.STATUS || register == TaskFile.ERROR) {
            return 0;
        }
        int value = other.file.get(register);
        return register == TaskFile.DEVICE ? value ^ TaskFile.DEVICE_1_BIT : value;
    }

    /** Writes any register but the command's. */
    void write(int register, int value) {
        for (int i = 0; i < PLACES; i++) {
            if (units[i] != null) {
                if (register == TaskFile.DEVICE) {
                    units[i].file.device(value & ~TaskFile.DEVICE_1_BIT | TaskFile.OBSOLETE_BITS
                            | i * TaskFile.DEVICE_1_BIT);
                } else {
                    units[i].file.write(register, value);
                }
            }
        }
        if (register == TaskFile.DEVICE) {
            selected = (value & TaskFile.DEVICE_1_BIT) != 0 ? 1 : 0;
        }
    }

    /** Sets the status of both drives. */
    void status(int bits) {
        for (AtaUnit unit : units) {
            if (unit != null) {
                unit.file.status(bits);
            }
        }
    }

    void softReset() {
        selected = 0;
        for (int i = 0; i < PLACES; i++) {
            if (units[i] != null) {
                units[i].softReset();
                units[i].file.device(TaskFile.OBSOLETE_BITS | i * TaskFile.DEVICE_1_BIT);
            }
        }
    }

    void powerOn() {
        for (AtaUnit unit : units) {
            if (unit != null) {
                unit.powerOn();
            }
        }
        softReset();
        status(AtaUnit.READY);
    }
}

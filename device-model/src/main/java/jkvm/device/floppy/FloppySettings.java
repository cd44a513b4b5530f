package jkvm.device.floppy;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** What a guest tells the controller by commands that look at no disk, and reads back. The controller guards it. */
final class FloppySettings {
    static final int SPECIFICATION_DONE_BIT = 0x80;
    private static final int SPECIFICATION_NO_RESULT_BIT = 0x40;
    private static final int NO_DMA_BIT = 0x01;
    private static final int LOCK_BIT = 0x80;
    private static final int LOCKED_RESULT = 0x10;
    private static final int VERSION_82078 = 0x90;
    private static final int PART_ID = 0x41;
    /** Implied seeks, and no FIFO. */
    private static final int DEFAULT_CONFIGURATION = 0x60;
    private static final int NO_FIFO_BIT = 0x20;
    /** Implied seeks and no polling: a software reset leaves them. */
    private static final int KEPT_MASK = 0x50;
    private static final int SPECIFICATION_SIZE = 4;

    /** Step rate and head unload time; head load time and the bit for no DMA. */
    private int stepRate;
    private int loadTime;
    private int configuration = DEFAULT_CONFIGURATION;
    private int precompensation;
    private int powerDown;
    private boolean isLocked;

    boolean wantsDma() {
        return (loadTime & NO_DMA_BIT) == 0;
    }

    void powerOn() {
        stepRate = 0;
        loadTime = 0;
        configuration = DEFAULT_CONFIGURATION;
        precompensation = 0;
        powerDown = 0;
        isLocked = false;
    }

    /** A reset by the guest, from which LOCK protects. */
    void reset() {
        if (!isLocked) {
            configuration = configuration & KEPT_MASK | NO_FIFO_BIT;
            precompensation = 0;
        }
    }

    /**
     * Carries out a command.
     *
     * @param length of the command
     * @param result takes the answer
     * @return the answer's bytes
     */
    int carryOut(FloppyCommand code, byte[] command, int length, byte[] result) {
        switch (code) {
            case SPECIFY -> {
                stepRate = command[1] & 0xFF;
                loadTime = command[2] & 0xFF;
                return 0;
            }
            case CONFIGURE -> {
                configuration = command[2] & 0xFF;
                precompensation = command[3] & 0xFF;
                return 0;
            }
            case LOCK -> {
                isLocked = (command[0] & LOCK_BIT) != 0;
                result[0] = (byte) (isLocked ? LOCKED_RESULT : 0);
            }
            case VERSION -> result[0] = (byte) VERSION_82078;
            case PART_ID -> result[0] = PART_ID;
            case POWER_DOWN -> {
                powerDown = command[1] & 0xFF;
                result[0] = command[1];
            }
            case DRIVE_SPECIFICATION -> {
                return specify(command, length, result);
            }
            default -> {
                return 0;
            }
        }
        return 1;
    }

    /** Tells the specifications of the four drives, which nothing follows from. */
    private static int specify(byte[] command, int length, byte[] result) {
        if ((command[length - 1] & SPECIFICATION_NO_RESULT_BIT) != 0) {
            return 0;
        }
        for (int i = 0; i < SPECIFICATION_SIZE; i++) {
            result[i] = (byte) i;
        }
        return SPECIFICATION_SIZE;
    }

    private int modes(FloppyDrive selected) {
        return (isLocked ? LOCK_BIT : 0) | selected.perpendicular() << 2;
    }

    private static void putTracks(byte[] result, int at, FloppyDrive[] drives) {
        for (int i = 0; i < drives.length; i++) {
            result[at + i] = (byte) drives[i].track();
        }
    }

    int dump(byte[] result, FloppyDrive[] drives, FloppyDrive selected) {
        putTracks(result, 0, drives);
        result[4] = (byte) stepRate;
        result[5] = (byte) loadTime;
        result[6] = (byte) selected.format().sectors();
        result[7] = (byte) modes(selected);
        result[8] = (byte) configuration;
        result[9] = (byte) precompensation;
        return 10;
    }

    /** What RESTORE takes back, from its third byte on. */
    int saved(byte[] result, FloppyDrive[] drives, FloppyDrive selected) {
        result[0] = 0;
        result[1] = 0;
        putTracks(result, 2, drives);
        result[6] = (byte) stepRate;
        result[7] = (byte) loadTime;
        result[8] = (byte) selected.format().sectors();
        result[9] = (byte) modes(selected);
        result[10] = (byte) configuration;
        result[11] = (byte) precompensation;
        result[12] = (byte) powerDown;
        result[13] = 0;
        result[14] = 0;
        return 15;
    }

    void restore(byte[] command, FloppyDrive[] drives) {
        for (int i = 0; i < drives.length; i++) {
            drives[i].track(command[3 + i] & 0xFF);
        }
        stepRate = command[7] & 0xFF;
        loadTime = command[8] & 0xFF;
        isLocked = (command[10] & LOCK_BIT) != 0;
        configuration = command[11] & 0xFF;
        precompensation = command[12] & 0xFF;
        powerDown = command[13] & 0xFF;
    }

    void save(StateWriter out) {
        out.putInt("step rate", stepRate);
        out.putInt("load time", loadTime);
        out.putInt("configuration", configuration);
        out.putInt("precompensation", precompensation);
        out.putInt("power-down", powerDown);
        out.putBoolean("locked", isLocked);
    }

    void load(StateReader in) {
        stepRate = in.getInt("step rate", 0, 0xFF);
        loadTime = in.getInt("load time", 0, 0xFF);
        configuration = in.getInt("configuration", 0, 0xFF);
        precompensation = in.getInt("precompensation", 0, 0xFF);
        powerDown = in.getInt("power-down", 0, 0xFF);
        isLocked = in.getBoolean("locked");
    }
}

package jkvm.device.ide;

import java.util.Arrays;
import jkvm.device.ide.AtaCommand.Phase;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** What a disk tells of its health: always good (ATA-5 section 8.41). */
final class Smart {
    private static final int STATE_VERSION = 1;
    private static final int READ_DATA = 0xD0;
    private static final int READ_THRESHOLDS = 0xD1;
    private static final int AUTOSAVE = 0xD2;
    private static final int SAVE_ATTRIBUTES = 0xD3;
    private static final int TEST_AT_ONCE = 0xD4;
    private static final int READ_LOG = 0xD5;
    private static final int ENABLE = 0xD8;
    private static final int DISABLE = 0xD9;
    private static final int RETURN_STATUS = 0xDA;
    private static final int KEY_MID = 0x4F;
    private static final int KEY_HIGH = 0xC2;
    private static final int REVISION = 1;
    private static final int ENTRY_SIZE = 12;
    private static final int ERROR_LOG = 0x01;
    private static final int SELF_TEST_LOG = 0x06;
    /** Number, flags, value now, worst value, threshold: errors of reads, starts, sectors moved, hours, temperature. */
    private static final int[][] ATTRIBUTES = {{0x01, 0x03, 100, 100, 6}, {0x04, 0x02, 100, 100, 20},
        {0x05, 0x03, 100, 100, 36}, {0x09, 0x03, 100, 100, 0}, {0x0C, 0x03, 100, 100, 0}, {0xBE, 0x03, 69, 69, 50}};

    private boolean enabled = true;

    void reset() {
        enabled = true;
    }

    /** Begins a command of the disk. */
    void begin(AtaDisk disk) {
        TaskFile file = disk.file;
        int feature = file.get(TaskFile.FEATURES);
        boolean hasKey = file.get(TaskFile.LBA_MID) == KEY_MID && file.get(TaskFile.LBA_HIGH) == KEY_HIGH;
        if (!hasKey || !enabled && feature != ENABLE) {
            disk.command.fail(TaskFile.ABRT);
            return;
        }
        switch (feature) {
            case ENABLE -> enabled = true;
            case DISABLE -> enabled = false;
            // The key stays in the registers where all is well.
            case RETURN_STATUS, AUTOSAVE, SAVE_ATTRIBUTES, TEST_AT_ONCE -> { }
            case READ_DATA -> putTable(disk.command, true);
            case READ_THRESHOLDS -> putTable(disk.command, false);
            case READ_LOG -> putLog(disk.command, file.get(TaskFile.LBA_LOW));
            default -> disk.command.fail(TaskFile.ABRT);
        }
    }

    private static byte[] clean(AtaCommand command) {
        Arrays.fill(command.data(), 0, AtaDisk.SECTOR, (byte) 0);
        return command.data();
    }

    private static void putTable(AtaCommand command, boolean areValues) {
        byte[] data = clean(command);
        data[0] = REVISION;
        for (int i = 0; i < ATTRIBUTES.length; i++) {
            int at = 2 + i * ENTRY_SIZE;
            int[] attribute = ATTRIBUTES[i];
            data[at] = (byte) attribute[0];
            data[at + 1] = (byte) attribute[areValues ? 1 : 4];
            if (areValues) {
                data[at + 3] = (byte) attribute[2];
                data[at + 4] = (byte) attribute[3];
            }
        }
        if (areValues) {
            // Off-line tests: done without an error, none in progress, two minutes for a short one.
            data[362] = 0x02;
            data[367] = 0x1B;
            data[368] = 0x03;
            data[370] = 0x01;
            data[372] = 2;
            data[373] = 54;
        }
        answer(command, data);
    }

    private static void putLog(AtaCommand command, int log) {
        byte[] data = clean(command);
        if (log != 0 && log != ERROR_LOG && log != SELF_TEST_LOG) {
            command.fail(TaskFile.ABRT);
            return;
        }
        data[0] = REVISION;
        if (log == 0) {
            data[2 * ERROR_LOG] = 1;
            data[2 * SELF_TEST_LOG] = 1;
        }
        answer(command, data);
    }

    /** The last byte makes the sum of all zero. */
    private static void answer(AtaCommand command, byte[] data) {
        int sum = 0;
        for (int i = 0; i < AtaDisk.SECTOR - 1; i++) {
            sum += data[i];
        }
        data[AtaDisk.SECTOR - 1] = (byte) -sum;
        command.data(Phase.PIO_IN, AtaDisk.SECTOR);
    }

    boolean isEnabled() {
        return enabled;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("enabled", enabled);
    }

    void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        enabled = in.getBoolean("enabled");
    }
}

package jkvm.device.ide;

import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/** The choices of SET FEATURES: the mode of transfers, the write cache. */
final class AtaFeatures {
    private static final int STATE_VERSION = 1;
    private static final int SET_TRANSFER_MODE = 0x03;
    private static final int MODE_MASK = 0x07;

    private final boolean cachesAtStart;
    private boolean writeCache;
    /** The mode that is set, a bit each, as IDENTIFY shows them in the high byte of words 62, 63 and 88. */
    private int singleWord;
    private int multiWord;
    private int ultra;

    AtaFeatures(boolean writeCache) {
        this.cachesAtStart = writeCache;
        reset();
    }

    void reset() {
        writeCache = cachesAtStart;
        singleWord = 0;
        multiWord = 0;
        ultra = 1 << 5;
    }

    boolean writeCache() {
        return writeCache;
    }

    int singleWord() {
        return singleWord;
    }

    int multiWord() {
        return multiWord;
    }

    int ultra() {
        return ultra;
    }

    /** @return false if there is no such feature */
    boolean set(int feature, int value) {
        switch (feature) {
            case 0x02 -> writeCache = true;
            case 0x82 -> writeCache = false;
            case SET_TRANSFER_MODE -> {
                return setMode(value);
            }
            // Read look-ahead, power and acoustic management, defaults after a reset: nothing depends on them.
            case 0x05, 0x85, 0x42, 0xC2, 0x55, 0xAA, 0x66, 0xCC, 0x67, 0x69, 0x96, 0x9A -> { }
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean setMode(int value) {
        int mode = value & MODE_MASK;
        int kind = value >> 3;
        boolean isDma = kind == 2 || kind == 4 || kind == 8;
        if (!isDma && kind > 1 || isDma && mode > (kind == 8 ? 5 : 2)) {
            return false;
        }
        if (isDma || kind == 0 || kind == 1) {
            singleWord = kind == 2 ? 1 << mode : 0;
            multiWord = kind == 4 ? 1 << mode : 0;
            ultra = kind == 8 ? 1 << mode : 0;
        }
        return true;
    }

    void save(StateWriter out) {
        out.putVersion(STATE_VERSION);
        out.putBoolean("write cache", writeCache);
        out.putInt("single word", singleWord);
        out.putInt("multiword", multiWord);
        out.putInt("ultra", ultra);
    }

    void load(StateReader in) {
        in.getVersion(STATE_VERSION);
        writeCache = in.getBoolean("write cache");
        singleWord = in.getInt("single word", 0, 0xFF);
        multiWord = in.getInt("multiword", 0, 0xFF);
        ultra = in.getInt("ultra", 0, 0xFF);
    }
}

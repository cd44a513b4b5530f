package jkvm.device.vga;

import java.util.Arrays;
import jkvm.state.StateReader;
import jkvm.state.StateWriter;

/**
 * The registers of Bochs' display interface, as QEMU 7.2 has them: modes of any size with 4 to 32 bits a pixel, a
 * virtual screen, the bank of the legacy window. A mode that does not fit into the memory is made to fit. Guarded by
 * the adapter's lock.
 */
final class Dispi {
    static final int ID = 0;
    static final int X_RESOLUTION = 1;
    static final int Y_RESOLUTION = 2;
    static final int BITS = 3;
    static final int ENABLE = 4;
    static final int BANK = 5;
    static final int VIRTUAL_WIDTH = 6;
    static final int VIRTUAL_HEIGHT = 7;
    static final int X_OFFSET = 8;
    static final int Y_OFFSET = 9;
    static final int MEMORY_64K = 10;
    private static final int REGISTERS = 10;
    private static final int REGISTER_MASK = 0xFFFF;

    static final int ENABLED_BIT = 0x01;
    static final int GET_CAPABILITIES_BIT = 0x02;
    static final int EIGHT_BIT_DAC_BIT = 0x20;
    static final int NO_CLEAR_BIT = 0x80;

    static final int FIRST_ID = 0xB0C0;
    static final int LAST_ID = 0xB0C5;
    static final int MAX_WIDTH = 16000;
    static final int MAX_HEIGHT = 12000;
    static final int MAX_BITS = 32;
    static final int BANK_SHIFT = 16;
    private static final int WIDTH_UNIT = 8;

    private final int[] registers = new int[REGISTERS];
    private final int memorySize;
    private final Listener listener;
    private int index;
    private int bankOffset;
    private int lineBytes;
    private int start;

    /** Is told of what the registers act on. */
    interface Listener {
        /** The mode, or a part of it, is another one. */
        void modeChanged();

        /** Clears the beginning of the memory. */
        void clear(int length);

        /** A colour has parts of eight bits instead of six. */
        void eightBitDac(boolean on);
    }

    Dispi(int memorySize, Listener listener) {
        this.memorySize = memorySize;
        this.listener = listener;
        registers[ID] = LAST_ID;
    }

    void reset() {
        Arrays.fill(registers, 0);
        registers[ID] = LAST_ID;
        index = 0;
        bankOffset = 0;
        lineBytes = 0;
        start = 0;
    }

    boolean isEnabled() {
        return (registers[ENABLE] & ENABLED_BIT) != 0;
    }

    int width() {
        return registers[X_RESOLUTION];
    }

    int height() {
        return registers[Y_RESOLUTION];
    }

    int bits() {
        return registers[BITS];
    }

    /** Of a line of the virtual screen. */
    int lineBytes() {
        return lineBytes;
    }

    /** The address of the first pixel, in bytes. */
    int start() {
        return start;
    }

    /** What the legacy window adds to addresses. */
    int bankOffset() {
        return bankOffset;
    }

    int index() {
        return index;
    }

    void setIndex(int value) {
        index = value;
    }

    int read() {
        return read(index);
    }

    int read(int register) {
        if (register == MEMORY_64K) {
            return memorySize >> BANK_SHIFT;
        }
        if (register >= REGISTERS) {
            return 0;
        }
        if ((registers[ENABLE] & GET_CAPABILITIES_BIT) != 0) {
            switch (register) {
                case X_RESOLUTION:
                    return MAX_WIDTH;
                case Y_RESOLUTION:
                    return MAX_HEIGHT;
                case BITS:
                    return MAX_BITS;
                default:
                    break;
            }
        }
        return registers[register];
    }

    void write(int value) {
        write(index, value);
    }

    void write(int register, int value) {
        switch (register) {
            case ID -> {
                if (value >= FIRST_ID && value <= LAST_ID) {
                    registers[ID] = value;
                }
            }
            case X_RESOLUTION, Y_RESOLUTION, BITS, VIRTUAL_WIDTH, X_OFFSET, Y_OFFSET -> {
                registers[register] = value;
                if (isEnabled()) {
                    fit();
                    listener.modeChanged();
                }
            }
            case BANK -> {
                registers[BANK] = value & (memorySize >> BANK_SHIFT) - 1;
                bankOffset = registers[BANK] << BANK_SHIFT;
                listener.modeChanged();
            }
            case ENABLE -> enable(value);
            default -> {
                // The others are read only, or absent.
            }
        }
    }

    private void enable(int value) {
        boolean starts = (value & ENABLED_BIT) != 0 && !isEnabled();
        if (starts) {
            registers[VIRTUAL_WIDTH] = 0;
            registers[X_OFFSET] = 0;
            registers[Y_OFFSET] = 0;
            registers[ENABLE] |= ENABLED_BIT;
            fit();
            if ((value & NO_CLEAR_BIT) == 0) {
                listener.clear(registers[Y_RESOLUTION] * lineBytes);
            }
        } else {
            bankOffset = 0;
        }
        registers[ENABLE] = value;
        listener.eightBitDac((value & EIGHT_BIT_DAC_BIT) != 0);
        listener.modeChanged();
    }

    /** Makes the mode one that the memory has room for. */
    private void fit() {
        int bits = switch (registers[BITS]) {
            case 4, 8, 16, 24, 32 -> registers[BITS];
            case 15 -> 16;
            default -> Byte.SIZE;
        };
        if (registers[BITS] != 15) {
            registers[BITS] = bits;
        }
        int width = Math.clamp(registers[X_RESOLUTION] & -WIDTH_UNIT, WIDTH_UNIT, MAX_WIDTH);
        registers[X_RESOLUTION] = width;
        registers[VIRTUAL_WIDTH] = Math.clamp(registers[VIRTUAL_WIDTH] & -WIDTH_UNIT, width, MAX_WIDTH);
        lineBytes = registers[VIRTUAL_WIDTH] * bits / Byte.SIZE;
        int lines = memorySize / lineBytes;
        registers[Y_RESOLUTION] = Math.min(Math.clamp(registers[Y_RESOLUTION], 1, MAX_HEIGHT), lines);
        // A register has 16 bits, as QEMU's: a narrow screen has more lines than that.
        registers[VIRTUAL_HEIGHT] = lines & REGISTER_MASK;
        registers[X_OFFSET] = Math.min(registers[X_OFFSET], MAX_WIDTH);
        registers[Y_OFFSET] = Math.min(registers[Y_OFFSET], MAX_HEIGHT);
        long shown = (long) registers[Y_RESOLUTION] * lineBytes;
        long columns = (long) registers[X_OFFSET] * bits / Byte.SIZE;
        long offset = columns + (long) registers[Y_OFFSET] * lineBytes;
        if (offset + shown > memorySize) {
            registers[Y_OFFSET] = 0;
            offset = columns;
            if (offset + shown > memorySize) {
                registers[X_OFFSET] = 0;
                offset = 0;
            }
        }
        start = (int) offset & -Integer.BYTES;
    }

    void save(StateWriter out) {
        for (int i = 0; i < REGISTERS; i++) {
            out.putInt("dispi " + i, registers[i]);
        }
        out.putInt("dispi index", index);
        out.putInt("dispi bank", bankOffset >> BANK_SHIFT);
    }

    void load(StateReader in) {
        for (int i = 0; i < REGISTERS; i++) {
            registers[i] = in.getInt("dispi " + i, 0, REGISTER_MASK);
        }
        index = in.getInt("dispi index", 0, REGISTER_MASK);
        bankOffset = in.getInt("dispi bank", 0, (memorySize >> BANK_SHIFT) - 1) << BANK_SHIFT;
        if (isEnabled()) {
            fit();
        }
    }
}

package jkvm.device.vga;

import jkvm.bus.IoHandler;

/**
 * The memory at A0000h as the registers let the processor see it: planes with latches, odd and even bytes in two
 * planes, or four planes byte by byte. A longer access is one of each byte after the other.
 */
final class LegacyWindow implements IoHandler {
    static final long START = 0xA0000;
    static final int SIZE = 0x20000;
    private static final int HALF = 0x10000;
    private static final int QUARTER = 0x8000;
    private static final int MONO_OFFSET = 0x10000;
    private static final int COLOUR_OFFSET = 0x18000;
    private static final int OUTSIDE = -1;
    private static final int PLANE_MASK = 0xF;
    private static final int WRITE_MODE_MASK = 3;
    private static final int ROTATE_MASK = 7;
    private static final int FUNCTION_SHIFT = 3;

    private final Object lock;
    private final VgaRegisters registers;
    private final Dispi dispi;
    private final Vram vram;
    private int latch;

    /** @param lock the adapter's */
    LegacyWindow(Object lock, VgaRegisters registers, Dispi dispi, Vram vram) {
        this.lock = lock;
        this.registers = registers;
        this.dispi = dispi;
        this.vram = vram;
    }

    int latch() {
        return latch;
    }

    void setLatch(int value) {
        latch = value;
    }

    @Override
    public long read(long offset, int size) {
        synchronized (lock) {
            long value = 0;
            for (int i = 0; i < size; i++) {
                value |= (long) readByte((int) offset + i) << i * Byte.SIZE;
            }
            return value;
        }
    }

    @Override
    public void write(long offset, int size, long value) {
        synchronized (lock) {
            for (int i = 0; i < size; i++) {
                writeByte((int) offset + i, (int) (value >>> i * Byte.SIZE) & 0xFF);
            }
        }
    }

    /** Where an offset in the window is in memory as the window is mapped; outside for a part that is not. */
    private int mapped(int offset) {
        int map = registers.graphics(VgaRegisters.GR_MISC) >> VgaRegisters.MISC_MAP_SHIFT & 3;
        return switch (map) {
            case 0 -> offset;
            case 1 -> offset < HALF ? offset + dispi.bankOffset() : OUTSIDE;
            case 2 -> within(offset - MONO_OFFSET);
            default -> within(offset - COLOUR_OFFSET);
        };
    }

    private static int within(int offset) {
        return offset >= 0 && offset < QUARTER ? offset : OUTSIDE;
    }

    private boolean isChained() {
        return (registers.sequencer(VgaRegisters.SEQ_MEMORY_MODE) & VgaRegisters.MEMORY_CHAIN_4_BIT) != 0;
    }

    private boolean isOddEven() {
        return (registers.graphics(VgaRegisters.GR_MODE) & VgaRegisters.MODE_ODD_EVEN_BIT) != 0;
    }

    /** The plane of an odd or even byte. */
    private int oddEvenPlane(int address) {
        return registers.graphics(VgaRegisters.GR_READ_PLANE) & 2 | address & 1;
    }

    private int readByte(int offset) {
        int address = mapped(offset);
        if (address < 0) {
            return 0xFF;
        }
        if (isChained()) {
            return address < vram.size() ? vram.getByte(address) : 0xFF;
        }
        if (isOddEven()) {
            int at = (address & ~1) << 1 | oddEvenPlane(address);
            return at < vram.size() ? vram.getByte(at) : 0xFF;
        }
        if (address >= vram.size() / Integer.BYTES) {
            return 0xFF;
        }
        latch = vram.planes(address);
        if ((registers.graphics(VgaRegisters.GR_MODE) & VgaRegisters.MODE_READ_COMPARE_BIT) == 0) {
            return latch >>> registers.graphics(VgaRegisters.GR_READ_PLANE) * Byte.SIZE & 0xFF;
        }
        int different = (latch ^ spread(registers.graphics(VgaRegisters.GR_COMPARE)))
                & spread(registers.graphics(VgaRegisters.GR_DO_NOT_CARE));
        different |= different >>> 16;
        different |= different >>> 8;
        return ~different & 0xFF;
    }

    private void writeByte(int offset, int value) {
        int address = mapped(offset);
        if (address < 0) {
            return;
        }
        int planes = registers.sequencer(VgaRegisters.SEQ_PLANE_MASK);
        if (isChained()) {
            if ((planes >> (address & 3) & 1) != 0) {
                vram.setByte(address, value);
            }
        } else if (isOddEven()) {
            int plane = oddEvenPlane(address);
            if ((planes >> plane & 1) != 0) {
                vram.setByte((address & ~1) << 1 | plane, value);
            }
        } else {
            vram.setPlanes(address, combined(value), spread(planes));
        }
    }

    /** The four planes' bytes that a byte of the processor comes to. */
    private int combined(int value) {
        int bits = registers.graphics(VgaRegisters.GR_BIT_MASK);
        int data;
        switch (registers.graphics(VgaRegisters.GR_MODE) & WRITE_MODE_MASK) {
            case 0 -> {
                int setReset = spread(registers.graphics(VgaRegisters.GR_ENABLE_SET_RESET));
                data = repeat(rotated(value)) & ~setReset
                        | spread(registers.graphics(VgaRegisters.GR_SET_RESET)) & setReset;
            }
            case 1 -> {
                return latch;
            }
            case 2 -> data = spread(value & PLANE_MASK);
            default -> {
                bits &= rotated(value);
                data = spread(registers.graphics(VgaRegisters.GR_SET_RESET));
            }
        }
        data = switch (registers.graphics(VgaRegisters.GR_ROTATE) >> FUNCTION_SHIFT) {
            case 1 -> data & latch;
            case 2 -> data | latch;
            case 3 -> data ^ latch;
            default -> data;
        };
        int mask = repeat(bits);
        return data & mask | latch & ~mask;
    }

    private int rotated(int value) {
        int count = registers.graphics(VgaRegisters.GR_ROTATE) & ROTATE_MASK;
        return (value >> count | value << Byte.SIZE - count) & 0xFF;
    }

    /** A byte for each plane. */
    private static int repeat(int value) {
        return value * 0x01010101;
    }

    /** A byte of ones for each plane that has its bit set. */
    static int spread(int planes) {
        return (planes & 1) * 0xFF | (planes >> 1 & 1) * 0xFF00 | (planes >> 2 & 1) * 0xFF0000
                | (planes >> 3 & 1) * 0xFF000000;
    }
}

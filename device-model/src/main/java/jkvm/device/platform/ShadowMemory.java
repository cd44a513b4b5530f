package jkvm.device.platform;

import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jkvm.bus.IoHandler;
import jkvm.memory.GuestMemory;

/**
 * The memory from 0xC0000 to 1 MiB of an Intel 440FX: area by area, reads go to RAM or to the firmware's ROM, and
 * writes to RAM or nowhere, as the bridge's PAM registers say (82441FX data sheet, section 3.2.17). Firmware copies
 * itself from its ROM into the RAM below it and then protects that. The end of the ROM is seen at the end of the range;
 * what it does not reach reads as all ones.
 *
 * <p>What the processor can reach without a device is mapped; the rest, and all accesses while an area changes, come to
 * {@link #read} and {@link #write}, which give the same. The registers are the bridge's: it announces them after reset
 * and after its state was loaded, so that there is none here to save.
 */
public final class ShadowMemory implements IoHandler {
    public static final long START = 0xC0000;
    public static final int SIZE = 0x40000;
    /** Of the ROM, this much is seen below 1 MiB. */
    public static final int ROM_WINDOW = 0x20000;
    /** Twelve areas of 16 KiB, then one of 64 KiB. */
    public static final int AREAS = 13;
    public static final int PAM_REGISTERS = 7;
    public static final int READ_ENABLE_BIT = 1;
    public static final int WRITE_ENABLE_BIT = 1 << 1;

    private static final int SMALL_AREA = 0x4000;
    private static final int LAST_AREA = AREAS - 1;
    private static final int LAST_AREA_SIZE = 0x10000;
    private static final int ENABLE_MASK = READ_ENABLE_BIT | WRITE_ENABLE_BIT;
    private static final int HIGH_NIBBLE_SHIFT = 4;
    private static final int UNKNOWN = -1;

    private final GuestMemory ram;
    private final MemorySegment romWindow;
    private final Mapper mapper;
    private final int[] enables = new int[AREAS];

    /** Puts memory at guest physical addresses, for access without a device. */
    public interface Mapper {
        /**
         * Maps an area, instead of what was there.
         *
         * @param area     0 to {@link #AREAS} - 1
         * @param start    guest physical address
         * @param memory   what is seen there
         * @param writable false where writes have to come to the device
         */
        void map(int area, long start, MemorySegment memory, boolean writable);

        /** Leaves all accesses of an area to the device. */
        void unmap(int area, long start);
    }

    /**
     * Nothing is mapped until the first {@link #setPam}.
     *
     * @param memory holds the RAM of the range
     * @param rom    whole ROM, a multiple of the page size
     */
    public ShadowMemory(GuestMemory memory, MemorySegment rom, Mapper mapper) {
        this.ram = memory;
        long window = Math.min(rom.byteSize(), ROM_WINDOW);
        this.romWindow = rom.asSlice(rom.byteSize() - window);
        this.mapper = mapper;
        Arrays.fill(enables, UNKNOWN);
    }

    /**
     * A PAM register has this value now.
     *
     * @param register 0 to {@link #PAM_REGISTERS} - 1
     */
    public synchronized void setPam(int register, int value) {
        int high = value >> HIGH_NIBBLE_SHIFT & ENABLE_MASK;
        if (register == 0) {
            set(LAST_AREA, high);
        } else {
            set(2 * (register - 1), value & ENABLE_MASK);
            set(2 * (register - 1) + 1, high);
        }
    }

    private void set(int area, int enable) {
        if (enables[area] == enable) {
            return;
        }
        enables[area] = enable;
        long offset = (long) area * SMALL_AREA;
        int size = area == LAST_AREA ? LAST_AREA_SIZE : SMALL_AREA;
        if ((enable & READ_ENABLE_BIT) != 0) {
            mapper.map(area, START + offset, ram.slice(START + offset, size), (enable & WRITE_ENABLE_BIT) != 0);
        } else if (offset >= romOffset()) {
            mapper.map(area, START + offset, romWindow.asSlice(offset - romOffset(), size), false);
        } else {
            mapper.unmap(area, START + offset);
        }
    }

    /** Where the ROM begins in the range. */
    private long romOffset() {
        return SIZE - romWindow.byteSize();
    }

    @Override
    public synchronized long read(long offset, int size) {
        long value = 0;
        for (int i = 0; i < size; i++) {
            value |= (long) readByte(offset + i) << i * Byte.SIZE;
        }
        return value;
    }

    private int readByte(long offset) {
        if (isEnabled(offset, READ_ENABLE_BIT)) {
            return ram.readByte(START + offset) & 0xFF;
        }
        return offset < romOffset() ? 0xFF : romWindow.get(ValueLayout.JAVA_BYTE, offset - romOffset()) & 0xFF;
    }

    @Override
    public synchronized void write(long offset, int size, long value) {
        for (int i = 0; i < size; i++) {
            if (isEnabled(offset + i, WRITE_ENABLE_BIT)) {
                ram.writeByte(START + offset + i, (byte) (value >>> i * Byte.SIZE));
            }
        }
    }

    private boolean isEnabled(long offset, int bit) {
        int enable = enables[(int) Math.min(offset / SMALL_AREA, LAST_AREA)];
        return enable != UNKNOWN && (enable & bit) != 0;
    }
}

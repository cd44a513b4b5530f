package jkvm.bios;

import jkvm.memory.GuestMemory;
import jkvm.tables.MemoryMap;

/**
 * The BIOS's own data in guest memory: all that it remembers between two calls. Three areas, each accessed by guest
 * physical address:
 *
 * <ul>
 * <li>the BIOS data area from 0x400 on, whose fields programs know and change;
 * <li>the extended BIOS data area from {@link #EXTENDED} on, of 1 KiB, which programs can change;
 * <li>the area from {@link #PRIVATE} on, of 4 KiB, in the RAM below the ROM, which guests can read only.
 * </ul>
 *
 * The guest may have written anything into the first two: a service checks what it reads there.
 */
public final class BiosData {
    /** Four words: the ports of COM1 to COM4. */
    public static final int COM_PORTS = 0x400;
    /** Three words: the ports of LPT1 to LPT3. */
    public static final int LPT_PORTS = 0x408;
    /** A word: the segment of the extended BIOS data area. */
    public static final int EXTENDED_SEGMENT = 0x40E;
    /** A word: what INT 11h answers. */
    public static final int EQUIPMENT = 0x410;
    /** A word: KiB of conventional memory, what INT 12h answers. */
    public static final int CONVENTIONAL_KIB = 0x413;
    /** Shift keys that are down and locks that are on; the second byte tells of keys that are held. */
    public static final int SHIFT_FLAGS = 0x417;
    public static final int SHIFT_FLAGS_2 = 0x418;
    /** The number that is typed with Alt on the keypad. */
    public static final int ALT_NUMBER = 0x419;
    /** Words: offsets in segment 40h of the next key to take and of the next free place. */
    public static final int KEY_HEAD = 0x41A;
    public static final int KEY_TAIL = 0x41C;
    /** A bit for each floppy drive that was recalibrated; bit 7: its controller has interrupted. */
    public static final int FLOPPY_CALIBRATED = 0x43E;
    public static final int FLOPPY_MOTORS = 0x43F;
    /** Ticks until the motors are switched off. */
    public static final int FLOPPY_MOTOR_TICKS = 0x440;
    public static final int FLOPPY_STATUS = 0x441;
    /** The first byte of what INT 10h keeps: see IBM's list. */
    public static final int VIDEO_MODE = 0x449;
    /** A word: columns of the screen. */
    public static final int VIDEO_COLUMNS = 0x44A;
    public static final int VIDEO_LAST_ROW = 0x484;
    /** A double word: ticks since midnight. */
    public static final int TICKS = 0x46C;
    /** Days that have passed since somebody asked for the time. */
    public static final int MIDNIGHT = 0x470;
    /** Bit 7: Ctrl-Break was pressed. */
    public static final int BREAK = 0x471;
    /** A word: {@link #WARM_START} where the next start is a warm one. */
    public static final int RESET_FLAG = 0x472;
    public static final int WARM_START = 0x1234;
    public static final int DISK_STATUS = 0x474;
    /** The number of hard disks. */
    public static final int DISK_COUNT = 0x475;
    public static final int DISK_CONTROL = 0x476;
    /** Three bytes, and four: time-outs of printers and serial ports. */
    public static final int LPT_TIMEOUTS = 0x478;
    public static final int COM_TIMEOUTS = 0x47C;
    /** Words: offsets in segment 40h of the keyboard buffer's start and end. */
    public static final int KEY_BUFFER_START = 0x480;
    public static final int KEY_BUFFER_END = 0x482;
    /** The keyboard: kind, keys of the right half, a prefix that has come. */
    public static final int KEYBOARD_STATE = 0x496;
    /** The keyboard's lights. */
    public static final int KEYBOARD_LIGHTS = 0x497;
    /** A double word, and a word: the flag that a wait sets, and whether a wait is under way. */
    public static final int WAIT_POINTER = 0x498;
    public static final int WAIT_MICROSECONDS = 0x49C;
    public static final int WAIT_FLAG = 0x4A0;

    /** Where the extended BIOS data area begins. Its first byte is its size in KiB. */
    public static final int EXTENDED = (int) MemoryMap.EBDA_START;
    /** Of these services: INT 15h's wait (deadline, 8 bytes), then the pointing device from 0x22 on as on IBM's. */
    public static final int EXTENDED_WAIT = EXTENDED + 0x10;
    public static final int EXTENDED_MOUSE = EXTENDED + 0x22;
    /** From here on INT 13h's; the last 64 bytes are {@link MemoryMap#CONTROL_STRUCTURE}. */
    public static final int EXTENDED_DISKS = EXTENDED + 0x80;

    /** What guests cannot write to: 256 bytes of the system's, then INT 13h's, 19h's and the option ROMs'. */
    public static final int PRIVATE = BiosRom.SEGMENT_START + 0xD000;
    public static final int PRIVATE_DISKS = PRIVATE + 0x100;
    public static final int PRIVATE_END = BiosRom.SEGMENT_START + BiosRom.CODE_OFFSET;

    private final GuestMemory ram;

    /** @param ram 1 MiB at least */
    public BiosData(GuestMemory ram) {
        this.ram = ram;
    }

    /** Reads 8 bits. */
    public int readByte(int address) {
        return ram.readByte(address) & 0xFF;
    }

    /** Writes the low 8 bits. */
    public void writeByte(int address, int value) {
        ram.writeByte(address, (byte) value);
    }

    /** Reads 16 bits. */
    public int readWord(int address) {
        return ram.readShort(address) & 0xFFFF;
    }

    /** Writes the low 16 bits. */
    public void writeWord(int address, int value) {
        ram.writeShort(address, (short) value);
    }

    /** Reads 32 bits. */
    public int readInt(int address) {
        return ram.readInt(address);
    }

    /** Writes 32 bits. */
    public void writeInt(int address, int value) {
        ram.writeInt(address, value);
    }

    /** Reads 64 bits. */
    public long readLong(int address) {
        return ram.readLong(address);
    }

    /** Writes 64 bits. */
    public void writeLong(int address, long value) {
        ram.writeLong(address, value);
    }

    /** Writes an array. */
    public void write(int address, byte[] bytes) {
        ram.write(address, bytes);
    }

    /** Sets bytes to zero. */
    public void clear(int address, int length) {
        ram.fill(address, length, (byte) 0);
    }
}

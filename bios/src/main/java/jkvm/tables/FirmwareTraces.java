package jkvm.tables;

import java.util.List;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformDescription.SerialPort;

/**
 * The traces of a PC's firmware in a machine that starts without: interrupt vectors, the BIOS data area, and the end of
 * the F segment with the machine's model and date and a few instructions. A kernel that goes back to real mode finds
 * handlers that return, and one that jumps to the reset vector restarts the machine.
 */
final class FirmwareTraces {
    static final int SEGMENT = 0xF000;
    static final long SEGMENT_START = 0xF0000;
    static final int STUBS_OFFSET = 0xFF53;
    /** The stubs as {@code bios-stubs.S} of the tests makes them. */
    static final byte[] STUBS = {
        (byte) 0xCF,
        0x50, (byte) 0xB0, 0x20, (byte) 0xE6, 0x20, 0x58, (byte) 0xCF,
        0x50, (byte) 0xB0, 0x20, (byte) 0xE6, (byte) 0xA0, (byte) 0xE6, 0x20, 0x58, (byte) 0xCF,
        (byte) 0xBA, (byte) 0xF9, 0x0C, (byte) 0xB0, 0x0E, (byte) 0xEE, (byte) 0xF4, (byte) 0xEB, (byte) 0xFD};
    static final int RETURN_STUB = STUBS_OFFSET;
    static final int MASTER_STUB = STUBS_OFFSET + 1;
    static final int SLAVE_STUB = STUBS_OFFSET + 8;
    static final int RESET_STUB = STUBS_OFFSET + 17;

    private static final int VECTORS = 256;
    private static final int MASTER_VECTORS = 0x08;
    private static final int SLAVE_VECTORS = 0x70;
    private static final int VECTORS_OF_A_CONTROLLER = 8;
    /** For the user's programs. */
    private static final int FIRST_FREE_VECTOR = 0x60;
    private static final int LAST_FREE_VECTOR = 0x66;

    private static final long COM_PORTS = 0x400;
    private static final long EBDA_SEGMENT = 0x40E;
    private static final long EQUIPMENT = 0x410;
    private static final long CONVENTIONAL_KIB = 0x413;
    private static final long KEYBOARD_HEAD = 0x41A;
    private static final long KEYBOARD_TAIL = 0x41C;
    private static final long DISK_CONTROL = 0x476;
    private static final long COM_TIMEOUTS = 0x47C;
    private static final long KEYBOARD_BUFFER_START = 0x480;
    private static final long KEYBOARD_BUFFER_END = 0x482;
    private static final long KEYBOARD_KIND = 0x496;
    private static final int BUFFER_START = 0x1E;
    private static final int BUFFER_END = 0x3E;
    private static final int FPU_BIT = 0x0002;
    private static final int MOUSE_BIT = 0x0004;
    private static final int COM_COUNT_SHIFT = 9;
    private static final int EIGHT_HEADS = 0xC0;
    private static final int COM_TIMEOUT = 10;
    private static final int ENHANCED_KEYBOARD_BIT = 0x10;
    private static final int KIB = 1024;

    private static final int FAR_JUMP = 0xEA;
    private static final long RESET_VECTOR = 0xFFFF0;
    private static final long DATE = 0xFFFF5;
    private static final String BIOS_DATE = "06/23/99";
    private static final long MODEL = 0xFFFFE;
    private static final int MODEL_AT = 0xFC;

    private FirmwareTraces() {
    }

    /** Writes all of it, in what firmware has as its own of the first MiB. */
    static void install(GuestMemory memory, PlatformDescription platform) {
        for (int vector = 0; vector < VECTORS; vector++) {
            boolean isFree = vector >= FIRST_FREE_VECTOR && vector <= LAST_FREE_VECTOR;
            memory.writeInt(4L * vector, isFree ? 0 : SEGMENT << 16 | stub(vector));
        }
        dataArea(memory, platform);
        memory.write(SEGMENT_START + STUBS_OFFSET, STUBS);
        memory.writeByte(RESET_VECTOR, (byte) FAR_JUMP);
        memory.writeInt(RESET_VECTOR + 1, SEGMENT << 16 | RESET_STUB);
        for (int i = 0; i < BIOS_DATE.length(); i++) {
            memory.writeByte(DATE + i, (byte) BIOS_DATE.charAt(i));
        }
        memory.writeByte(MODEL, (byte) MODEL_AT);
    }

    private static int stub(int vector) {
        if (vector >= MASTER_VECTORS && vector < MASTER_VECTORS + VECTORS_OF_A_CONTROLLER) {
            return MASTER_STUB;
        }
        boolean isSlave = vector >= SLAVE_VECTORS && vector < SLAVE_VECTORS + VECTORS_OF_A_CONTROLLER;
        return isSlave ? SLAVE_STUB : RETURN_STUB;
    }

    private static void dataArea(GuestMemory memory, PlatformDescription platform) {
        List<SerialPort> ports = platform.serialPorts();
        for (int i = 0; i < ports.size(); i++) {
            memory.writeShort(COM_PORTS + 2L * i, (short) ports.get(i).port());
            memory.writeByte(COM_TIMEOUTS + i, (byte) COM_TIMEOUT);
        }
        int mouse = platform.keyboardController() ? MOUSE_BIT : 0;
        memory.writeShort(EQUIPMENT, (short) (FPU_BIT | mouse | ports.size() << COM_COUNT_SHIFT));
        memory.writeShort(EBDA_SEGMENT, (short) (MemoryMap.EBDA_START >>> 4));
        memory.writeShort(CONVENTIONAL_KIB, (short) (MemoryMap.EBDA_START / KIB));
        memory.writeShort(KEYBOARD_HEAD, (short) BUFFER_START);
        memory.writeShort(KEYBOARD_TAIL, (short) BUFFER_START);
        memory.writeByte(DISK_CONTROL, (byte) EIGHT_HEADS);
        memory.writeShort(KEYBOARD_BUFFER_START, (short) BUFFER_START);
        memory.writeShort(KEYBOARD_BUFFER_END, (short) BUFFER_END);
        memory.writeByte(KEYBOARD_KIND, (byte) ENHANCED_KEYBOARD_BIT);
        memory.fill(MemoryMap.EBDA_START, MemoryMap.CONVENTIONAL_END - MemoryMap.EBDA_START, (byte) 0);
        // The area begins with its own size.
        memory.writeByte(MemoryMap.EBDA_START, (byte) ((MemoryMap.CONVENTIONAL_END - MemoryMap.EBDA_START) / KIB));
    }
}

package jkvm.bios.video;

import jkvm.bios.PhysicalMemory;
import jkvm.bios.Ports;

/** The display adapter as the guest's own instructions reach it: its ports, its window at A0000h, its frame buffer. */
final class VideoAdapter {
    /** The bytes of the window from A0000h to BFFFFh. */
    static final int WINDOW_SIZE = 0x20000;
    static final long WINDOW = 0xA0000;

    private static final int CONFIG_ADDRESS = 0xCF8;
    private static final int CONFIG_DATA = 0xCFC;
    private static final int CONFIG_ENABLE = 0x8000_0000;
    private static final int SLOT_SHIFT = 11;
    private static final int SLOTS = 32;
    private static final int CLASS_REGISTER = 0x08;
    private static final int CLASS_SHIFT = 16;
    private static final int DISPLAY_CLASS = 0x0300;
    private static final int COMMAND_REGISTER = 0x04;
    private static final int MEMORY_BIT = 0x02;
    private static final int BAR_REGISTER = 0x10;
    private static final int BAR_FLAGS = 0x0F;

    private final Ports ports;
    private final PhysicalMemory memory;

    VideoAdapter(Ports ports, PhysicalMemory memory) {
        this.ports = ports;
        this.memory = memory;
    }

    int readPort(int port) {
        return ports.in(port);
    }

    void writePort(int port, int value) {
        ports.out(port, value);
    }

    int readPortWord(int port) {
        return ports.inWord(port);
    }

    void writePortWord(int port, int value) {
        ports.outWord(port, value);
    }

    /** Reads a byte of the window; the offset wraps at its end. */
    int readMemory(int offset) {
        return memory.readByte(WINDOW + (offset & WINDOW_SIZE - 1));
    }

    /** Writes a byte of the window; the offset wraps at its end. */
    void writeMemory(int offset, int value) {
        memory.writeByte(WINDOW + (offset & WINDOW_SIZE - 1), value);
    }

    /** All memory, with the window and the frame buffer in it. */
    PhysicalMemory memory() {
        return memory;
    }

    /** Where the frame buffer of the first display adapter on the PCI bus is; 0 if it is not mapped. */
    long frameAddress() {
        int selected = ports.inInt(CONFIG_ADDRESS);
        long address = 0;
        for (int slot = 0; slot < SLOTS && address == 0; slot++) {
            boolean isDisplay = config(slot, CLASS_REGISTER) >>> CLASS_SHIFT == DISPLAY_CLASS;
            if (isDisplay && (config(slot, COMMAND_REGISTER) & MEMORY_BIT) != 0) {
                address = Integer.toUnsignedLong(config(slot, BAR_REGISTER) & ~BAR_FLAGS);
            }
        }
        ports.outInt(CONFIG_ADDRESS, selected);
        return address;
    }

    private int config(int slot, int register) {
        ports.outInt(CONFIG_ADDRESS, CONFIG_ENABLE | slot << SLOT_SHIFT | register);
        return ports.inInt(CONFIG_DATA);
    }
}

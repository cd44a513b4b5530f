package jkvm.bios.system;

/** The interrupts that this package's services answer. */
final class Vectors {
    static final int TIMER = 0x08;
    static final int KEYBOARD = 0x09;
    static final int EQUIPMENT = 0x11;
    static final int MEMORY_SIZE = 0x12;
    static final int SERIAL = 0x14;
    static final int SYSTEM = 0x15;
    static final int KEYS = 0x16;
    static final int PRINTER = 0x17;
    static final int TIME = 0x1A;
    static final int CLOCK = 0x70;
    static final int MOUSE = 0x74;

    private Vectors() {
    }
}

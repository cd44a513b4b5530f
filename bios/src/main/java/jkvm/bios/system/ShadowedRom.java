package jkvm.bios.system;

import jkvm.bios.Ports;

/** The host bridge's switches between the ROM and the RAM that shadows it. */
final class ShadowedRom {
    private static final int CONFIG_ADDRESS = 0xCF8;
    private static final int CONFIG_DATA = 0xCFC;
    private static final int CONFIG_ENABLE = 0x80000000;
    /** The host bridge's registers that say what lies from C0000h to 1 MiB; the first is the F segment's. */
    private static final int FIRST_PAM = 0x59;
    private static final int LAST_PAM = 0x5F;
    private static final int F_SEGMENT_READABLE = 0x10;
    private static final int READABLE_WRITABLE = 0x33;

    private ShadowedRom() {
    }

    /** RAM instead of the ROM, which the machine has copied there; of the F segment guests read only. */
    static void shadow(Ports ports) {
        for (int register = FIRST_PAM; register <= LAST_PAM; register++) {
            ports.outInt(CONFIG_ADDRESS, CONFIG_ENABLE | register & ~3);
            ports.out(CONFIG_DATA + (register & 3), register == FIRST_PAM ? F_SEGMENT_READABLE : READABLE_WRITABLE);
        }
    }
}

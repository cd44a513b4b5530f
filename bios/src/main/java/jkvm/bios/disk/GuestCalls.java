package jkvm.bios.disk;

import jkvm.bios.BiosData;
import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;

/**
 * What the services of INT 19h ask of the guest's own handlers: to show text, to take a key, to read a sector. So a
 * handler that an option ROM or a program has put in place of the BIOS's is obeyed. Each is asked for by a service's
 * outcome, and the answer is in the registers of the next call.
 */
final class GuestCalls {
    private static final int VIDEO = 0x10;
    private static final int DISK = 0x13;
    private static final int KEYBOARD = 0x16;
    private static final int BOOT_FAILURE = 0x18;
    private static final int TELETYPE = 0x0E00;
    private static final int GREY = 0x07;
    private static final int READ_ONE_SECTOR = 0x0201;
    private static final int LOOK_FOR_KEY = 0x0100;
    private static final int MICROSECONDS_OF_A_TICK = 54925;
    /** Where power-on puts the "plug and play" structure, which option ROMs look for. */
    private static final int PNP_OFFSET = 0xE020;
    private static final int NOTHING = 0xFFFF;

    private GuestCalls() {
    }

    private static Outcome interrupt(Call call, int vector) {
        call.target(call.memory().readWord(0, vector * Integer.BYTES + Short.BYTES),
                call.memory().readWord(0, vector * Integer.BYTES));
        return Outcome.INTERRUPT;
    }

    /**
     * Shows the next character of a message. A new line begins at the left.
     *
     * @return null if all of it has been shown
     */
    static Outcome show(Call call, String message) {
        BiosData data = call.data();
        int shown = data.readWord(DiskArea.SHOWN);
        String text = message.replace("\n", "\r\n");
        if (shown >= text.length()) {
            data.writeWord(DiskArea.SHOWN, 0);
            return null;
        }
        data.writeWord(DiskArea.SHOWN, shown + 1);
        call.eax(TELETYPE | text.charAt(shown));
        call.ebx(GREY);
        return interrupt(call, VIDEO);
    }

    /** Whether a key was pressed: the zero flag is clear then. */
    static Outcome lookForKey(Call call) {
        call.eax(LOOK_FOR_KEY);
        return interrupt(call, KEYBOARD);
    }

    /** Takes a key: its scan code is in AH, its character in AL. */
    static Outcome takeKey(Call call) {
        call.eax(0);
        return interrupt(call, KEYBOARD);
    }

    /** Reads the first sector of a drive: carry tells of a failure. */
    static Outcome readBootSector(Call call, int drive, int segment) {
        call.eax(READ_ONE_SECTOR);
        call.ebx(0);
        call.ecx(1);
        call.edx(drive);
        call.es(segment);
        return interrupt(call, DISK);
    }

    /** Tells whoever waits for it that a boot has failed. */
    static Outcome bootFailure(Call call) {
        return interrupt(call, BOOT_FAILURE);
    }

    /** Runs code of an option ROM, with what the specifications of PCI and of "plug and play" want in registers. */
    static Outcome rom(Call call, int segment, int offset, int ax) {
        call.eax(ax);
        call.ebx(NOTHING);
        call.ecx(0);
        call.edx(NOTHING);
        call.es(BiosRom.SEGMENT);
        call.edi(PNP_OFFSET);
        call.target(segment, offset);
        return Outcome.CALL;
    }

    /** Begins a wait. */
    static void wait(Call call, int milliseconds) {
        call.data().writeInt(DiskArea.DEADLINE, call.data().readInt(BiosData.TICKS)
                + (int) (milliseconds * 1000L / MICROSECONDS_OF_A_TICK) + 1);
    }

    /** True until a wait is over. It is over at midnight too. */
    static boolean isWaiting(Call call) {
        int left = call.data().readInt(DiskArea.DEADLINE) - call.data().readInt(BiosData.TICKS);
        return left > 0;
    }
}

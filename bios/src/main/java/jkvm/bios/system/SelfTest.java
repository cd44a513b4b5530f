package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Ports;
import jkvm.bios.Service;
import jkvm.memory.GuestMemory;
import jkvm.tables.PlatformTables;

/**
 * The power-on self test: shadows the ROM, writes the tables that describe the machine below it, and fills the table of
 * interrupts and the BIOS data areas. The ROM's own code programs the interrupt controllers and the timer before.
 */
final class SelfTest implements Service {
    private static final int VECTORS = 256;
    /** For the user's programs: without a handler. */
    private static final int FIRST_FREE_VECTOR = 0x60;
    private static final int LAST_FREE_VECTOR = 0x66;

    private static final int CONFIG_ADDRESS = 0xCF8;
    private static final int CONFIG_DATA = 0xCFC;
    private static final int CONFIG_ENABLE = 0x80000000;
    /** The host bridge's registers that say what lies from C0000h to 1 MiB; the first is the F segment's. */
    private static final int FIRST_PAM = 0x59;
    private static final int LAST_PAM = 0x5F;
    private static final int F_SEGMENT_READABLE = 0x10;
    private static final int READABLE_WRITABLE = 0x33;

    private final BiosHost host;
    private final TimeServices time;

    SelfTest(BiosHost host, TimeServices time) {
        this.host = host;
        this.time = time;
    }

    @Override
    public Outcome call(Call call) {
        shadow();
        PlatformTables.installBelow(host.ram(), host.platform(), BiosData.PRIVATE);
        vectors(host.ram());
        new DataAreas(call.data(), host.platform()).fill();
        call.data().writeInt(BiosData.TICKS, time.ticksNow());
        return Outcome.DONE;
    }

    /** RAM instead of the ROM, which the machine has copied there; of the F segment guests read only. */
    private void shadow() {
        Ports ports = host.ports();
        for (int register = FIRST_PAM; register <= LAST_PAM; register++) {
            ports.outInt(CONFIG_ADDRESS, CONFIG_ENABLE | register & ~3);
            ports.out(CONFIG_DATA + (register & 3), register == FIRST_PAM ? F_SEGMENT_READABLE : READABLE_WRITABLE);
        }
    }

    private static void vectors(GuestMemory ram) {
        for (int vector = 0; vector < VECTORS; vector++) {
            int handler = ram.readShort(BiosRom.SEGMENT_START + BiosRom.VECTORS_OFFSET + 2L * vector) & 0xFFFF;
            boolean isFree = vector >= FIRST_FREE_VECTOR && vector <= LAST_FREE_VECTOR;
            ram.writeInt(4L * vector, isFree ? 0 : BiosRom.SEGMENT << Short.SIZE | handler);
        }
    }
}

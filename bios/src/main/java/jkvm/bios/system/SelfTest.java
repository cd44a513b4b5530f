package jkvm.bios.system;

import jkvm.bios.BiosData;
import jkvm.bios.BiosHost;
import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
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

    private final BiosHost host;
    private final TimeServices time;

    SelfTest(BiosHost host, TimeServices time) {
        this.host = host;
        this.time = time;
    }

    @Override
    public Outcome call(Call call) {
        ShadowedRom.shadow(host.ports());
        vectors(host.ram());
        new DataAreas(call.data(), host.platform()).fill();
        PlatformTables.installBelow(host.ram(), host.platform(), BiosData.PRIVATE);
        call.data().writeInt(BiosData.TICKS, time.ticksNow());
        return Outcome.DONE;
    }

    private static void vectors(GuestMemory ram) {
        for (int vector = 0; vector < VECTORS; vector++) {
            int handler = ram.readShort(BiosRom.SEGMENT_START + BiosRom.VECTORS_OFFSET + 2L * vector) & 0xFFFF;
            boolean isFree = vector >= FIRST_FREE_VECTOR && vector <= LAST_FREE_VECTOR;
            ram.writeInt(4L * vector, isFree ? 0 : BiosRom.SEGMENT << Short.SIZE | handler);
        }
    }
}

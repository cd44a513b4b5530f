package jkvm.tables;

import java.util.OptionalInt;
import jkvm.memory.GuestMemory;

/**
 * Where a guest that suspended itself to RAM goes on: a real-mode address that it has put into the firmware control
 * structure (FACS, ACPI 6.5 section 5.2.10). The guest may have written anything there.
 */
public final class WakingVector {
    private static final int SIGNATURE = 0x53434146;
    private static final int LENGTH_OFFSET = 4;
    private static final int VECTOR_OFFSET = 12;
    private static final int MIB = 1 << 20;

    private WakingVector() {
    }

    /**
     * Looks into the structure that {@link PlatformTables} has put.
     *
     * @return an address below 1 MiB; empty if the guest has set none
     */
    public static OptionalInt find(GuestMemory memory) {
        long facs = MemoryMap.CONTROL_STRUCTURE;
        if (memory.lowEnd() >= MIB && memory.readInt(facs) == SIGNATURE
                && memory.readInt(facs + LENGTH_OFFSET) == AcpiTables.FACS_SIZE) {
            int vector = memory.readInt(facs + VECTOR_OFFSET);
            return vector > 0 && vector < MIB ? OptionalInt.of(vector) : OptionalInt.empty();
        }
        return OptionalInt.empty();
    }
}

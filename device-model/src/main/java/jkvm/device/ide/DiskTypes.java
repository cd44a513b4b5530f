package jkvm.device.ide;

import java.util.List;
import jkvm.device.disk.DiskGeometry;

/**
 * The bytes of the clock's memory by which firmware learns of IDE disks, as QEMU sets them: the types of the first
 * cable's two disks, their geometry, and how to translate that of all four.
 */
final class DiskTypes {
    private static final int TYPES_REGISTER = 0x12;
    private static final int EXTENDED_TYPE_REGISTER = 0x19;
    private static final int GEOMETRY_REGISTER = 0x1B;
    private static final int GEOMETRY_SIZE = 9;
    private static final int TRANSLATION_REGISTER = 0x39;
    /** The type is in the extended register. */
    private static final int EXTENDED = 0xF;
    /** The geometry is in the registers that follow. */
    private static final int USER_TYPE = 47;
    private static final int DESCRIBED_DISKS = 2;
    private static final int CONTROL_BITS = 0xC0;
    private static final int MANY_HEADS = 8;
    private static final int MANY_HEADS_BIT = 0x08;

    private DiskTypes() {
    }

    /** Takes a byte of the clock's memory. */
    @FunctionalInterface
    interface Registers {
        void put(int register, int value);
    }

    /** @param disks in the order of their places, null where there is none */
    static void put(List<AtaDisk> disks, Registers registers) {
        int types = 0;
        int translations = 0;
        for (int i = 0; i < disks.size(); i++) {
            AtaDisk disk = disks.get(i);
            if (disk != null) {
                translations |= disk.translation().ordinal() << 2 * i;
                if (i < DESCRIBED_DISKS) {
                    types |= EXTENDED << (i == 0 ? 4 : 0);
                    registers.put(EXTENDED_TYPE_REGISTER + i, USER_TYPE);
                    putGeometry(disk.geometry(), GEOMETRY_REGISTER + i * GEOMETRY_SIZE, registers);
                }
            }
        }
        registers.put(TYPES_REGISTER, types);
        registers.put(TRANSLATION_REGISTER, translations);
    }

    /** Cylinders, heads, no write precompensation, control byte, cylinders, sectors. */
    private static void putGeometry(DiskGeometry geometry, int at, Registers registers) {
        int cylinders = geometry.cylinders();
        int[] bytes = {cylinders, cylinders >> 8, geometry.heads(), 0xFF, 0xFF,
            CONTROL_BITS | (geometry.heads() > MANY_HEADS ? MANY_HEADS_BIT : 0), cylinders, cylinders >> 8,
            geometry.sectors()};
        for (int i = 0; i < bytes.length; i++) {
            registers.put(at + i, bytes[i] & 0xFF);
        }
    }
}

package jkvm.device.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import jkvm.device.board.PropertyException;
import jkvm.host.disk.MemoryDisk;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Values that a guest reads from QEMU 7.2's virtio-blk. */
class DiskGeometryTest {
    private static final int MIB = 2048;

    @ParameterizedTest
    @CsvSource({"131072, 130", "1, 2", "2016, 2", "3024, 3", "0, 2"})
    void shouldGuessSixteenHeadsOfSixtyThreeSectors(int sectors, int cylinders) {
        assertEquals(new DiskGeometry(cylinders, 16, 63), DiskGeometry.of(new MemoryDisk(sectors)));
    }

    @Test
    void shouldTakeThatOfAPartitionThatEndsOnACylinder() {
        assertEquals(new DiskGeometry(4 * MIB / (4 * 17), 4, 17), DiskGeometry.of(partitioned(3, 17)));
    }

    @Test
    void shouldNotTakeThatOfAPartitionWithMoreThanSixteenHeads() {
        assertEquals(new DiskGeometry(8, 16, 63), DiskGeometry.of(partitioned(254, 63)));
    }

    @Test
    void shouldNotLookAtPartitionsWithoutASignature() {
        MemoryDisk disk = partitioned(3, 17);
        disk.content[511] = 0;
        assertEquals(new DiskGeometry(8, 16, 63), DiskGeometry.of(disk));
    }

    @Test
    void shouldGuessForADiskThatCannotBeRead() {
        MemoryDisk disk = partitioned(3, 17);
        disk.failing = true;
        assertEquals(new DiskGeometry(8, 16, 63), DiskGeometry.of(disk));
    }

    @Test
    void shouldRefuseWhatNoDiskHas() {
        for (int[] values : new int[][] {{1, 0, 0}, {65536, 16, 63}, {1, 256, 63}, {1, 16, 256}, {0, 16, 63}}) {
            assertThrows(PropertyException.class, () -> new DiskGeometry(values[0], values[1], values[2]));
        }
    }

    private static MemoryDisk partitioned(int endHead, int endSector) {
        MemoryDisk disk = new MemoryDisk(4 * MIB);
        disk.content[510] = 0x55;
        disk.content[511] = (byte) 0xAA;
        disk.content[446 + 5] = (byte) endHead;
        disk.content[446 + 6] = (byte) endSector;
        disk.content[446 + 12] = 100;
        return disk;
    }
}

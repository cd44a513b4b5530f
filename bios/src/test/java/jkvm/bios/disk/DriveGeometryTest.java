package jkvm.bios.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Geometries as SeaBIOS 1.16.2 makes them. */
class DriveGeometryTest {

    @ParameterizedTest
    @CsvSource({"20, 16, 63, 20480, NONE, 20, 16", "1219, 16, 63, 1228800, LARGE, 609, 32",
            "16383, 16, 63, 18874368, LBA, 1024, 255", "0, 0, 0, 1228800, LBA, 609, 32", "2, 16, 63, 1, LBA, 1, 16",
            "8322, 16, 63, 8388608, LBA, 522, 255", "16383, 16, 63, 9223372036854775807, LBA, 1024, 255"})
    void shouldTranslateByTheDisksSize(int cylinders, int heads, int sectors, long total,
            DriveGeometry.Translation translation, int logicalCylinders, int logicalHeads) {
        DriveGeometry physical = new DriveGeometry(cylinders, heads, sectors);

        assertEquals(translation, DriveGeometry.translation(physical, total));
        assertEquals(new DriveGeometry(logicalCylinders, logicalHeads, 63),
                physical.translated(translation, total));
    }

    @Test
    void shouldReviseSixteenHeadsToFifteen() {
        assertEquals(new DriveGeometry(975, 30, 63),
                new DriveGeometry(1829, 16, 63).translated(DriveGeometry.Translation.REVISED, 1843632));
    }

    @Test
    void shouldNumberSectorsFromOneWithinTheirTrack() {
        DriveGeometry floppy = FloppyFormat.MB_1_44.geometry();

        assertEquals(0, floppy.number(0, 0, 1));
        assertEquals(18, floppy.number(0, 1, 1));
        assertEquals(2879, floppy.number(79, 1, 18));
        assertTrue(floppy.contains(79, 1, 18));
        assertFalse(floppy.contains(0, 0, 0) || floppy.contains(80, 0, 1) || floppy.contains(0, 2, 1)
                || floppy.contains(0, 0, 19));
    }

    @Test
    void shouldTellFloppyDrivesByTheImagesSize() {
        assertEquals(FloppyFormat.MB_1_44, FloppyFormat.driveFor(1474560));
        assertEquals(FloppyFormat.MB_1_44, FloppyFormat.driveFor(737280), "as under QEMU");
        assertEquals(FloppyFormat.MB_2_88, FloppyFormat.driveFor(512), "an odd size");
        assertEquals(4, FloppyFormat.MB_1_44.number());
        assertTrue(FloppyFormat.ofSize(1000).isEmpty());
    }
}

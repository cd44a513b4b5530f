package jkvm.bios.disk;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What is tried first, and the drives' numbers. */
class BootSequenceTest {
    /** Hard disks, floppy disks, CDs: QEMU's usual order. */
    private static final int USUAL = 0x312;
    private static final int CD_FIRST = 0x003;

    private static final BootDrive DISK_A = disk("a", -1);
    private static final BootDrive DISK_B = disk("b", -1);
    private static final BootDrive FLOPPY = BootDrive.floppy(new FakeDisk(1, 512), FloppyFormat.MB_1_44, "floppy", -1);
    private static final BootDrive CD = BootDrive.cd(new FakeDisk(1, 2048), new Attachment.Plain(), "cd", -1);
    private static final BootEntry.Rom CARD = new BootEntry.Rom(true, 0xC800, 0x100, 0, -1);

    private static BootDrive disk(String name, int priority) {
        return BootDrive.hardDisk(new FakeDisk(100, 512), DriveGeometry.NONE, new Attachment.Scsi(0), name, priority);
    }

    private static String attempts(BootSequence sequence) {
        List<String> names = new ArrayList<>();
        for (int i = 0;; i++) {
            BootSequence.Attempt attempt = sequence.attempt(i);
            if (attempt instanceof BootSequence.NoMore) {
                return String.join(" ", names);
            }
            names.add(switch (attempt) {
                case BootSequence.FromFloppy _ -> "floppy";
                case BootSequence.FromHardDisk _ -> "disk";
                case BootSequence.FromCd cd -> "cd" + cd.index();
                case BootSequence.FromRom _ -> "rom";
                case BootSequence.NoMore _ -> "";
            });
        }
    }

    @Test
    void shouldTryTheKindsInTheClocksOrderAndTheFirstOfEachKind() {
        List<BootDrive> drives = List.of(CD, FLOPPY, DISK_A, DISK_B);

        assertEquals("disk floppy cd0 rom", attempts(new BootSequence(drives, -1, List.of(CARD), USUAL, 0)));
        assertEquals("cd0 floppy disk rom", attempts(new BootSequence(drives, -1, List.of(CARD), CD_FIRST, 0)));
        assertEquals("rom disk floppy", attempts(new BootSequence(List.of(DISK_A), -1, List.of(CARD), 0x004, 0)));
    }

    @Test
    void shouldTryFloppyAndDiskEvenWithoutDrives() {
        assertEquals("floppy disk", attempts(new BootSequence(List.of(), -1, List.of(), 0, 0)));
    }

    @Test
    void shouldNumberDisksByTheUsersNumbers() {
        BootDrive first = disk("first", 1);
        BootSequence sequence = new BootSequence(List.of(DISK_A, DISK_B, first), -1, List.of(), USUAL, 0);

        assertEquals(first, sequence.drives().drive(0x80));
        assertEquals(DISK_A, sequence.drives().drive(0x81));
        assertEquals(DISK_B, sequence.drives().drive(0x82));
        assertEquals(null, sequence.drives().drive(0x83));
    }

    @Test
    void shouldPutTheMenusChoiceInFront() {
        BootSequence sequence = new BootSequence(List.of(DISK_A, DISK_B, CD), -1, List.of(), USUAL, 2);

        assertEquals(DISK_B, sequence.drives().drive(0x80));
        assertEquals("cd0 disk floppy",
                attempts(new BootSequence(List.of(DISK_A, DISK_B, CD), -1, List.of(), USUAL, 3)));
    }

    @Test
    void shouldTryNothingElseWhereTheOrderIsStrict() {
        assertEquals("cd0", attempts(new BootSequence(List.of(DISK_A, BootDrive.cd(new FakeDisk(1, 2048),
                new Attachment.Plain(), "cd", 1)), 2, List.of(CARD), USUAL, 0)));
    }
}

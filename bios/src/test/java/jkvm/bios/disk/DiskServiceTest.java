package jkvm.bios.disk;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import jkvm.bios.BiosData;
import jkvm.bios.BiosFixture;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.ServiceTable;
import org.junit.jupiter.api.Test;

/** INT 13h without a machine. */
class DiskServiceTest {
    private static final int DISK = 0x13;
    private static final int SECTOR = 512;
    private static final int BUFFER = 0x20000;
    private static final int PACKET = 0x500;
    private static final long SEED = 1302;
    private static final int CALLS = Boolean.getBoolean("jkvm.long") ? 1_000_000 : 30_000;
    private static final List<Integer> STATUSES = List.of(0, 1, 3, 6, 9, 0x0C, 0x20, 0x30, 0xB0, 0xB1, 0xB2, 0xB4);

    private final FakeDisk disk = new FakeDisk(4096, SECTOR);
    private final FakeDisk locked = new FakeDisk(64, SECTOR).readOnly();
    private final FakeDisk cd = new FakeDisk(64, BootCatalog.BLOCK_SIZE);
    private final FakeDisk floppy = new FakeDisk(2880, SECTOR);

    private BootOptions options() {
        return new BootOptions(List.of(hardDisk(disk), hardDisk(locked),
                BootDrive.floppy(floppy, FloppyFormat.MB_1_44, "floppy", -1),
                BootDrive.cd(cd, new Attachment.Ata(9, 1, false, 0x170, 0x376, 15), "cd", -1)), -1, List.of(), false, 0,
                -1);
    }

    private static BootDrive hardDisk(FakeDisk image) {
        return BootDrive.hardDisk(image, DriveGeometry.NONE, new Attachment.Scsi(0x18), "disk", -1);
    }

    private BiosFixture bios() {
        return new BiosFixture(host -> DiskServices.addTo(ServiceTable.EMPTY, options(), host.ports()));
    }

    private static Call access(BiosFixture bios, int ax, int cx, int dx) {
        return bios.call(DISK, call -> {
            call.ax(ax);
            call.cx(cx);
            call.dx(dx);
            call.es(BUFFER >> 4);
            call.ebx(0);
        });
    }

    private static byte[] buffer(BiosFixture bios, int length) {
        byte[] bytes = new byte[length];
        bios.ram().read(BUFFER, bytes, 0, length);
        return bytes;
    }

    @Test
    void shouldAskTheRomToWaitUntilTheDiskIsReady() {
        disk.slow();
        BiosFixture bios = bios();

        access(bios, 0x0202, 0x0003, 0x0080);
        assertEquals(Outcome.AGAIN, bios.outcome());
        Call call = bios.again();

        assertEquals(Outcome.DONE, bios.outcome());
        assertFalse(call.carry());
        assertEquals(0x0002, call.ax());
        assertArrayEquals(Arrays.copyOfRange(disk.content(), 2 * SECTOR, 4 * SECTOR), buffer(bios, 2 * SECTOR));
    }

    @Test
    void shouldBeginTheRequestAnewInAMachineThatWasSavedMeanwhile() {
        disk.slow();
        BiosFixture bios = bios();
        access(bios, 0x0201, 0x0005, 0x0080);
        disk.forget();

        bios.services(DiskServices.addTo(ServiceTable.EMPTY, options(), bios.host().ports()));
        bios.again();
        assertEquals(Outcome.AGAIN, bios.outcome());
        bios.again();

        assertEquals(Outcome.DONE, bios.outcome());
        assertArrayEquals(Arrays.copyOfRange(disk.content(), 4 * SECTOR, 5 * SECTOR), buffer(bios, SECTOR));
    }

    @Test
    void shouldWriteUnlessTheDiskIsReadOnly() {
        BiosFixture bios = bios();
        bios.ram().fill(BUFFER, SECTOR, (byte) 0x5A);

        assertEquals(0x0001, access(bios, 0x0301, 0x0002, 0x0080).ax());
        assertEquals(0x5A, disk.content()[SECTOR]);
        Call refused = access(bios, 0x0301, 0x0002, 0x0081);

        assertTrue(refused.carry());
        assertEquals(0x0300, refused.ax());
        assertEquals(3, refused.data().readByte(BiosData.DISK_STATUS));
        assertEquals(1, locked.content()[SECTOR]);
    }

    @Test
    void shouldRefuseAFloppysTransferAcrossADmaBoundary() {
        BiosFixture bios = bios();
        Call call = bios.call(DISK, registers -> {
            registers.ax(0x0202);
            registers.cx(1);
            registers.dx(0);
            registers.es(0x2FF0);
            registers.ebx(0);
        });

        assertTrue(call.carry());
        assertEquals(DiskStatus.BOUNDARY, call.ah());
    }

    @Test
    void shouldReadSectorsOfACdByThePacket() {
        BiosFixture bios = bios();
        bios.ram().writeLong(PACKET, 0x2000_0000_0002_0010L);
        bios.ram().writeLong(PACKET + 8, 5);
        Call call = bios.call(DISK, registers -> {
            registers.ax(0x4200);
            registers.dx(0xE0);
            registers.esi(PACKET);
        });

        assertEquals(0, call.ah());
        assertArrayEquals(Arrays.copyOfRange(cd.content(), 5 * 2048, 7 * 2048), buffer(bios, 2 * 2048));
    }

    /** Threat 76: services with wrapping segments, buffers over ROM, absurd counts. */
    @Test
    void shouldAnswerRandomCallsWithAStatusOfARealBios() {
        BiosFixture bios = bios();
        Random random = new Random(SEED);
        for (int i = 0; i < CALLS; i++) {
            int function = random.nextBoolean() ? random.nextInt(0x50) : 0x40 + random.nextInt(0x10);
            int[] drives = {0x00, 0x01, 0x80, 0x81, 0x82, 0xE0, 0xE1, random.nextInt(0x100)};
            bios.ram().writeLong(PACKET, random.nextLong() & (random.nextBoolean() ? -1L : 0xFFFF_FFFF_000F_FFFFL));
            bios.ram().writeLong(PACKET + 8, random.nextBoolean() ? random.nextInt(8192) : random.nextLong());
            Call call = bios.call(DISK, registers -> {
                registers.eax(random.nextInt() & 0xFFFF_00FF | function << 8);
                registers.ebx(random.nextInt());
                registers.ecx(random.nextBoolean() ? random.nextInt() : 1 + random.nextInt(63));
                registers.edx(random.nextInt(3) << 8 | drives[random.nextInt(drives.length)]);
                registers.es(0x2000 + random.nextInt(0xE000));
                registers.esi(PACKET);
            });
            assertEquals(Outcome.DONE, bios.outcome());
            boolean isKind = function == 0x15 && !call.carry();
            assertTrue(isKind || STATUSES.contains(call.ah()), () -> "AH %02x answers %02x, seed %d".formatted(function,
                    call.ah(), SEED));
        }
    }
}

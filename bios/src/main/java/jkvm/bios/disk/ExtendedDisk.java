package jkvm.bios.disk;

import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;

/** The functions of INT 13h from 41h on: the enhanced disk drive specification 3.0, for hard disks and CDs. */
final class ExtendedDisk {
    private static final int INSTALLED = 0xAA55;
    /** Packet accesses, locking and ejecting, drive parameters. */
    private static final int INTERFACES = 0x0007;
    private static final int VERSION = 0x30;
    private static final int MAX_LOCKS = 0xFF;

    private final SectorAccess sectors;

    ExtendedDisk(SectorAccess sectors) {
        this.sectors = sectors;
    }

    Outcome call(Call call, BootDrive drive) {
        return switch (call.ah()) {
            case 0x41 -> installed(call);
            case 0x42 -> sectors.byNumber(call, drive, SectorAccess.Kind.READ);
            case 0x43 -> sectors.byNumber(call, drive, SectorAccess.Kind.WRITE);
            case 0x44 -> sectors.byNumber(call, drive, SectorAccess.Kind.VERIFY);
            case 0x45 -> drive.kind() == BootDrive.Kind.CD ? lock(call) : DiskStatus.end(call, DiskStatus.SUCCESS);
            case 0x46 -> DiskStatus.end(call, drive.kind() == BootDrive.Kind.CD ? DiskStatus.LOCKED
                    : DiskStatus.NOT_REMOVABLE);
            case 0x47 -> sectors.byNumber(call, drive, SectorAccess.Kind.SEEK);
            case 0x48 -> parameters(call, drive);
            case 0x49 -> changed(call, drive);
            case 0x4E -> DiskStatus.end(call, switch (call.al()) {
                case 0x01, 0x03, 0x04, 0x06 -> DiskStatus.SUCCESS;
                default -> DiskStatus.INVALID;
            });
            default -> DiskStatus.end(call, DiskStatus.INVALID);
        };
    }

    private static Outcome installed(Call call) {
        call.bx(INSTALLED);
        call.cx(INTERFACES);
        DiskStatus.end(call, DiskStatus.SUCCESS);
        call.ah(VERSION);
        return Outcome.DONE;
    }

    /** AH=45h: counts how often a CD is locked. */
    private static Outcome lock(Call call) {
        int at = DiskArea.LOCKS + call.dl() % DriveTable.MAX_OF_A_KIND;
        int locks = call.data().readByte(at);
        int status = DiskStatus.SUCCESS;
        switch (call.al()) {
            case 0 -> {
                status = locks == MAX_LOCKS ? DiskStatus.TOO_MANY_LOCKS : status;
                locks = Math.min(locks + 1, MAX_LOCKS);
            }
            case 1 -> {
                status = locks == 0 ? DiskStatus.NOT_LOCKED : status;
                locks = Math.max(0, locks - 1);
            }
            case 2 -> { }
            default -> {
                return DiskStatus.end(call, DiskStatus.INVALID);
            }
        }
        call.data().writeByte(at, locks);
        call.al(locks > 0 ? 1 : 0);
        return DiskStatus.end(call, status);
    }

    private static Outcome parameters(Call call, BootDrive drive) {
        int size = call.memory().readWord(call.ds(), call.si());
        if (size < EddParameters.BASE_SIZE) {
            return DiskStatus.end(call, DiskStatus.INVALID);
        }
        int table = EddParameters.NO_TABLE;
        if (drive.attachment() instanceof Attachment.Ata ata) {
            call.data().write(DiskArea.ATA_TABLE, EddParameters.ataTable(ata, drive.translation(),
                    drive.kind() == BootDrive.Kind.CD));
            table = BiosRom.SEGMENT << Short.SIZE | DiskArea.ATA_TABLE - BiosRom.SEGMENT_START;
        }
        byte[] answer = new byte[Math.min(size, EddParameters.LONG_PATH_SIZE)];
        call.memory().read(call.ds(), call.si(), answer, 0, answer.length);
        EddParameters.fill(answer, size, drive, table);
        call.memory().write(call.ds(), call.si(), answer, 0, answer.length);
        return DiskStatus.end(call, DiskStatus.SUCCESS);
    }

    private static Outcome changed(Call call, BootDrive drive) {
        if (drive.kind() == BootDrive.Kind.HARD_DISK) {
            return DiskStatus.end(call, DiskStatus.SUCCESS);
        }
        call.ah(DiskStatus.CHANGED);
        call.carry(true);
        return Outcome.DONE;
    }
}

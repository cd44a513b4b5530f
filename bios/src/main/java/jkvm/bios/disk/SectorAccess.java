package jkvm.bios.disk;

import java.util.Arrays;
import jkvm.bios.BootDisk;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.SegmentedMemory;

/**
 * The functions of INT 13h that move sectors: by cylinder, head and sector, and by number. Called by one vCPU at a
 * time.
 */
final class SectorAccess {
    private static final int MAX_BYTES = 0x10000;
    private static final int MAX_CHS_SECTORS = 128;
    private static final int SECTOR_MASK = 0x3F;
    private static final int HIGH_CYLINDER_MASK = 0xC0;
    private static final int FILL_BYTE = 0xF6;

    private static final int COUNT_OFFSET = 2;
    private static final int BUFFER_OFFSET = 4;
    private static final int NUMBER_OFFSET = 8;

    private final byte[] buffer = new byte[MAX_BYTES];

    /** What is done with sectors. */
    enum Kind {
        READ, WRITE, VERIFY, FORMAT, SEEK
    }

    /** AH=02h, 03h, 04h: the sectors at CX and DH. */
    Outcome byGeometry(Call call, BootDrive drive, Kind kind) {
        int count = call.al();
        int cylinder = call.ch() | (call.cl() & HIGH_CYLINDER_MASK) << 2;
        int sector = call.cl() & SECTOR_MASK;
        if (count == 0 || count > MAX_CHS_SECTORS || !drive.logical().contains(cylinder, call.dh(), sector)) {
            return DiskStatus.end(call, DiskStatus.INVALID);
        }
        DriveGeometry geometry = drive.logical();
        if (drive.kind() == BootDrive.Kind.FLOPPY && drive.floppy() != null) {
            geometry = mediumOf(drive);
            if (!geometry.contains(cylinder, call.dh(), sector)) {
                call.al(0);
                return DiskStatus.end(call, DiskStatus.CONTROLLER);
            }
        }
        int status = transfer(call, drive, kind, geometry.number(cylinder, call.dh(), sector), count,
                SegmentedMemory.linear(call.es(), call.bx()));
        if (status == DiskStatus.BUSY) {
            return Outcome.AGAIN;
        }
        call.al(status == DiskStatus.SUCCESS ? count : 0);
        return DiskStatus.end(call, status);
    }

    /** The geometry of the disk in a floppy drive. */
    private static DriveGeometry mediumOf(BootDrive drive) {
        return FloppyFormat.ofSize(drive.disk().sectors() * drive.disk().sectorSize()).orElse(drive.floppy())
                .geometry();
    }

    /** AH=05h: fills a track of a floppy disk; a hard disk's tracks are as they are. */
    Outcome format(Call call, BootDrive drive) {
        DriveGeometry geometry = drive.logical();
        int count = call.al();
        if (call.ch() >= geometry.cylinders() || call.dh() >= geometry.heads() || count == 0
                || count > geometry.sectors()) {
            return DiskStatus.end(call, DiskStatus.INVALID);
        }
        if (drive.kind() != BootDrive.Kind.FLOPPY) {
            return DiskStatus.end(call, DiskStatus.SUCCESS);
        }
        int status = transfer(call, drive, Kind.FORMAT, geometry.number(call.ch(), call.dh(), 1), count, 0);
        return status == DiskStatus.BUSY ? Outcome.AGAIN : DiskStatus.end(call, status);
    }

    /** AH=42h, 43h, 44h, 47h: the sectors that the packet at DS:SI names. */
    Outcome byNumber(Call call, BootDrive drive, Kind kind) {
        SegmentedMemory memory = call.memory();
        long number = memory.readLong(call.ds(), call.si() + NUMBER_OFFSET);
        long end = drive.kind() == BootDrive.Kind.HARD_DISK ? drive.disk().sectors() : -1L;
        if (Long.compareUnsigned(number, end) >= 0) {
            return DiskStatus.end(call, DiskStatus.INVALID);
        }
        int count = memory.readWord(call.ds(), call.si() + COUNT_OFFSET);
        if (count == 0) {
            return DiskStatus.end(call, DiskStatus.SUCCESS);
        }
        long address = SegmentedMemory.linear(memory.readWord(call.ds(), call.si() + BUFFER_OFFSET + Short.BYTES),
                memory.readWord(call.ds(), call.si() + BUFFER_OFFSET));
        int status = transfer(call, drive, kind, number, count, address);
        if (status == DiskStatus.BUSY) {
            return Outcome.AGAIN;
        }
        memory.writeWord(call.ds(), call.si() + COUNT_OFFSET, status == DiskStatus.SUCCESS ? count : 0);
        return DiskStatus.end(call, status);
    }

    private int transfer(Call call, BootDrive drive, Kind kind, long number, int count, long address) {
        BootDisk disk = drive.disk();
        int bytes = count * disk.sectorSize();
        boolean isFloppy = drive.floppy() != null;
        if (bytes > MAX_BYTES || isFloppy && kind != Kind.FORMAT && address / MAX_BYTES
                != (address + bytes - 1) / MAX_BYTES) {
            return DiskStatus.BOUNDARY;
        }
        BootDisk.Status status = switch (kind) {
            case READ -> disk.read(number, count, buffer);
            case WRITE -> {
                call.memory().physical().read(address, buffer, 0, bytes);
                yield disk.write(number, count, buffer);
            }
            case FORMAT -> {
                Arrays.fill(buffer, 0, bytes, (byte) FILL_BYTE);
                yield disk.write(number, count, buffer);
            }
            case VERIFY, SEEK -> BootDisk.Status.DONE;
        };
        if (status == BootDisk.Status.DONE && kind == Kind.READ) {
            call.memory().physical().write(address, buffer, 0, bytes);
        }
        return switch (status) {
            case DONE -> DiskStatus.SUCCESS;
            case BUSY -> DiskStatus.BUSY;
            case READ_ONLY -> DiskStatus.WRITE_PROTECTED;
            case ERROR, OUT_OF_RANGE, NO_MEDIUM -> isFloppy ? DiskStatus.CONTROLLER : DiskStatus.BAD_TRACK;
        };
    }
}

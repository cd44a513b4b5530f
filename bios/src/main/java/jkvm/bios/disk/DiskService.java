package jkvm.bios.disk;

import java.util.Arrays;
import jkvm.bios.BiosData;
import jkvm.bios.BiosRom;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.Service;

/**
 * INT 13h, and INT 40h for floppy disks: the answers of SeaBIOS, by function and drive. The drives are numbered in boot
 * order; while a CD's image is emulated, it has the first number of its kind, and the real drives have the next ones.
 * The disks are the machine's own images: data that INT 13h writes is there for the guest's own driver, and the other
 * way round.
 */
public final class DiskService implements Service {
    /** What the interrupt of the disk's line sets. */
    private static final int INTERRUPT_FLAG = 0x48E;
    private static final int FLOPPY_VECTOR = 0x40;
    private static final int LAST_OLD_FUNCTION = 0x16;
    private static final int EMULATION_FUNCTION = 0x4B;

    private static final int PARAMETERS_OFFSET = 0xEFC7;
    private static final int MAX_FLOPPIES = 2;
    private static final int HIGH_CYLINDER_MASK = 0xC0;
    private static final int WITH_CHANGE_LINE = 1;
    private static final int FIXED_DISK = 3;
    private static final int NO_FORMAT = 0x0C;
    private static final int MAX_FLOPPY_TYPE = 5;

    private final BootOptions options;
    private final ExtendedDisk extended;
    private final SectorAccess sectors = new SectorAccess();
    /** The sequence of the state that {@link #known} has: it changes before the boot only. */
    private volatile BootSequence sequence;
    private volatile byte[] known = new byte[0];

    /** @param options which drives there are, and their order */
    public DiskService(BootOptions options) {
        this.options = options;
        extended = new ExtendedDisk(sectors);
    }

    private DriveTable drives(BiosData data) {
        byte[] state = new byte[DiskArea.ATTEMPT - DiskArea.ORDER + RomEntries.AREA_SIZE];
        for (int i = 0; i < state.length; i++) {
            boolean isOrder = i < DiskArea.ATTEMPT - DiskArea.ORDER;
            state[i] = (byte) data.readByte(isOrder ? DiskArea.ORDER + i
                    : DiskArea.ROM_COUNT + i - (DiskArea.ATTEMPT - DiskArea.ORDER));
        }
        if (sequence == null || !Arrays.equals(state, known)) {
            sequence = options.sequence(data);
            known = state;
        }
        return sequence.drives();
    }

    @Override
    public Outcome call(Call call) {
        DriveTable drives = drives(call.data());
        CdEmulation emulation = new CdEmulation(call.data(), drives);
        int number = call.dl();
        if (call.number() != FLOPPY_VECTOR) {
            if (call.ah() == EMULATION_FUNCTION) {
                return describe(call, emulation);
            }
            if (emulation.isActive() && number == emulation.drive()) {
                BootDrive drive = emulation.emulated();
                return drive == null || call.ah() > LAST_OLD_FUNCTION ? DiskStatus.end(call, DiskStatus.INVALID)
                        : serve(call, drive, emulation, drives);
            }
            number = emulation.shifts(number) ? number - 1 : number;
        }
        BootDrive drive = drives.drive(number);
        if (drive == null) {
            return DiskStatus.end(call, DiskStatus.INVALID);
        }
        return drive.kind() == BootDrive.Kind.FLOPPY ? serveFloppy(call, drive, emulation, drives)
                : serve(call, drive, emulation, drives);
    }

    /** AH=4Bh: tells of a CD's boot image; with AL=0 its emulation ends. */
    private static Outcome describe(Call call, CdEmulation emulation) {
        byte[] packet = emulation.packet();
        call.memory().write(call.ds(), call.si(), packet, 0, packet.length);
        if (call.al() == 0) {
            emulation.end();
        }
        return DiskStatus.end(call, DiskStatus.SUCCESS);
    }

    /** Floppy drives know the older functions only, and two of their own. */
    private Outcome serveFloppy(Call call, BootDrive drive, CdEmulation emulation, DriveTable drives) {
        return switch (call.ah()) {
            case 0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x08, 0x15 -> serve(call, drive, emulation, drives);
            case 0x16 -> DiskStatus.end(call, DiskStatus.CHANGED);
            case 0x17 -> DiskStatus.end(call, call.al() >= 1 && call.al() <= MAX_FLOPPY_TYPE ? DiskStatus.SUCCESS
                    : DiskStatus.INVALID);
            case 0x18 -> chooseFormat(call, drive);
            default -> DiskStatus.end(call, DiskStatus.INVALID);
        };
    }

    /** AH=18h: the parameters for formatting a disk with so many tracks and sectors. */
    private static Outcome chooseFormat(Call call, BootDrive drive) {
        DriveGeometry geometry = drive.logical();
        if (call.ch() != geometry.cylinders() - 1 || (call.cl() & ~HIGH_CYLINDER_MASK) != geometry.sectors()) {
            return DiskStatus.end(call, NO_FORMAT);
        }
        pointToParameters(call);
        return DiskStatus.end(call, DiskStatus.SUCCESS);
    }

    private static void pointToParameters(Call call) {
        call.es(BiosRom.SEGMENT);
        call.di(PARAMETERS_OFFSET);
    }

    private Outcome serve(Call call, BootDrive drive, CdEmulation emulation, DriveTable drives) {
        call.data().writeByte(INTERRUPT_FLAG, 0);
        return switch (call.ah()) {
            case 0x01 -> lastStatus(call);
            case 0x02 -> sectors.byGeometry(call, drive, SectorAccess.Kind.READ);
            case 0x03 -> sectors.byGeometry(call, drive, SectorAccess.Kind.WRITE);
            case 0x04 -> sectors.byGeometry(call, drive, SectorAccess.Kind.VERIFY);
            case 0x05 -> sectors.format(call, drive);
            case 0x08 -> parameters(call, drive, emulation, drives);
            case 0x00, 0x09, 0x0C, 0x0D, 0x10, 0x11, 0x14 -> DiskStatus.end(call, DiskStatus.SUCCESS);
            case 0x15 -> kind(call, drive);
            case 0x16 -> DiskStatus.end(call, drive.kind() == BootDrive.Kind.FLOPPY ? DiskStatus.CHANGED
                    : DiskStatus.INVALID);
            default -> extended.call(call, drive);
        };
    }

    private static Outcome lastStatus(Call call) {
        int status = call.data().readByte(call.dl() < DriveTable.FIRST_HARD_DISK ? BiosData.FLOPPY_STATUS
                : BiosData.DISK_STATUS);
        call.ah(status);
        call.carry(status != DiskStatus.SUCCESS);
        return Outcome.DONE;
    }

    /** AH=08h: geometry, and how many drives of the kind there are. A hard disk's last cylinder is kept back. */
    private static Outcome parameters(Call call, BootDrive drive, CdEmulation emulation, DriveTable drives) {
        int number = call.dl();
        if (number >= DriveTable.FIRST_CD) {
            return DiskStatus.end(call, DiskStatus.INVALID);
        }
        boolean isFloppy = number < DriveTable.FIRST_HARD_DISK;
        int count = isFloppy ? drives.floppies().size() : call.data().readByte(BiosData.DISK_COUNT);
        if (isFloppy) {
            call.bx(drive.floppy() == null ? emulation.floppyNumber() : drive.floppy().number());
            pointToParameters(call);
        }
        if (emulation.isActive() && ((emulation.drive() ^ number) & DriveTable.FIRST_HARD_DISK) == 0) {
            count++;
        }
        int last = Math.max(0, drive.logical().cylinders() - (isFloppy ? 1 : 2));
        call.al(0);
        call.ch(last);
        call.cl(last >> 2 & HIGH_CYLINDER_MASK | drive.logical().sectors() & ~HIGH_CYLINDER_MASK);
        call.dh(drive.logical().heads() - 1);
        DiskStatus.end(call, DiskStatus.SUCCESS);
        call.dl(isFloppy ? Math.min(count, MAX_FLOPPIES) : count);
        return Outcome.DONE;
    }

    /** AH=15h: what the drive is, and a hard disk's size. */
    private static Outcome kind(Call call, BootDrive drive) {
        DiskStatus.end(call, DiskStatus.SUCCESS);
        if (call.dl() < DriveTable.FIRST_HARD_DISK || call.dl() >= DriveTable.FIRST_CD) {
            call.ah(WITH_CHANGE_LINE);
            return Outcome.DONE;
        }
        DriveGeometry geometry = drive.logical();
        int total = (geometry.cylinders() - 1) * geometry.heads() * geometry.sectors();
        call.cx(total >>> Short.SIZE);
        call.dx(total);
        call.ah(FIXED_DISK);
        return Outcome.DONE;
    }
}

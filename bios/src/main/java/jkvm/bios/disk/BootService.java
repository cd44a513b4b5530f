package jkvm.bios.disk;

import jkvm.bios.BiosData;
import jkvm.bios.BiosRom;
import jkvm.bios.BootDisk;
import jkvm.bios.Call;
import jkvm.bios.Outcome;
import jkvm.bios.SegmentedMemory;
import jkvm.bios.Service;
import jkvm.tables.MemoryMap;

/**
 * INT 19h, which boots, and INT 18h, by which whatever was booted gives up and the next attempt begins. A boot sector
 * gets the registers that SeaBIOS gives it: AX AA55h, DL the drive, all others zero, CS:IP 0000:7C00. The texts are
 * SeaBIOS's too.
 */
public final class BootService implements Service {
    private static final int BOOT_SEGMENT = 0x07C0;
    private static final int SECTOR_SIZE = 512;
    private static final int SIGNATURE_OFFSET = 510;
    private static final int SIGNATURE = 0xAA55;
    private static final int BOOT_MAGIC = 0xAA55;
    private static final int PARTITION_END_OFFSET = 0x1BE + 5;
    private static final int BOOT_FAILURE = 0x18;
    private static final int RESET_OFFSET = 0xFFF0;
    private static final int OFFSET_BITS = 0xFFF;
    private static final int SEGMENT_BITS = 0xF000;

    private final BootOptions options;

    /** The steps of an attempt; their order is part of a saved state. */
    private enum Step {
        BEGIN, READ_SECTOR, CHECK_SECTOR, READ_RECORD, READ_CATALOG, READ_IMAGE, START_ROM, NOT_READABLE, NOT_BOOTABLE,
        NO_CD, FAILED, NO_MORE, WAIT, REBOOT
    }

    private static final Step[] STEPS = Step.values();

    /** @param options what to boot from */
    public BootService(BootOptions options) {
        this.options = options;
    }

    @Override
    public Outcome call(Call call) {
        BiosData data = call.data();
        if (!call.isRepeated()) {
            boolean isNext = call.number() == BOOT_FAILURE;
            data.writeByte(DiskArea.ATTEMPT, isNext ? Math.min(data.readByte(DiskArea.ATTEMPT) + 1, 0xFF) : 0);
            data.writeWord(DiskArea.SHOWN, 0);
            next(call, Step.BEGIN);
        }
        Outcome outcome;
        do {
            outcome = step(call);
        } while (outcome == null);
        return outcome;
    }

    private static Step current(BiosData data) {
        return STEPS[data.readByte(DiskArea.STEP) % STEPS.length];
    }

    private static Outcome next(Call call, Step step) {
        call.data().writeByte(DiskArea.STEP, step.ordinal());
        return null;
    }

    /** Does a step. Null if the next one follows at once. */
    private Outcome step(Call call) {
        return switch (current(call.data())) {
            case BEGIN -> begin(call);
            case READ_SECTOR -> {
                next(call, Step.CHECK_SECTOR);
                yield GuestCalls.readBootSector(call, driveOf(attempt(call)), BOOT_SEGMENT);
            }
            case CHECK_SECTOR -> checkSector(call);
            case READ_RECORD -> readRecord(call);
            case READ_CATALOG -> readCatalog(call);
            case READ_IMAGE -> readImage(call);
            case START_ROM -> startRom(call);
            case NOT_READABLE -> show(call, "Boot failed: could not read the boot disk\n\n", Step.FAILED);
            case NOT_BOOTABLE -> show(call, "Boot failed: not a bootable disk\n\n", Step.FAILED);
            case NO_CD -> show(call, "Boot failed: Could not read from CDROM (code %04x)\n".formatted(
                    call.data().readByte(DiskArea.PROBLEM)), Step.FAILED);
            case FAILED -> GuestCalls.bootFailure(call);
            case NO_MORE -> noMore(call);
            case WAIT -> GuestCalls.isWaiting(call) || options.retryMillis() < 0 ? Outcome.AGAIN
                    : show(call, "Rebooting.\n", Step.REBOOT);
            case REBOOT -> {
                call.returnTo(BiosRom.SEGMENT, RESET_OFFSET);
                yield Outcome.DONE;
            }
        };
    }

    private BootSequence.Attempt attempt(Call call) {
        return options.sequence(call.data()).attempt(call.data().readByte(DiskArea.ATTEMPT));
    }

    private static Outcome show(Call call, String message, Step after) {
        Outcome outcome = GuestCalls.show(call, message);
        return outcome == null ? next(call, after) : outcome;
    }

    private Outcome begin(Call call) {
        return switch (attempt(call)) {
            case BootSequence.FromFloppy _ -> show(call, "Booting from Floppy...\n", Step.READ_SECTOR);
            case BootSequence.FromHardDisk _ -> show(call, "Booting from Hard Disk...\n", Step.READ_SECTOR);
            case BootSequence.FromCd _ -> show(call, "Booting from DVD/CD...\n", Step.READ_RECORD);
            case BootSequence.FromRom _ -> show(call, "Booting from ROM...\n", Step.START_ROM);
            case BootSequence.NoMore _ -> next(call, Step.NO_MORE);
        };
    }

    private static int driveOf(BootSequence.Attempt attempt) {
        return attempt instanceof BootSequence.FromHardDisk ? DriveTable.FIRST_HARD_DISK : 0;
    }

    private Outcome checkSector(Call call) {
        if (call.carry()) {
            return next(call, Step.NOT_READABLE);
        }
        if (call.memory().readWord(BOOT_SEGMENT, SIGNATURE_OFFSET) != SIGNATURE) {
            return next(call, Step.NOT_BOOTABLE);
        }
        return start(call, BOOT_SEGMENT, driveOf(attempt(call)));
    }

    private BootDisk cd(Call call) {
        BootSequence sequence = options.sequence(call.data());
        return sequence.attempt(call.data().readByte(DiskArea.ATTEMPT)) instanceof BootSequence.FromCd from
                ? sequence.drives().cds().get(from.index()).disk() : null;
    }

    private Outcome refuse(Call call, BootCatalog.Problem problem) {
        call.data().writeByte(DiskArea.PROBLEM, problem.code());
        return next(call, Step.NO_CD);
    }

    private Outcome readRecord(Call call) {
        BootDisk cd = cd(call);
        byte[] block = new byte[BootCatalog.BLOCK_SIZE];
        BootDisk.Status status = cd == null ? BootDisk.Status.NO_MEDIUM : cd.read(BootCatalog.RECORD_BLOCK, 1, block);
        if (status == BootDisk.Status.BUSY) {
            return Outcome.AGAIN;
        }
        BootCatalog.Problem problem = status == BootDisk.Status.DONE ? BootCatalog.problem(block)
                : BootCatalog.Problem.NO_RECORD;
        if (problem != null) {
            return refuse(call, problem);
        }
        call.data().writeInt(DiskArea.BLOCK, (int) BootCatalog.catalogBlock(block));
        return next(call, Step.READ_CATALOG);
    }

    private Outcome readCatalog(Call call) {
        BootDisk cd = cd(call);
        byte[] block = new byte[BootCatalog.BLOCK_SIZE];
        BootDisk.Status status = cd == null ? BootDisk.Status.NO_MEDIUM
                : cd.read(Integer.toUnsignedLong(call.data().readInt(DiskArea.BLOCK)), 1, block);
        if (status == BootDisk.Status.BUSY) {
            return Outcome.AGAIN;
        }
        if (status != BootDisk.Status.DONE) {
            return refuse(call, BootCatalog.Problem.NO_CATALOG);
        }
        return switch (BootCatalog.entry(block)) {
            case BootCatalog.Refused refused -> refuse(call, refused.problem());
            case BootCatalog.Entry entry -> {
                CdEmulation.propose(call.data(), entry);
                yield next(call, Step.READ_IMAGE);
            }
        };
    }

    private Outcome readImage(Call call) {
        BootDisk cd = cd(call);
        BootCatalog.Entry entry = CdEmulation.proposed(call.data());
        long address = SegmentedMemory.linear(entry.segment(), 0);
        int blocks = (entry.sectors() * SECTOR_SIZE + BootCatalog.BLOCK_SIZE - 1) / BootCatalog.BLOCK_SIZE;
        if (cd == null || address + (long) blocks * BootCatalog.BLOCK_SIZE > MemoryMap.EBDA_START) {
            return refuse(call, BootCatalog.Problem.NO_IMAGE);
        }
        byte[] image = new byte[blocks * BootCatalog.BLOCK_SIZE];
        BootDisk.Status status = blocks == 0 ? BootDisk.Status.DONE : cd.read(entry.block(), blocks, image);
        if (status == BootDisk.Status.BUSY) {
            return Outcome.AGAIN;
        }
        if (status != BootDisk.Status.DONE) {
            return refuse(call, BootCatalog.Problem.NO_IMAGE);
        }
        call.memory().physical().write(address, image, 0, image.length);
        byte[] partitionEnd = new byte[3];
        call.memory().read(entry.segment(), PARTITION_END_OFFSET, partitionEnd, 0, partitionEnd.length);
        int index = ((BootSequence.FromCd) attempt(call)).index();
        CdEmulation emulation = new CdEmulation(call.data(), options.sequence(call.data()).drives());
        emulation.start(entry, index, partitionEnd);
        return start(call, entry.segment(), emulation.drive());
    }

    private static Outcome start(Call call, int segment, int drive) {
        clear(call);
        call.eax(BOOT_MAGIC);
        call.edx(drive);
        call.flags(Call.INTERRUPT_BIT);
        call.returnTo(segment & SEGMENT_BITS, (segment & OFFSET_BITS) << 4);
        return Outcome.DONE;
    }

    private static void clear(Call call) {
        call.ebx(0);
        call.ecx(0);
        call.esi(0);
        call.edi(0);
        call.ebp(0);
        call.ds(0);
        call.es(0);
        call.fs(0);
        call.gs(0);
    }

    /** Code of a ROM that returns has failed to boot. */
    private Outcome startRom(Call call) {
        next(call, Step.FAILED);
        if (!(attempt(call) instanceof BootSequence.FromRom from)) {
            return null;
        }
        clear(call);
        Outcome outcome = GuestCalls.rom(call, from.rom().segment(), from.rom().entry(), BOOT_MAGIC);
        call.edx(0);
        return outcome;
    }

    private Outcome noMore(Call call) {
        Outcome outcome = GuestCalls.show(call, options.retryMillis() < 0 ? "No bootable device.\n"
                : "No bootable device.  Retrying in %d seconds.\n".formatted(options.retryMillis() / 1000));
        if (outcome == null) {
            GuestCalls.wait(call, Math.max(0, options.retryMillis()));
            return next(call, Step.WAIT);
        }
        return outcome;
    }
}

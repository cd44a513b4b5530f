package jkvm.bios.disk;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * What a machine tries to boot from, in order, and the numbers that its drives have therefore: SeaBIOS's rules. Of all
 * hard disks only the first is tried, and so is the first floppy drive; each CD and each ROM is. Immutable.
 */
final class BootSequence {
    /** Of those that the user has not named. */
    private static final int LAST_PRIORITY = 9999;
    private static final int FIRST_OF_A_KIND = 101;
    private static final int KINDS_IN_ORDER = 3;
    private static final int KIND_BITS = 4;
    private static final int FLOPPY = 1;
    private static final int HARD_DISK = 2;
    private static final int CD = 3;
    private static final int NETWORK = 4;
    private static final int NO_PRIORITY = -1;

    private final List<BootEntry> entries;
    private final List<Attempt> attempts;
    private final DriveTable drives;

    /** One attempt to boot. */
    sealed interface Attempt {
    }

    /** From drive 00h. */
    record FromFloppy() implements Attempt {
    }

    /** From drive 80h. */
    record FromHardDisk() implements Attempt {
    }

    /** @param index the CD's */
    record FromCd(int index) implements Attempt {
    }

    /** By code of a ROM. */
    record FromRom(BootEntry.Rom rom) implements Attempt {
    }

    /** Not at all. */
    record NoMore() implements Attempt {
    }

    /**
     * Sorts.
     *
     * @param drives       in the order in which those of one kind are tried
     * @param haltPriority after which nothing is tried; negative if everything is
     * @param roms         the entries of ROMs, in the order in which they were found
     * @param order        three numbers of four bits: 1 for floppy disks, 2 for hard disks, 3 for CDs, 4 for networks
     * @param choice       the entry that comes first all the same, from 1; 0 for none
     */
    BootSequence(List<BootDrive> drives, int haltPriority, List<BootEntry.Rom> roms, int order, int choice) {
        entries = sorted(drives, haltPriority, roms, order);
        if (choice > 0 && choice <= entries.size()) {
            entries.addFirst(entries.remove(choice - 1));
        }
        this.drives = new DriveTable(entries.stream().filter(BootEntry.Drive.class::isInstance)
                .map(entry -> ((BootEntry.Drive) entry).drive()).toList());
        attempts = attempts();
    }

    private static List<BootEntry> sorted(List<BootDrive> drives, int haltPriority, List<BootEntry.Rom> roms,
            int order) {
        List<BootEntry> entries = new ArrayList<>();
        for (BootDrive drive : drives) {
            int kind = switch (drive.kind()) {
                case FLOPPY -> FLOPPY;
                case HARD_DISK -> HARD_DISK;
                case CD -> CD;
            };
            entries.add(new BootEntry.Drive(drive, orElse(drive.priority(), priority(order, kind))));
        }
        int network = priority(order, NETWORK);
        for (BootEntry.Rom rom : roms) {
            int priority = orElse(rom.priority(), rom.boots() ? network : priority(order, HARD_DISK));
            entries.add(new BootEntry.Rom(rom.boots(), rom.segment(), rom.entry(), rom.name(), priority));
            // The order means the first card; the others come last.
            network = rom.boots() ? LAST_PRIORITY : network;
        }
        if (haltPriority > NO_PRIORITY) {
            entries.add(new BootEntry.Halt(haltPriority));
        }
        entries.sort(Comparator.comparingInt(BootEntry::priority).thenComparingInt(BootEntry::rank));
        return entries;
    }

    private static int orElse(int priority, int usual) {
        return priority > NO_PRIORITY ? priority : usual;
    }

    private static int priority(int order, int kind) {
        for (int i = 0; i < KINDS_IN_ORDER; i++) {
            if ((order >> i * KIND_BITS & (1 << KIND_BITS) - 1) == kind) {
                return FIRST_OF_A_KIND + i;
            }
        }
        return LAST_PRIORITY;
    }

    private List<Attempt> attempts() {
        List<Attempt> list = new ArrayList<>();
        int cd = 0;
        for (BootEntry entry : entries) {
            Attempt attempt = switch (entry) {
                case BootEntry.Halt _ -> new NoMore();
                case BootEntry.Rom rom -> rom.boots() ? new FromRom(rom) : new FromHardDisk();
                case BootEntry.Drive drive -> switch (drive.drive().kind()) {
                    case FLOPPY -> new FromFloppy();
                    case HARD_DISK -> new FromHardDisk();
                    case CD -> new FromCd(cd++);
                };
            };
            addOnce(list, attempt);
        }
        addOnce(list, new FromFloppy());
        addOnce(list, new FromHardDisk());
        return list;
    }

    private static void addOnce(List<Attempt> list, Attempt attempt) {
        if (!list.contains(attempt)) {
            list.add(attempt);
        }
    }

    /** As the boot menu lists them; the last may be a {@link BootEntry.Halt}. */
    List<BootEntry> entries() {
        return entries;
    }

    /** The attempt of a number; {@link NoMore} after the last one. */
    Attempt attempt(int number) {
        return number < attempts.size() ? attempts.get(number) : new NoMore();
    }

    /** The drives by number. */
    DriveTable drives() {
        return drives;
    }
}
